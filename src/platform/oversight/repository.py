"""Writing counters inside an organisation, reading them with the role that can read nothing else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, delete, exists, func, insert, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from src.platform.db import session as db_session
from src.platform.db.binding import Platform
from src.platform.db.engine import sessions
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import Kept, Took
from src.platform.oversight.counters import COMPARED
from src.platform.oversight.models import (
    ChildrenCount,
    KnownAgreement,
    Pace,
    PartnerCounter,
    ProcessCounter,
    Release,
)
from src.platform.oversight.schemas import Median, ReleaseLine
from src.platform.referrals.tallies import Agreed


async def lock_month(unit: Unit, month: int) -> None:
    """One count of a school's month at a time: the last one to come sees every clock before it."""
    await _lock(unit, f"process|{unit.tenant_id}|{month}")


async def counted_months(unit: Unit, months: Collection[int]) -> list[int]:
    """Those of some months of which the school has counters: before it joined it has none."""
    query = select(ProcessCounter.month).where(ProcessCounter.month.in_(months)).distinct()
    return sorted((await unit.session.scalars(query)).all())


async def replace(unit: Unit, month: int, kept: list[Kept]) -> None:
    """Put a month's counters in place of the old ones."""
    await unit.session.execute(delete(ProcessCounter).where(ProcessCounter.month == month))
    if kept:
        rows = [
            {
                "tenant_id": unit.tenant_id,
                "month": month,
                "clock": k.code,
                "met_in_time": k.met_in_time,
                "met_late": k.met_late,
                "missed": k.missed,
                "reached_city": k.reached_city,
            }
            for k in kept
        ]
        await unit.session.execute(insert(ProcessCounter), rows)


async def replace_paces(unit: Unit, month: int, took: list[Took]) -> None:
    """Put how long a month's clocks ran in place of the old numbers."""
    await unit.session.execute(delete(Pace).where(Pace.month == month))
    rows = [
        {"tenant_id": unit.tenant_id, "month": month, "clock": t.code, "hours": t.hours, "number": t.number}
        for t in took
    ]
    if rows:
        await unit.session.execute(insert(Pace), rows)


_NO_MONTH = 0


class Counted(NamedTuple):
    """Counters of one clock and month: of a school, or without one the sum of all that were asked for."""

    tenant_id: UUID | None
    month: int
    kept: Kept


async def counters(
    month: int, months: Sequence[int], schools: Collection[UUID], district: UUID | None
) -> tuple[list[Counted], list[Median]]:
    """The schools' numbers of a month and of the three before it, sums of more months, medians of the month.

    By the role `qorgan_oversight`: the guarantee is a grant, not code (S-36). Medians come from a function that knows
    no school. Of the months before only what a question needs.
    """
    table = ProcessCounter.__table__.c  # columns, not objects: the rows belong to no organisation's unit
    numbers = (table.met_in_time, table.met_late, table.missed, table.reached_city)
    of_schools = table.tenant_id.in_(schools)
    before = table.month.in_(months[-4:-1]) & table.clock.in_(COMPARED)
    each = select(table.tenant_id, table.month, table.clock, *numbers).where(
        of_schools, (table.month == month) | before
    )
    sums = (
        select(null(), table.month, table.clock, *map(func.sum, numbers))
        .where(of_schools, table.month.between(months[0], month))
        .group_by(table.month, table.clock)
    )
    took = func.oversight_medians(month, district).table_valued("clock", "hours").c
    none = [literal(0)] * 3
    middle = select(null(), literal(_NO_MONTH), took.clock, took.hours, *none)  # one statement brings everything
    async with sessions("qorgan_oversight")() as session:
        db_session.bind(session, Platform())
        rows = (await session.execute(union_all(each, sums, middle))).all()
    medians = [Median(clock=row[2], hours=int(row[3])) for row in rows if row[1] == _NO_MONTH]
    return [_counted(*row) for row in rows if row[1] != _NO_MONTH], medians


def _counted(tenant_id: UUID | None, month: int, code: str, *numbers: int) -> Counted:
    in_time, late, missed, silent = map(int, numbers)
    kept = Kept(code=code, met_in_time=in_time, met_late=late, missed=missed, reached_city=silent)
    return Counted(tenant_id, month, kept)


class Placed(NamedTuple):
    """The children of a district with one value, and how many of its schools have a child in that table at all."""

    district_id: UUID | None
    dimension: str
    value: str
    children: int
    schools: int


async def lock_children(unit: Unit, quarter: int) -> None:
    """One count of a school's quarter at a time: the last one to come sees every decision before it."""
    await _lock(unit, f"children|{unit.tenant_id}|{quarter}")


async def replace_children(unit: Unit, quarter: int, counts: Mapping[tuple[str, str], int]) -> None:
    """Put a quarter's numbers in place of the old ones."""
    await unit.session.execute(delete(ChildrenCount).where(ChildrenCount.quarter == quarter))
    rows = [
        {"tenant_id": unit.tenant_id, "quarter": quarter, "dimension": dimension, "value": value, "children": number}
        for (dimension, value), number in counts.items()
        if number
    ]
    if rows:
        await unit.session.execute(insert(ChildrenCount), rows)


async def districts(unit: Unit, quarter: int) -> list[Placed]:
    """The sums of districts, for the worker in the city's context; anybody else meets 42501 (S-36)."""
    connection = await unit.session.connection()
    rows = await connection.exec_driver_sql("select * from oversight_districts(%(quarter)s)", {"quarter": quarter})
    return [Placed(**row) for row in rows.mappings().all()]


async def replace_partner(unit: Unit, month: int, kept: Sequence[tuple[Kept, int]]) -> None:
    """Put a partner's terms of a month, each with the number of its schools, in place of the old ones."""
    await unit.session.execute(delete(PartnerCounter).where(PartnerCounter.month == month))
    rows = [
        {
            "tenant_id": unit.tenant_id,
            "month": month,
            "clock": one.code,
            "in_time": one.met_in_time,
            "late": one.met_late,
            "missed": one.missed,
            "schools": schools,
        }
        for one, schools in kept
    ]
    if rows:
        await unit.session.execute(insert(PartnerCounter), rows)


async def lock_agreements(unit: Unit) -> None:
    """One count of a school's agreements at a time."""
    await _lock(unit, f"agreements|{unit.tenant_id}")


async def replace_agreements(unit: Unit, agreed: Sequence[Agreed]) -> None:
    """Put what the city sees of a school's agreements in place of the old rows."""
    await unit.session.execute(delete(KnownAgreement))
    rows = [
        {
            "tenant_id": unit.tenant_id,
            "agreement_id": one.agreement_id,
            "partner_id": one.partner,
            "service_types": one.service_types,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "ended_on": one.ended_on,
        }
        for one in agreed
    ]
    if rows:
        await unit.session.execute(insert(KnownAgreement), rows)


class PartnerTold(NamedTuple):
    """A partner's terms of one clock as the function tells them."""

    tenant_id: UUID
    code: str
    due: int
    in_time: int | None
    late: int | None
    missed: int | None


class Ending(NamedTuple):
    """An agreement with its last day and no later one of the same two."""

    school: UUID
    partner: UUID
    service_types: list[str]
    last_day: date
    is_over: bool
    ended_early: bool


async def partners(
    month: int, ended_since: date, today: date, until: date
) -> tuple[list[PartnerTold], list[Ending], set[UUID]]:
    """Partners of a month, agreements whose last day lies in a span, and the schools that have one today.

    By the role `qorgan_oversight`, as `counters`.
    """
    one, other = KnownAgreement.__table__.c, aliased(KnownAgreement.__table__).c
    last_day, later = func.coalesce(one.ended_on, one.valid_to), func.coalesce(other.ended_on, other.valid_to)
    follows = exists().where(other.tenant_id == one.tenant_id, other.partner_id == one.partner_id, later > last_day)
    holds = (one.valid_from <= today) & (last_day >= today)
    ends = last_day.between(ended_since, until) & ~follows
    early = one.ended_on.is_not(None) & (one.ended_on < one.valid_to)
    t = func.oversight_partners(month).table_valued("tenant_id", "clock", "due", "in_time", "late", "missed").c
    told = select(t.tenant_id, t.clock, t.due, t.in_time, t.late, t.missed, *[null()] * 7)
    columns = (one.partner_id, one.service_types, last_day, last_day < today, early, holds, ends)
    kept = select(one.tenant_id, *[null()] * 5, *columns).where(or_(holds, ends))
    async with sessions("qorgan_oversight")() as session:
        db_session.bind(session, Platform())
        rows = (await session.execute(union_all(told, kept))).all()  # one statement brings everything
    partners = [PartnerTold(*row[:6]) for row in rows if row[1] is not None]
    schools = [row for row in rows if row[1] is None]
    ending = [Ending(row[0], *row[6:11]) for row in schools if row[12]]
    return partners, ending, {row[0] for row in schools if row[11]}


async def lock_releases(unit: Unit) -> None:
    """One release at a time in a city."""
    await _lock(unit, f"releases|{unit.tenant_id}")


async def release(unit: Unit, number: int | None) -> tuple[list[ReleaseLine], dict[str, Any] | None]:
    """Every release, the latest quarter first, and the body of one: that number, or the first where none is told."""
    latest = select(Release.number).order_by(Release.quarter.desc()).limit(1).scalar_subquery()
    chosen = Release.number == (latest if number is None else number)
    columns = (Release.id, Release.number, Release.quarter, Release.made_at)
    query = select(*columns, case((chosen, Release.body)).label("body")).order_by(Release.quarter.desc())
    rows = (await unit.session.execute(query)).all()
    lines = [ReleaseLine(id=row.id, number=row.number, quarter=row.quarter, made_at=row.made_at) for row in rows]
    return lines, next((row.body for row in rows if row.body is not None), None)


def add_release(unit: Unit, release: Release) -> None:
    """Keep a release for good."""
    unit.session.add(release)


async def _lock(unit: Unit, what: str) -> None:
    await unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
