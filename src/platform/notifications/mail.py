"""Writing e-mails and giving them to the mail server; the line is encrypted and its end is verified (ADR 19)."""

import asyncio
import ssl
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import UUID

import aiosmtplib

from src.platform.kit import clock
from src.platform.kit.i18n import N_, gettext_in
from src.platform.kit.settings import settings
from src.platform.notifications.errors import AddressRefusedError

SUBJECT = N_("Qorgan: something is waiting for you")
CODE_SUBJECT = N_("Qorgan: confirm your e-mail address")
BODY = N_("What it is stands in Qorgan only, for you to read after signing in. When e-mail comes, you choose here:")
MORE = N_("More is waiting on the page of your messages:")
CODE_BODY = N_("Somebody, most likely you, gave this address in Qorgan. To confirm it, type this code there:")
CODE_END = N_("It works for an hour. If it was not you, do nothing: without the code nothing is ever sent here.")
_MOST_LINES = 20
_SECONDS = 20  # less than the lease of an outbox row: nobody else sends the same meanwhile
_PERMANENT, _MAILBOX_FULL = 500, 552
_POLICY = "5.7."
"""Refusals for reasons of policy are about us, not about the address."""


def is_on() -> bool:
    """Whether this region sends e-mail."""
    return bool(settings().smtp_host)


def is_address(text: str) -> bool:
    """Whether this can be written to: one plain address, with a domain that has a dot."""
    try:
        parsed = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    return text.isascii() and str(parsed) == text and "." in parsed.domain and " " not in text


def told(language: str, messages: Sequence[tuple[UUID, str]]) -> tuple[str, str]:
    """Subject and body for messages, each an id and the words of its kind: nothing else goes out (R-059, R-074)."""
    home = f"{settings().public_url}/messages"
    parts = [f"{gettext_in(language, words)}:\n{home}/{message_id}" for message_id, words in messages[:_MOST_LINES]]
    if len(messages) > _MOST_LINES:
        parts.append(f"{gettext_in(language, MORE)}\n{home}")
    return gettext_in(language, SUBJECT), "\n\n".join([*parts, f"{gettext_in(language, BODY)}\n{home}/settings"])


def asking(language: str, code: str) -> tuple[str, str]:
    """Subject and body that bring a code to an address."""
    parts = (gettext_in(language, CODE_BODY), code, gettext_in(language, CODE_END))
    return gettext_in(language, CODE_SUBJECT), "\n\n".join(parts)


async def deliver(job: UUID, address: str, written: tuple[str, str]) -> None:
    """Give one e-mail to the server, under the id of the outbox row: a second copy is the same message (decisions 26).

    Raises AddressRefusedError where the server will never take it for this address; whatever else it raises is tried
    again by the rules of the outbox.
    """
    own = settings()
    domain = parseaddr(own.mail_from)[1].rpartition("@")[2]
    mail = EmailMessage()
    mail["Message-ID"] = f"<{job}@{domain}>"
    mail["Date"] = format_datetime(clock.now())
    mail["From"], mail["To"], mail["Subject"] = own.mail_from, address, written[0]
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(written[1])
    try:
        async with asyncio.timeout(_SECONDS):
            await aiosmtplib.send(
                mail,
                hostname=own.smtp_host,
                port=own.smtp_port,
                local_hostname=domain,
                username=own.smtp_user or None,
                password=_password(),
                use_tls=own.smtp_tls == "tls",
                start_tls=own.smtp_tls == "starttls",
                tls_context=_verified() if own.smtp_tls != "none" else None,
            )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        (one,) = refused.recipients
        if one.code < _PERMANENT or one.message.startswith(_POLICY):
            raise
        raise AddressRefusedError(one.code) from None  # its text may quote anything
    except aiosmtplib.SMTPDataError as refused:
        if refused.code != _MAILBOX_FULL:
            raise
        raise AddressRefusedError(refused.code) from None


def _verified() -> ssl.SSLContext:
    """Trusts the system's certificates, or exactly those of a file."""
    return ssl.create_default_context(cafile=settings().smtp_ca_file)


def _password() -> str | None:
    file = settings().smtp_password_file
    return file.read_text().strip() if file else None
