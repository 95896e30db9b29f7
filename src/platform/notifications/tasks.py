"""Messages that clocks ask for, and the e-mail of each message."""

from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.joining.events import Told
from src.platform.kit import clock, codes
from src.platform.longwork import service as longwork
from src.platform.notifications import boxes, kinds, mail, readers, repository, service, times
from src.platform.notifications.errors import AddressRefusedError
from src.platform.notifications.models import MailBox, Notification
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.outbox.dead import ALARM
from src.platform.readership import browsing
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member

_DIGEST = "notifications.send_digest"


@actor("notifications.clock_target")
async def clock_target(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A term comes near."""
    await _tell(unit, membership, obligation, "clock_target")


@actor("notifications.clock_overdue")
async def clock_overdue(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A term has passed."""
    await _tell(unit, membership, obligation, "clock_overdue")


@actor("notifications.clock_change_asked")
async def clock_change_asked(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A colleague wants to stop or extend a clock that concerns themselves."""
    await service.notify(unit, [membership], "clock_change_asked", "clock", obligation)


@actor("notifications.alert_commission")
async def alert_commission(unit: Unit, school: UUID, why: Alert) -> None:
    """A school cannot go on alone: the members of the commission whose role hears of it learn which school and why."""
    roles = access.roles_with("school.be_alerted")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, f"school_alert.{why.value}", "organisation", school)


@actor("notifications.serious_sign")
async def serious_sign(unit: Unit, school: UUID) -> None:
    """A school makes a serious sign known (R-256): who hears of such learns which school, and asks it by telephone."""
    roles = access.roles_with("serious_sign.be_told")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, "serious_sign", "organisation", school)


@actor("notifications.residential_report")
async def residential_report(unit: Unit, school: UUID) -> None:
    """A school makes known what a child of a residential institution told there (R-170): which school, nothing else."""
    roles = access.roles_with("residential_report.be_told")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, "residential_report", "organisation", school)


@actor("notifications.second_factor_changed")
async def second_factor_changed(unit: Unit, membership: UUID, user: UUID) -> None:
    """To its owner, who may not be the one who did it."""
    await service.notify(unit, [membership], "second_factor_changed", "user", user)


@actor("notifications.second_factor_lost")
async def second_factor_lost(unit: Unit, user: UUID, what: Told) -> None:
    """To its owner, wherever they work: what two people say of it, or one (S-26)."""
    owner = [one.membership_id for one in await tenants.members(unit) if one.user_id == user]
    subject = "own_recovery" if what is Told.STARTED else "user"
    await service.notify(unit, owner, f"recovery_{what.value}", subject, user)


@actor("notifications.recovery_waits")
async def recovery_waits(unit: Unit, recovery: UUID) -> None:
    """To whoever may be the second person."""
    hearing = await readers.second_people(unit, await tenants.members(unit), recovery)
    await service.notify(unit, [one.membership_id for one in hearing], "recovery_waits", "recovery", recovery)


@actor(browsing.TELL)
async def browsed(unit: Unit, browsing_day: UUID) -> None:
    """A colleague opened much outside their own work: whoever may ask who has looked, never the colleague (ADR 39)."""
    hearing = await browsing.hearing(unit, await tenants.members(unit), browsing_day)
    await service.notify(unit, [one.membership_id for one in hearing], "browsing", "browsing", browsing_day)


@actor(longwork.TELL)
async def work_ended(unit: Unit, work: UUID) -> None:
    """To who asked for long work, unless they have seen that it ended."""
    if (asker := await longwork.unseen(unit, work)) is not None:
        await service.notify(unit, [asker], "work_ended", "long_work", work)


@actor(ALARM)
async def queue_dead(unit: Unit) -> None:
    """The queue gave something up (S-48): whoever keeps it hears of it once, until they have looked."""
    keepers = [one for one in await tenants.members(unit) if access.has_module(one.roles, "queue.keep")]
    unaware = [
        one.membership_id for one in keepers if not await repository.has_unread(unit, one.membership_id, "queue_dead")
    ]
    await service.notify(unit, unaware, "queue_dead", "queue", unit.tenant_id)


@actor("notifications.restored")
async def restored(unit: Unit) -> None:
    """The region came back from a backup (ADR 34): everybody hears that something may be missing or come twice."""
    everybody = [one.membership_id for one in await tenants.members(unit)]
    await service.notify(unit, everybody, "region_restored", "region", unit.tenant_id)


@actor("notifications.address_refused")
async def address_refused(unit: Unit, organisation: UUID) -> None:
    """In the region: a mail server refused an address for good; in which organisation, not whose."""
    keepers = [one for one in await tenants.members(unit) if access.has_module(one.roles, "queue.keep")]
    await service.notify(unit, [one.membership_id for one in keepers], boxes.REFUSED, "queue", organisation)


@actor("notifications.send_mail")
async def send_mail(unit: Unit, notification: UUID) -> None:
    """A message by e-mail: now, or when its reader wants it. Who may not hear of the record any more gets nothing."""
    row = await repository.unmailed(unit, notification)
    if row is None or (found := await boxes.addressee(unit, row.membership_id)) is None:
        return
    member, box, address = found
    if not (await _still_theirs(unit, member, [row])):
        return
    now = clock.now()
    at = times.due(await boxes.choice_of(unit, box), now, urgent=kinds.of(row.kind).urgent)
    if at > now:
        await _put_off(unit, [row], at)
    else:
        await _send(unit, member, box, address, [row])


@actor(_DIGEST)
async def send_digest(unit: Unit, membership: UUID) -> None:
    """All that waited for this moment, in one e-mail; what was read meanwhile is not sent."""
    await repository.locked_box(unit, membership)  # two digests of one member come one after the other
    rows = await repository.due(unit, membership, clock.now())
    if not rows or (found := await boxes.addressee(unit, membership)) is None:
        return
    member, box, address = found
    rows, now = await _still_theirs(unit, member, rows), clock.now()
    at = times.awake(await boxes.choice_of(unit, box), now)
    if rows and at > now:  # the quiet hours were moved meanwhile
        await _put_off(unit, rows, at)
    elif rows:
        await _send(unit, member, box, address, rows)


@actor("notifications.send_code")
async def send_code(unit: Unit, membership: UUID) -> None:
    """The code that proves an address; only the latest one, while it is good."""
    box, found = await repository.locked_box(unit, membership), await tenants.members(unit, [membership])
    waiting = await boxes.waiting_in(unit, box)
    if waiting is None or not found or not mail.is_on():
        return
    language = await tenants.language_of(unit, found[0].user_id)
    try:
        await mail.deliver(unit.job, waiting.address, mail.asking(language, codes.grouped(waiting.code)))
    except AddressRefusedError as refused:
        box.waiting, box.code_refused = None, refused.number


async def _still_theirs(unit: Unit, member: Member, rows: list[Notification]) -> list[Notification]:
    """The messages about records that the member may still read; the others are withdrawn (decisions 17)."""
    asked = {(row.subject_kind, row.subject_id) for row in rows}
    theirs = {about for about in asked if await readers.may_hear(unit, member, *about)}
    for kind, subject_id in asked - theirs:
        await service.withdraw(unit, [member.membership_id], kind, subject_id)
    return [row for row in rows if (row.subject_kind, row.subject_id) in theirs]


async def _put_off(unit: Unit, rows: list[Notification], at: datetime) -> None:
    member = rows[0].membership_id
    if not await repository.is_awaited(unit, member, at):
        await outbox.wake(unit, at, _DIGEST, {"membership": member})
    for row in rows:
        row.mail_at = at


async def _send(unit: Unit, member: Member, box: MailBox, address: str, rows: list[Notification]) -> None:
    language = await tenants.language_of(unit, member.user_id)
    written = mail.told(language, [(row.id, kinds.of(row.kind).words) for row in rows])
    try:
        await mail.deliver(unit.job, address, written)
    except AddressRefusedError as refused:
        if not await boxes.note_refusal(unit, box, refused.number):
            return
        await service.notify(unit, [member.membership_id], "mail_refused", "mail", member.membership_id)
        for operator in await tenants.organisations(unit, {tenants.OPERATOR}):
            args = {"organisation": unit.tenant_id}
            await outbox.emit(unit, "notifications.address_refused", args, target_tenant=operator.id)
        return
    for row in rows:
        row.mailed_at = clock.now()


async def _tell(unit: Unit, membership: UUID, obligation: UUID, kind: str) -> None:
    code, subject_kind, subject_id = await deadlines.told_as(unit, obligation, membership)
    await service.notify(unit, [membership], f"{kind}.{code}", subject_kind, subject_id)
