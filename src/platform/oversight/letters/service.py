"""Verbs of letters: the city sends, withdraws, asks once more, closes; the school prepares and answers."""

from datetime import date
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents.evidence import proposals
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.oversight import views
from src.platform.oversight.errors import SchoolSuspendedError
from src.platform.oversight.letters import repository, states
from src.platform.oversight.models import Letter, LetterText
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

READ, WRITE, ANSWER, PREPARE = "letter.read", "letter.write", "letter.answer", "letter.prepare"
OWN_TEXT, DRAFT = "city_letter_text.own_text", "city_letter_draft.content"
LONGEST_TERM = 60
"""Days; what may wait longer is no question of the day [D]."""


async def write(
    unit: Unit,
    *,
    school: UUID,
    subject: str,
    text: str,
    month: int | None = None,
    answer_by: date | None = None,
    read: bool = False,
) -> UUID:
    """Write to one school. Raises SchoolSuspendedError, and Invalid for what nobody read for names of children."""
    access.require(unit, WRITE)
    to = next((one for one in await tenants.organisations(unit, [tenants.SCHOOL]) if one.id == school), None)
    day = answer_by or await default_day(unit)
    complaints = [*_unread(read), *await _wrong_day(unit, day), *_wrong_month(month)]
    if to is None:
        complaints.append(FieldError("school", "not_an_option", N_("Choose one of the answers")))
    if complaints or to is None:
        raise Invalid(fields=complaints)
    if to.status != "active":
        raise SchoolSuspendedError
    letter = Letter(
        tenant_id=unit.tenant_id,
        id=new_id(),
        peer_tenant_id=school,
        subject=subject,
        month=month,
        answer_by=day,
        state="sent",
        sent_at=clock.now(),
        version=1,
    )
    unit.session.add(letter)
    await unit.session.flush()  # a text is refused where there is no letter
    await _say(unit, letter, "letter", WRITE, text)
    await outbox.emit(unit, "oversight.letter_received", {"letter": letter.id}, target_tenant=school)
    audit.record(unit, "letter.sent", "letter", [letter.id])
    return letter.id


async def withdraw(unit: Unit, letter_id: UUID, version: int) -> None:
    """Take a letter back before it is answered; the school's copy is destroyed. It cannot be sent again."""
    letter, after = await _for_verb(unit, letter_id, WRITE, "withdraw")
    await _write(unit, letter, version, state=after)
    await repository.destroy(unit, letter_id)
    await outbox.emit(unit, "oversight.letter_over", {"letter": letter_id}, target_tenant=letter.peer_tenant_id)
    audit.record(unit, "letter.withdrawn", "letter", [letter_id])


async def ask(
    unit: Unit, letter_id: UUID, version: int, *, text: str, answer_by: date | None = None, read: bool = False
) -> None:
    """Ask once more, until a new day."""
    letter, after = await _for_verb(unit, letter_id, WRITE, "ask")
    day = answer_by or await default_day(unit)
    if complaints := [*_unread(read), *await _wrong_day(unit, day)]:
        raise Invalid(fields=complaints)
    await _write(unit, letter, version, state=after, answer_by=day)
    await _say(unit, letter, "letter", WRITE, text)
    await outbox.emit(unit, "oversight.letter_received", {"letter": letter_id}, target_tenant=letter.peer_tenant_id)
    audit.record(unit, "letter.asked_again", "letter", [letter_id])


async def close(unit: Unit, letter_id: UUID, version: int) -> None:
    """Nothing more is asked."""
    letter, after = await _for_verb(unit, letter_id, WRITE, "close")
    await _write(unit, letter, version, state=after)
    await outbox.emit(unit, "oversight.letter_over", {"letter": letter_id}, target_tenant=letter.peer_tenant_id)
    audit.record(unit, "letter.closed", "letter", [letter_id])


async def answer(unit: Unit, letter_id: UUID, version: int, *, text: str, read: bool = False) -> None:
    """Answer for the school. Raises Invalid for a text that nobody read, or in which a word may be a name (R-071)."""
    letter, after = await _for_verb(unit, letter_id, ANSWER, "answer")
    if complaints := [*_unread(read), *await proposals.names_in(unit, text, "text")]:
        raise Invalid(fields=complaints)
    await _write(unit, letter, version, state=after)
    await _say(unit, letter, "answer", ANSWER, text)
    await outbox.emit(unit, "oversight.letter_answered", {"letter": letter_id}, target_tenant=letter.tenant_id)
    audit.record(unit, "letter.answered", "letter", [letter_id])


async def prepare(unit: Unit, letter_id: UUID, *, text: str) -> None:
    """Write an answer down for the one who answers; it stays in the school."""
    letter, _after = await _for_verb(unit, letter_id, PREPARE, "answer")
    draft_id = new_id()
    sealed = await vault.seal_text(unit, text, DRAFT, draft_id)
    await repository.keep_draft(unit, letter.id, draft_id, sealed, unit.me.membership_id, clock.now())
    audit.record(unit, "letter.prepared", "letter", [letter_id])


async def default_day(unit: Unit) -> date:
    """Until when the city asks unless it chooses a day: so many working days (a setting of its own)."""
    working = await workdays.calendar(unit)  # brings the settings along
    days: int = await tenants.setting(unit, "letter_answer_working_days")
    return working.add_working(clock.local_date(clock.now()), days)


async def _for_verb(unit: Unit, letter_id: UUID, permission: str, event: str) -> tuple[Letter, str]:
    access.require(unit, permission)
    letter = await repository.locked(unit, letter_id)
    if letter is None:
        raise NotFound
    return letter, states.advance(letter.state, event)


async def _say(unit: Unit, letter: Letter, kind: str, permission: str, text: str) -> None:
    """One text, sealed for both sides apart (ADR 1); signed by the function that lets somebody write it."""
    other = letter.peer_tenant_id if kind == "letter" else letter.tenant_id
    reader = await tenants.organisation(unit, other)
    text_id = new_id()
    unit.session.add(
        LetterText(
            tenant_id=unit.tenant_id,
            id=text_id,
            peer_tenant_id=other,
            letter_id=letter.id,
            kind=kind,
            signed_as=min(unit.me.roles & access.holders(permission)),
            at=clock.now(),
            own_text=await vault.seal_text(unit, text, OWN_TEXT, text_id),
            peer_text=vault.seal_slice(reader.recipient_key, text.encode(), text_id),
        )
    )


def _unread(read: bool) -> list[FieldError]:  # a tick
    message = N_("Confirm that you have read the text and that it names no child")
    return [] if read else [FieldError("read", "not_read", message)]


async def _wrong_day(unit: Unit, day: date) -> list[FieldError]:
    today = clock.local_date(clock.now())
    if not today < day <= calendar.add_days(today, LONGEST_TERM):
        message = N_("Choose a day after today, at most %(days)s days away")
        return [FieldError("answer_by", "out_of_range", message, (("days", LONGEST_TERM),))]
    if not (await workdays.calendar(unit)).is_working(day):
        return [FieldError("answer_by", "not_a_working_day", N_("Choose a working day"))]
    return []


def _wrong_month(month: int | None) -> list[FieldError]:
    if month is None or month in views.months_until(calendar.month_of(clock.local_date(clock.now()))):
        return []
    return [FieldError("month", "not_an_option", N_("Choose one of the answers"))]


async def _write(unit: Unit, letter: Letter, version: int, **changes: object) -> None:
    if not await repository.write(unit, letter, version, **changes):
        raise StaleVersion
