"""The report to the parents' committee: prepared from the records, confirmed, frozen, corrected by a new version."""

import re
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents import reporting
from src.platform.incidents.evidence import proposals
from src.platform.insight import committee_numbers, committee_words
from src.platform.insight.committee_numbers import READS_PAGE, Content
from src.platform.insight.errors import (
    ContentMovedError,
    NoSuchPeriodError,
    NotConfirmedError,
    NotOverError,
    OverlapsError,
)
from src.platform.insight.models import CommitteeReport
from src.platform.insight.schemas import CommitteePage, CommitteePeriod, CommitteePeriods
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.monthly import service as monthly
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

REPORT = "insight.report"
SETTING = "committee_report_months"
_SHOWN = 8
_DECEMBER = 12
_CODE = re.compile(r"[^\W\d_]+-[A-ZА-ЯЁІҮҰҚӘӨҒҢҺ]{3}\b")
_COLUMN = "committee_report.note"
_REASON = "committee_report.reason"


async def listing(unit: Unit) -> CommitteePeriods:
    """The periods that are over, the newest first, each with its newest report. Raises Forbidden."""
    access.require(unit, READS_PAGE)
    await together.prefetch(unit.session, _all(), tenants.all_settings(), monthly.FORM.all_months())
    length = await tenants.setting(unit, SETTING)
    kept = await together.rows(unit.session, _all())
    newest = {one.month: one for one in reversed(kept)}
    wanted = sorted({*await _over(unit, length), *newest}, reverse=True)
    rows = [_period(month, newest.get(month), length) for month in wanted]
    return CommitteePeriods(rows=rows, months=length)


async def page(unit: Unit, month: int | None = None, revision: int | None = None) -> CommitteePage:
    """A report: its newest version, an older one, or how it would be now. Raises NotOverError, NoSuchPeriodError."""
    access.require(unit, READS_PAGE)
    await _prefetch(unit)
    length = await tenants.setting(unit, SETTING)
    month = await _last(unit, length) if month is None else month
    kept = [one for one in await together.rows(unit.session, _all()) if one.month == month]
    if not kept:
        await _check(unit, month, length)
    if revision is not None and revision not in {one.revision for one in kept}:
        raise NotFound
    chosen = next((one for one in kept if revision in (None, one.revision)), None)
    may = access.may(unit.me, REPORT)
    length = kept[0].months if kept else length
    now = await committee_numbers.content(unit, *_moments(month, length)) if may or not chosen else None
    shown = msgspec.convert(chosen.content, Content) if chosen else now
    if shown is None:  # there is either a version or what would be one
        raise NotFound
    audit.record(unit, "committee_report.read", "committee_report", [chosen.id] if chosen else [])
    school = await tenants.organisation(unit, unit.tenant_id)
    note = await vault.open_text(unit, chosen.note, _COLUMN, chosen.id) if chosen and chosen.note else None
    why = await vault.open_text(unit, chosen.reason, _REASON, chosen.id) if may and chosen and chosen.reason else None
    return CommitteePage(
        month=month,
        months=length,
        revision=chosen.revision if chosen else 0,
        newest=kept[0].revision if kept else 0,
        confirmed_at=chosen.confirmed_at if chosen else None,
        sections=committee_words.sections(shown),
        note=note,
        reason=why,
        address=f"{settings().public_url.rstrip('/')}/s/{school.slug}",
        numbers=await reporting.numbers_to_call(unit),
        seen=now.fingerprint if now and may else "",
        may=[*(("confirm",) if may else ()), *(("take",) if chosen else ())],
    )


async def confirm(unit: Unit, month: int, version: int, *, seen: str, note: str = "", reason: str = "") -> None:
    """Freeze the report as it was seen; after the first version with a reason (R-024).

    Raises Forbidden, NotOverError, NoSuchPeriodError, OverlapsError, StaleVersion, ContentMovedError, and Invalid for
    a note that may lead to a child, or without a reason.
    """
    access.require(unit, REPORT)
    await _prefetch(unit)
    length = await tenants.setting(unit, SETTING)
    rows = await together.rows(unit.session, _all())
    kept = [one for one in rows if one.month == month]
    length = kept[0].months if kept else length
    await _check(unit, month, length)
    if any(_overlap(one, month, length) for one in rows if one.month != month):
        raise OverlapsError
    newest = kept[0].revision if kept else 0
    if newest != version:
        raise StaleVersion
    await _refuse(unit, note, reason, needs_reason=bool(newest))
    found = await committee_numbers.content(unit, *_moments(month, length))
    if found.fingerprint != seen:
        raise ContentMovedError
    report_id = new_id()
    row = CommitteeReport(
        tenant_id=unit.tenant_id,
        id=report_id,
        month=month,
        months=length,
        revision=newest + 1,
        content=msgspec.to_builtins(found),
        note=await vault.seal_text(unit, note, _COLUMN, report_id) if note else None,
        reason=await vault.seal_text(unit, reason, _REASON, report_id) if newest else None,
        confirmed_at=clock.now(),
        by_membership=unit.me.membership_id,
    )
    try:
        async with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError as somebody_was_first:
        raise StaleVersion from somebody_was_first
    detail: dict[str, str | int] = {"revision": newest + 1, "month": month}
    audit.record(unit, "committee_report.confirmed", "committee_report", [report_id], detail=detail)


async def taken(unit: Unit, month: int, revision: int | None) -> tuple[UUID, CommitteePage]:
    """A confirmed version to take along, in the language of the unit. Raises NotFound, NotConfirmedError."""
    found = await page(unit, month, revision)
    if not found.revision:
        raise NotConfirmedError
    kept = await together.rows(unit.session, _all())
    return next(one.id for one in kept if (one.month, one.revision) == (month, found.revision)), found


async def _refuse(unit: Unit, note: str, reason: str, *, needs_reason: bool) -> None:
    """Raises Invalid: a name, a digit (a class, a date, a number of children) or a code leads to a child (R-024)."""
    complaints = []
    places = await proposals.places_of_names(unit, note) if note else []
    if places:
        message = N_("The committee is told no name of a child. Words number %(places)s may be one: write it without")
        params = (("places", ", ".join(str(place) for place in places)),)
        complaints.append(FieldError("note", "may_name_a_child", message, params))
    elif re.search(r"\d", note) or _CODE.search(note):
        message = N_("Write without digits and codes: a class, a date or a number can lead to a child")
        complaints.append(FieldError("note", "may_lead_to_a_child", message))
    if needs_reason and not reason:
        complaints.append(FieldError("reason", "required", N_("Fill this in")))
    if complaints:
        raise Invalid(fields=complaints)


_REPORTS = select(CommitteeReport).order_by(CommitteeReport.month.desc(), CommitteeReport.revision.desc())


def _all() -> Read[CommitteeReport]:
    return Read(("committee_report",), _REPORTS, {})


async def _prefetch(unit: Unit) -> None:
    """What a report needs beside its numbers, in one statement."""
    reads = (teams.all_active_seats(), tenants.all_members(), tenants.all_settings(), tenants.all_tenants())
    await together.prefetch(unit.session, _all(), monthly.FORM.all_months(), *reads)


def _running() -> int:
    return calendar.month_of(clock.local_date(clock.now()))


def _begins(month: int, length: int) -> int:
    """The first month of the period in which a month lies."""
    return month - (month % 100 - 1) % length


async def _over(unit: Unit, length: int) -> list[int]:
    """Where the periods begin that are over and in which the school was here: a month of it has a Form E."""
    known = {_begins(one.month, length) for one in await together.rows(unit.session, monthly.FORM.all_months())}
    return sorted((one for one in known if one < _begins(_running(), length)), reverse=True)[:_SHOWN]


async def _last(unit: Unit, length: int) -> int:
    """The period that ended last. Raises NoSuchPeriodError where none has ended yet."""
    over = await _over(unit, length)
    if not over:
        raise NoSuchPeriodError
    return over[0]


async def _check(unit: Unit, month: int, length: int) -> None:
    if not 1 <= month % 100 <= _DECEMBER or _begins(month, length) != month:
        raise NoSuchPeriodError
    if month >= _begins(_running(), length):
        raise NotOverError
    if month not in await _over(unit, length):
        raise NoSuchPeriodError


def _moments(month: int, length: int) -> tuple[datetime, datetime]:
    return calendar.month_bounds(month)[0], calendar.month_bounds(calendar.month_after(month, length - 1))[1]


def _overlap(one: CommitteeReport, month: int, length: int) -> bool:
    return one.month < calendar.month_after(month, length) and month < calendar.month_after(one.month, one.months)


def _period(month: int, newest: CommitteeReport | None, length: int) -> CommitteePeriod:
    length = newest.months if newest else length
    return CommitteePeriod(
        month=month,
        last=calendar.month_after(month, length - 1),
        revision=newest.revision if newest else 0,
        confirmed_at=newest.confirmed_at if newest else None,
    )
