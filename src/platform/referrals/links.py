"""One-time links: a partner without an account reports one week of one referral, once (decisions 21).

The school makes the code, sees it once and hands it over itself. It is typed, or comes behind the # of an address, and
stands in no address that is sent (ADR 9); an HMAC of it is all that is stored. Whoever has it works in the partner's
organisation, where it shows a code, a service and a week, and does the same verbs as an account would.
"""

from datetime import timedelta
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db import session as db_session
from src.platform.db.binding import Linked, Platform
from src.platform.db.region_keys import region_key
from src.platform.db.unit import Unit, unit
from src.platform.doors import service as doors
from src.platform.kit import clock, codes, crypto
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.referrals import link_repository, repository, service, weekly
from src.platform.referrals.errors import LinkNotOpenError, TooManyLinkTriesError, UnknownLinkError, WrongStateError
from src.platform.referrals.models import Referral, ReportLink
from src.platform.referrals.schemas import LinkedWeek, LinkPaper
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_LENGTH = 16
_OPEN = ("sent", "accepted")


async def make(unit: Unit, referral_id: UUID, week: str) -> LinkPaper:
    """A link for one week that owes a report; the code is in the answer and nowhere else.

    Raises NotFound, Forbidden, WrongStateError, Invalid.
    """
    tied = await service.for_verb(unit, referral_id, "referral.link")
    referral = tied.referral
    if referral.tenant_id != unit.tenant_id or referral.state not in _OPEN:
        raise WrongStateError
    done = {one.week for one in await repository.reports(unit, referral_id)}
    if week not in weeks(referral) or week in done:
        raise Invalid(fields=[FieldError("week", "not_reportable", N_("Choose a week that owes a report"))])
    code, at = codes.new_code(_LENGTH), clock.now()
    ends = at + timedelta(hours=await tenants.setting(unit, "report_link_hours"))
    if referral.state == "sent":  # the report accepts the child, and no week before that owes one
        ends = min(ends, calendar.at_local(calendar.monday_of(calendar.week_after(week)), calendar.MIDNIGHT))
    row = ReportLink(
        tenant_id=unit.tenant_id,
        id=new_id(),
        peer_tenant_id=referral.peer_tenant_id,
        referral_id=referral_id,
        week=week,
        child=await vault.code(unit, "child", referral_id, receiver=referral.peer_tenant_id),
        code_blind=_blind(code),
        made_at=at,
        expires_at=ends,
        version=1,
    )
    await link_repository.add(unit, row)
    audit.record(unit, "referral.link_made", "referral", [referral_id, row.id])
    return LinkPaper(
        id=row.id,
        referral_id=referral_id,
        child=row.child,
        service_type=referral.service_type,
        week=week,
        code=code,
        link=f"{settings().public_url.rstrip('/')}/weekly#{code}",
        expires_at=row.expires_at,
    )


async def revoke(unit: Unit, referral_id: UUID, link_id: UUID, version: int) -> None:
    """Let the link open nothing. Raises NotFound, Forbidden, LinkNotOpenError, StaleVersion."""
    await service.for_verb(unit, referral_id, "referral.link")
    row = next((one for one in await link_repository.of(unit, referral_id) if one.id == link_id), None)
    if row is None or row.tenant_id != unit.tenant_id:
        raise NotFound
    if row.used_at is not None or row.revoked_at is not None:
        raise LinkNotOpenError
    if not await link_repository.end(unit, link_id, version=version, revoked_at=clock.now()):
        raise StaleVersion
    audit.record(unit, "referral.link_revoked", "referral", [referral_id, link_id])


def weeks(referral: Referral) -> list[str]:
    """Of a child that was not answered for, the present week: the report accepts it."""
    return service.weeks_to_report(referral) or [calendar.week_of(clock.local_date(clock.now()))]


def state_of(row: ReportLink) -> str:
    """`open`, `used`, `revoked` or `expired`."""
    if row.used_at is not None:
        return "used"
    if row.revoked_at is not None:
        return "revoked"
    return "open" if clock.now() < row.expires_at else "expired"


async def opened(code: str) -> LinkedWeek:
    """What a code opens. Opens its own transactions. Raises UnknownLinkError, TooManyLinkTriesError."""
    await _check_tries()
    try:
        async with unit(Linked(_blind(code))) as work:
            row, referral = await _row(work)
            audit.record(work, "referral.link_opened", "referral", [referral.id, row.id])
            return _shown(code, row, referral)
    except UnknownLinkError:
        await _count_try()
        raise


async def report(code: str, filed: weekly.Filed) -> None:
    """Report the week of the link, which opens nothing from then on; an unanswered referral is accepted by it.

    Raises UnknownLinkError, TooManyLinkTriesError, DuplicateWeekError, Invalid.
    """
    await _check_tries()
    try:
        async with unit(Linked(_blind(code))) as work:
            row, referral = await _row(work)
            if filed.week != row.week:
                raise Invalid(fields=[FieldError("week", "not_reportable", N_("The code is for another week"))])
            await _use_up(work, row)
            if referral.state == "sent":
                await service.take_on(work, referral, referral.version)
                await work.session.refresh(referral)
            await weekly.file(work, referral, filed)
            audit.record(work, "referral.link_used", "referral", [referral.id, row.id])
    except UnknownLinkError:
        await _count_try()
        raise


async def _use_up(work: Unit, row: ReportLink) -> None:
    if not await link_repository.end(work, row.id, version=row.version, used_at=clock.now()):
        raise UnknownLinkError  # a twin was faster


async def _row(work: Unit) -> tuple[ReportLink, Referral]:
    link_id = db_session.opened(work.session).get("link_id")
    row = await link_repository.one(work, link_id) if link_id else None
    if row is None or state_of(row) != "open":
        raise UnknownLinkError
    referral = await repository.plain(work, row.referral_id)
    if referral is None or referral.state not in _OPEN:
        raise UnknownLinkError
    return row, referral


def _shown(code: str, row: ReportLink, referral: Referral) -> LinkedWeek:
    return LinkedWeek(
        code=code,
        child=row.child,
        service_type=referral.service_type,
        week=row.week,
        accepts=referral.state == "sent",
    )


async def _check_tries() -> None:
    async with unit(Platform()) as work:
        if not await doors.count_try(work, "link", settings().link_tries_per_hour, only_look=True):
            raise TooManyLinkTriesError


async def _count_try() -> None:
    """In a transaction of its own: the one that failed is rolled back."""
    async with unit(Platform()) as work:
        await doors.count_try(work, "link", settings().link_tries_per_hour, only_look=False)


def _blind(code: str) -> bytes:
    key = region_key("report-link")
    return crypto.blind(key, codes.plain(code).encode())
