"""A real mail server with encryption, a certificate of its own and a list of addresses it refuses."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from src.platform.cli.local.ports import free_port
from src.platform.kit.settings import settings

USER, PASSWORD = "region", "a password of the mail server"


@dataclass
class Letter:
    """What arrived, and for whom."""

    to: str
    mail: EmailMessage

    @property
    def text(self) -> str:
        """The body; there is no other part."""
        assert self.mail.get_content_type() == "text/plain"
        return str(self.mail.get_content()).replace("\r\n", "\n")


@dataclass
class PostOffice:
    """Takes letters from whoever gives the password over an encrypted line."""

    folder: Path
    port: int = field(default_factory=free_port)
    letters: list[Letter] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    after_data: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.certificate = certificate(self.folder, "localhost")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.certificate.with_suffix(".key"))
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=_knows,
        )

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    def environment(self) -> dict[str, str]:
        (self.folder / "password").write_text(PASSWORD + "\n")
        return {
            "QORGAN_SMTP_HOST": "localhost",
            "QORGAN_SMTP_PORT": str(self.port),
            "QORGAN_SMTP_CA_FILE": str(self.certificate),
            "QORGAN_SMTP_USER": USER,
            "QORGAN_SMTP_PASSWORD_FILE": str(self.folder / "password"),
            "QORGAN_MAIL_FROM": "Qorgan <no-reply@qorgan.example>",
        }

    async def handle_RCPT(  # noqa: N802  # the server's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        (address,) = envelope.rcpt_tos
        assert isinstance(envelope.content, bytes)
        self.letters.append(Letter(address, message_from_bytes(envelope.content, policy=policy.default)))
        return self.after_data.get(address, "250 OK")

    def to(self, address: str) -> list[Letter]:
        """What arrived for one address since everything was taken."""
        return [one for one in self.letters if one.to == address]

    def take(self) -> list[Letter]:
        """Everything that arrived since."""
        taken, self.letters = self.letters, []
        return taken


@contextmanager
def working(folder: Path) -> Iterator[PostOffice]:
    """A mail server that the settings name as long as the block runs."""
    office = PostOffice(folder)
    given = office.environment()
    os.environ |= given
    settings.cache_clear()
    office.open()
    yield office
    office.close()
    for name in given:
        del os.environ[name]
    settings.cache_clear()


def certificate(folder: Path, name: str) -> Path:
    """A fresh certificate that signs itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}-{made.serial_number:x}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    file.with_suffix(".key").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return file


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known)
