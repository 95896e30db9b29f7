"""What crosses between school and partner: ids only, run in the receiver's context (decisions 8)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import readers as clock_readers
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.notifications import service as notifications
from src.platform.outbox.actors import actor
from src.platform.referrals import (
    agreement_tasks,
    attendance,
    danger,
    glass,
    help_drafts,
    inbox,
    opening,
    readers,
    referring,
    referring_repository,
    repository,
    service,
)
from src.platform.referrals.log import service as log
from src.platform.referrals.models import WeeklyReport
from src.platform.tenants import service as tenants
from src.platform.workdays.calendar import week_of

ACTORS = agreement_tasks.__name__
"""The actors of agreements, which come along with these."""


@actor("referrals.received")
async def received(unit: Unit, referral: UUID) -> None:
    """At the partner's: a child has been referred; the answer is owed from the moment of sending."""
    row = await repository.plain(unit, referral)
    if row is None or row.state != "sent":
        return
    taker = await inbox.taker(unit, row)
    await deadlines.start(unit, service.ANSWER, "referral", referral, row.sent_at, responsible=taker)
    if taker is None:
        await _tell_partner(unit, referral, "referral_received")
        return
    await referring_repository.set_duty(unit, referral, taker)
    await notifications.notify(unit, [taker], "referral_received", "referral", referral)


@actor("referrals.help_prepared")
async def help_prepared(unit: Unit, incident: UUID) -> None:
    """In the school: Form K waits for somebody to sign it (R-254)."""
    members = [one for one in await tenants.members(unit) if one.roles & help_drafts.may_sign()]
    free = await clock_readers.of(unit, "incident", members, incident)
    await notifications.notify(unit, [one.membership_id for one in free], "help_prepared", "incident", incident)


@actor(glass.TOLD)
async def glass_broken(unit: Unit, referral: UUID) -> None:
    """In the school: the commission has broken the glass of a referral."""
    await glass.told(unit, referral)


@actor("referrals.recalled")
async def recalled(unit: Unit, referral: UUID) -> None:
    """At the partner's: the referral was taken back."""
    await deadlines.cancel(unit, service.ANSWER, referral)
    await _tell_partner(unit, referral, "referral_recalled")


@actor("referrals.answered")
async def answered(unit: Unit, referral: UUID) -> None:
    """In the school: accepted or declined, at the time that the row carries."""
    row, note = await repository.plain(unit, referral), await repository.about(unit, referral)
    if row is None or note is None or row.answered_at is None:
        return
    await deadlines.meet(unit, service.ANSWER, referral, row.answered_at)
    if row.state == "accepted":
        await service.open_week(unit, referral, week_of(clock.local_date(row.answered_at)))
        await attendance.owe(unit, referral, row.answered_at)
    if row.state == "declined":
        await deadlines.start(unit, referring.REDIRECT, "referral", referral, row.answered_at, responsible=note.manager)
    told = [one.membership_id for one in await tenants.members(unit, [note.manager])]
    if not told:  # the manager works here no longer and the case waits for another one
        appointing = access.holders("child_case.appoint")
        waiting = [one for one in await tenants.members(unit) if one.roles & appointing]
        told = [one.membership_id for one in await readers.may_read(unit, waiting, referral)]
    await notifications.notify(unit, told, "referral_answered", "referral", referral)


@actor("referrals.manager_appointed")
async def manager_appointed(unit: Unit, case: UUID, manager: UUID) -> None:
    """In the school: a case has another manager, who answers for its referrals from now on."""
    referrals = await referring_repository.hand_over(unit, case, manager)
    await deadlines.hand_to(unit, referrals, manager)
    await opening.change_contact(unit, referrals, manager)


@actor("referrals.contact_changed")
async def contact_changed(unit: Unit, referral: UUID) -> None:
    """At the partner's: the school has another contact for a child."""
    await _tell_partner(unit, referral, "referral_contact")


@actor("referrals.week_reported")
async def week_reported(unit: Unit, referral: UUID, report: UUID) -> None:
    """In the school: the report of a week has come, at its real time."""
    for row in await repository.reports(unit, referral):
        if row.id == report:
            await _met(unit, row)


@actor("referrals.ended")
async def ended(unit: Unit, referral: UUID) -> None:
    """In the school: the service has ended."""
    await deadlines.cancel(unit, service.WEEKLY, referral)
    await deadlines.cancel(unit, attendance.CLOCK, referral)
    if (note := await repository.about(unit, referral)) is not None:
        await notifications.notify(unit, [note.manager], "referral_ended", "referral", referral)


@actor(log.CASE_OPENED)
async def case_opened(unit: Unit, referral: UUID) -> None:
    """In the school: the commission has opened a case of a child on our request."""
    await log.case_opened(unit, referral)


@actor("referrals.open_week")
async def open_week(unit: Unit, referral: UUID, year: int, week: int) -> None:
    """A new ISO week has begun, on either side."""
    await service.open_week(unit, referral, f"{year}-W{week:02d}")


async def _tell_partner(unit: Unit, referral: UUID, kind: str) -> None:
    """Everybody at the partner's who answers referrals and may see this one."""
    members = {
        m.membership_id: m
        for role in access.roles_with("referral.answer")
        for m in await tenants.members_with_role(unit, role)
    }
    free = await readers.may_read(unit, list(members.values()), referral)
    await notifications.notify(unit, [m.membership_id for m in free], kind, "referral", referral)


async def _met(unit: Unit, row: WeeklyReport) -> None:
    await deadlines.meet(unit, service.WEEKLY, row.referral_id, row.submitted_at, period=row.week)


__all__ = ["danger"]
