"""The partner comes to the team's meeting every two weeks, and the school records whether it did (R-149).

The clock runs in the school from the acceptance, in two-week steps counted from the step before, never from now; an
absence leaves its step unmet, so two absences running climb the same ladder as two meetings that nobody recorded.
"""

from datetime import date, datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.referrals import partner_repository, readers, repository, service
from src.platform.referrals.errors import AttendanceKnownError, WrongStateError
from src.platform.referrals.models import PartnerAttendance
from src.platform.tenants import service as tenants

CLOCK = "clk_partner_attendance"
_RUNNING = ("open", "amber", "overdue")


async def owe(unit: Unit, referral_id: UUID, starts: datetime) -> None:
    """A step of two weeks begins; the next one opens by itself when it ends. Twice changes nothing (S-50)."""
    referral, note = await repository.plain(unit, referral_id), await repository.about(unit, referral_id)
    if referral is None or note is None or referral.state != "accepted":
        return
    period = clock.local_date(starts).isoformat()
    await deadlines.start(unit, CLOCK, "referral", referral_id, starts, period=period, responsible=note.manager)
    due = next(
        one.due_at for one in await deadlines.of_subject(unit, referral_id) if (one.code, one.period) == (CLOCK, period)
    )
    day = clock.local_date(due)
    args: dict[str, UUID | int] = {"referral": referral_id, "year": day.year, "month": day.month, "day": day.day}
    await outbox.wake(unit, due, "referrals.open_attendance", args)


@actor("referrals.open_attendance")
async def open_attendance(unit: Unit, referral: UUID, year: int, month: int, day: int) -> None:
    """The next two weeks, counted from the end of those before."""
    from_day = date(year, month, day)
    ended = [
        one.due_at
        for one in await deadlines.of_subject(unit, referral)
        if one.code == CLOCK and clock.local_date(one.due_at) == from_day
    ]
    if ended:
        await owe(unit, referral, max(ended))


async def record(unit: Unit, referral_id: UUID, *, met_on: date, attended: bool) -> None:
    """Whether the partner came on a day; the second absence running is told at once.

    Raises NotFound, Forbidden, WrongStateError, AttendanceKnownError, Invalid.
    """
    tied = await service.for_verb(unit, referral_id, "referral.attend")
    referral = tied.referral
    if referral.tenant_id != unit.tenant_id or referral.state != "accepted" or referral.answered_at is None:
        raise WrongStateError
    if not clock.local_date(referral.answered_at) <= met_on <= clock.local_date(clock.now()):
        message = N_("Choose a day since the child was accepted, up to today")
        raise Invalid(fields=[FieldError("met_on", "not_in_service", message)])
    row = {"tenant_id": unit.tenant_id, "id": new_id(), "referral_id": referral_id}
    more = {"met_on": met_on, "attended": attended, "recorded_at": clock.now()}
    if not await partner_repository.add_attendance(unit, {**row, **more}):
        raise AttendanceKnownError
    if attended:
        await _meet(unit, referral_id, met_on)
    elif is_absent_twice(await partner_repository.attendance(unit, referral_id)):
        await _tell(unit, referral_id)
    detail: dict[str, str | int | bool] = {"attended": attended}
    audit.record(unit, "referral.attendance_recorded", "referral", [referral_id], detail=detail)


def is_absent_twice(meetings: list[PartnerAttendance]) -> bool:
    """Whether the last two recorded meetings went by without the partner; `meetings` come the newest first."""
    last = meetings[:2]
    return len(last) > 1 and not any(one.attended for one in last)


async def _meet(unit: Unit, referral_id: UUID, met_on: date) -> None:
    """The step in which the meeting lies is done."""
    steps = [
        one
        for one in await deadlines.of_subject(unit, referral_id)
        if one.code == CLOCK and one.state in _RUNNING and one.period <= met_on.isoformat()
    ]
    if steps:
        await deadlines.meet(unit, CLOCK, referral_id, clock.now(), period=max(one.period for one in steps))


async def _tell(unit: Unit, referral_id: UUID) -> None:
    """Whoever oversees the referrals of the school, and the manager."""
    overseers = access.holders("referral.oversee")
    note = await repository.about(unit, referral_id)
    wanted = [one for one in await tenants.members(unit) if one.roles & overseers]
    free = {one.membership_id for one in await readers.may_read(unit, wanted, referral_id)}
    told = free | ({note.manager} if note else set())
    await notifications.notify(unit, told - {unit.me.membership_id}, "partner_absent", "referral", referral_id)
