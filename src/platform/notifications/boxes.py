"""How a member wants e-mail: when it comes, and the address, which is proved before anything is sent to it (ADR 19)."""

import hmac
from datetime import timedelta
from uuid import UUID

import msgspec

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock, codes
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.notifications import mail, repository
from src.platform.notifications.errors import MailForStaffError, MailOffError, TooManyCodesError, WrongMailCodeError
from src.platform.notifications.models import MailBox
from src.platform.notifications.schemas import Choice, Waiting
from src.platform.outbox import service as outbox
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

LIVES = timedelta(hours=1)
"""How long a code is good, in real time."""
MOST_CODES, MOST_TRIES = 3, 5
REFUSED = "address_refused"
"""What the region hears of a refusal."""
_CODE_LENGTH = 8
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Waiting)


async def choose(unit: Unit, choice: Choice) -> None:
    """When my e-mail comes from now on; what waits already comes when it was to come."""
    box = await repository.locked_box(unit, unit.me.membership_id)
    box.mode, box.digest_at = choice.mode, choice.digest_at
    box.quiet_from, box.quiet_to = choice.quiet_from, choice.quiet_to
    audit.record(unit, "mail.choice_made", "membership", [unit.me.membership_id])


async def ask(unit: Unit, address: str) -> None:
    """Mail a code to an address. Raises MailOffError, MailForStaffError, TooManyCodesError, Invalid."""
    if not mail.is_on():
        raise MailOffError
    if await families.holds(unit, unit.me.user_id):
        raise MailForStaffError
    if not mail.is_address(address):
        message = N_("Enter an e-mail address, like %(example)s")
        raise Invalid(fields=[FieldError("address", "not_address", message, (("example", "name@example.kz"),))])
    box = await repository.locked_box(unit, unit.me.membership_id)
    lately = box.asked_at is not None and clock.real_now() - box.asked_at < LIVES
    if lately and box.asked >= MOST_CODES:
        raise TooManyCodesError
    waiting = Waiting(address=address, code=codes.plain(codes.new_code(_CODE_LENGTH)))
    box.waiting = await vault.seal_people(unit, _encoder.encode(waiting), box.id)
    box.asked, box.tries, box.code_refused = box.asked + 1 if lately else 1, 0, None
    box.asked_at = box.asked_at if lately else clock.real_now()
    box.sent_at = clock.real_now()
    await outbox.emit(unit, "notifications.send_code", {"membership": box.id})
    audit.record(unit, "mail.address_given", "membership", [box.id])


async def confirm(unit: Unit, code: str) -> None:
    """The code came: from now on this is the address, in the vault, and what a server refused is forgotten.

    Raises WrongMailCodeError.
    """
    box = await repository.locked_box(unit, unit.me.membership_id)
    waiting = await waiting_in(unit, box)
    box.tries += 1
    if waiting is None or box.tries > MOST_TRIES or not hmac.compare_digest(waiting.code, codes.plain(code)):
        raise WrongMailCodeError
    await vault.keep_address(unit, unit.me.person_id, waiting.address)
    box.confirmed, box.confirmed_at = await fingerprint(unit, waiting.address), clock.now()
    box.waiting, box.refused, box.refused_at = None, None, None
    audit.record(unit, "mail.address_confirmed", "membership", [box.id])


async def forget(unit: Unit) -> None:
    """No e-mail any more: the address leaves the vault."""
    box = await repository.locked_box(unit, unit.me.membership_id)
    if not await families.holds(unit, unit.me.user_id):
        await vault.keep_address(unit, unit.me.person_id, "")
    box.waiting, box.confirmed, box.confirmed_at, box.refused, box.refused_at = None, None, None, None, None
    audit.record(unit, "mail.address_forgotten", "membership", [box.id])


async def note_refusal(unit: Unit, box: MailBox, number: int) -> bool:
    """The server will never take mail for the address: nothing goes there until its owner has proved it again.

    False when another address was proved meanwhile.
    """
    refused, box = box.confirmed, await repository.locked_box(unit, box.id)
    if box.confirmed != refused:
        return False
    box.refused, box.refused_at = number, clock.now()
    audit.record(unit, "mail.address_refused", "membership", [box.id])
    return True


async def addressee(unit: Unit, membership_id: UUID) -> tuple[Member, MailBox, str] | None:
    """Who gets the e-mail of a member, and at which proved address; None where nothing may be sent."""
    if not mail.is_on() or not (found := await tenants.members(unit, [membership_id])):
        return None  # nobody is written to who works here no longer
    box = await repository.box(unit, membership_id)
    if box is None or box.confirmed is None or box.refused is not None:
        return None
    address = await vault.contact_of_staff(unit, found[0].person_id)
    if not is_proved(box, await fingerprint(unit, address)):
        return None  # changed by somebody else since: its owner proves it first
    return found[0], box, address


async def choice_of(unit: Unit, box: MailBox | None) -> Choice:
    """What a member chose, else the organisation's default."""
    if box is None or box.mode is None:
        return msgspec.convert(await tenants.setting(unit, "mail_choice"), Choice)
    chosen = {name: getattr(box, name) for name in ("mode", "digest_at", "quiet_from", "quiet_to")}
    return msgspec.convert(chosen, Choice)


async def waiting_in(unit: Unit, box: MailBox) -> Waiting | None:
    """The address that waits for its code, while the code is good."""
    if box.waiting is None or box.sent_at is None or clock.real_now() - box.sent_at >= LIVES:
        return None
    return _decoder.decode(await vault.open_people(unit, box.waiting, box.id))


def is_proved(box: MailBox, fingerprint: bytes) -> bool:
    """Whether the address with this fingerprint is the one that was confirmed."""
    return box.confirmed is not None and hmac.compare_digest(box.confirmed, fingerprint)


async def fingerprint(unit: Unit, address: str) -> bytes:
    """What the box knows of an address."""
    return await vault.fingerprint(unit, "mail_address", address)
