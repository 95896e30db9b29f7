"""What crosses between the city and a school: ids only, run in the receiver's context (decisions 8)."""

from datetime import date, time
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.outbox.service import Argument
from src.platform.oversight.letters import readers, repository, states
from src.platform.oversight.models import Letter
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

_MORNING = time(9)


@actor("oversight.letter_received")
async def received(unit: Unit, letter: UUID) -> None:
    """In the school: the city asks something, for the first time or once more. A reminder a working day before."""
    row = await repository.plain(unit, letter)
    if row is None or row.state not in states.WAITING:
        return
    await readers.tell(unit, "letter_received", letter)
    working = await workdays.calendar(unit)
    before = working.previous_working(calendar.add_days(row.answer_by, -1))
    args: dict[str, Argument] = {"letter": letter, "day": _number(row.answer_by)}
    await outbox.wake(unit, calendar.at_local(before, _MORNING), "oversight.letter_due", args)
    await outbox.wake(unit, calendar.end_of_day(row.answer_by), "oversight.letter_overdue", args)
    audit.record(unit, "letter.received", "letter", [letter])


@actor("oversight.letter_due")
async def due(unit: Unit, letter: UUID, day: int) -> None:
    """In the school: the day comes near."""
    if await _waits(unit, letter, day):
        await readers.tell(unit, "letter_due", letter)


@actor("oversight.letter_overdue")
async def overdue(unit: Unit, letter: UUID, day: int) -> None:
    """In the school: the day has passed without an answer; the city's page says so too."""
    if await _waits(unit, letter, day):
        await readers.tell(unit, "letter_overdue", letter)
        audit.record(unit, "letter.overdue", "letter", [letter])


@actor("oversight.letter_answered")
async def answered(unit: Unit, letter: UUID) -> None:
    """In the city: a school has answered."""
    await readers.tell(unit, "letter_answered", letter)
    audit.record(unit, "letter.answer_received", "letter", [letter])


@actor("oversight.letter_over")
async def over(unit: Unit, letter: UUID) -> None:
    """In the school: the letter was withdrawn or closed, nothing is owed any more."""
    await readers.tell(unit, "letter_over", letter)
    audit.record(unit, "letter.over", "letter", [letter])


async def _waits(unit: Unit, letter_id: UUID, day: int) -> Letter | None:
    """The letter, if the answer that was wanted by this day is still owed."""
    row = await repository.plain(unit, letter_id)
    return row if row is not None and row.state in states.WAITING and _number(row.answer_by) == day else None


def _number(day: date) -> int:
    return int(f"{day:%Y%m%d}")
