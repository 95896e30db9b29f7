"""Writing counters inside an organisation, reading them with the role that can read nothing else."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from src.platform.db import session as db_session
from src.platform.db.binding import Platform
from src.platform.db.engine import sessions
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import Kept, Took
from src.platform.oversight.counters import COMPARED
from src.platform.oversight.models import (
    ChildrenCount,
    DistrictSum,
    KnownAgreement,
    Pace,
    PartnerCounter,
    ProcessCounter,
    Release,
)
from src.platform.oversight.schemas import Median, ReleaseLine
from src.platform.referrals.tallies import Agreed
from src.platform.workdays import calendar


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


class Numbers(NamedTuple):
    """What the city is told of a month: by school or district and month and clock; medians; what marks its state."""

    schools: dict[UUID, dict[int, dict[str, Kept]]]
    districts: dict[UUID | None, dict[int, dict[str, Kept]]]
    medians: list[Median]
    state: str


_process = ProcessCounter.__table__.c  # columns, not objects: the rows belong to no organisation's unit
_sum = DistrictSum.__table__.c
_NUMBERS = (_process.met_in_time, _process.met_late, _process.missed, _process.reached_city)
_SUMS = (_sum.met_in_time, _sum.met_late, _sum.missed, _sum.reached_city)
_Asked = Select[*tuple[Any, ...]]
_Row = Row[*tuple[Any, ...]]
_OF_SCHOOL, _OF_DISTRICT, _MEDIAN, _STATE = range(4)


async def counters(
    month: int,
    *,
    shown: Collection[UUID],
    sums: Collection[int],
    clocks: Collection[str],
    district: UUID | None,
) -> Numbers:
    """Numbers of a month: of the schools that are `shown`, of a district or of all, and what both stand for.

    `sums` are the months of which districts have sums of these `clocks`. By the role `qorgan_oversight`: the guarantee
    is a grant, not code (S-36). Sums are kept by what changes; medians come from a function that knows no school.
    """
    here = true() if district is None else _sum.district_id == district
    summed = select(literal(_OF_DISTRICT), _sum.district_id, _sum.month, _sum.clock, *_SUMS, null()).where(
        here, _sum.month.in_(sums), _sum.clock.in_(clocks), _sum.schools > 0
    )
    none, marked = [literal(0)] * 3, cast(func.coalesce(func.sum(_sum.mark), 0), Text)
    state = select(literal(_STATE), null(), literal(month), null(), literal(0), *none, marked).where(
        here, _sum.month == month
    )
    took = func.oversight_medians(month, district).table_valued("clock", "hours").c
    middle = select(literal(_MEDIAN), null(), literal(month), took.clock, took.hours, *none, null())
    rows = await _told(_each(month, shown), summed, state, middle)  # one statement brings everything
    return Numbers(
        schools=_by_place(row for row in rows if row[0] == _OF_SCHOOL),
        districts=_by_place(row for row in rows if row[0] == _OF_DISTRICT),
        medians=[Median(clock=row[3], hours=int(row[4])) for row in rows if row[0] == _MEDIAN],
        state=next(row[8] for row in rows if row[0] == _STATE),
    )


async def counters_of(month: int, school: UUID) -> dict[int, dict[str, Kept]]:
    """Numbers of one school: of the month, and of the months before it what questions compare."""
    return _by_place(await _told(_each(month, [school]))).get(school, {})


def _each(month: int, schools: Collection[UUID]) -> _Asked:
    before = _process.month.between(calendar.month_after(month, -3), calendar.month_after(month, -1))
    asked = or_(_process.month == month, and_(before, _process.clock.in_(COMPARED)))
    columns = (literal(_OF_SCHOOL), _process.tenant_id, _process.month, _process.clock, *_NUMBERS, null())
    return select(*columns).where(_process.tenant_id.in_(schools), asked)


async def _told(*asked: _Asked) -> Sequence[_Row]:
    async with sessions("qorgan_oversight")() as session:
        db_session.bind(session, Platform())
        return (await session.execute(union_all(*asked))).all()


def _by_place(rows: Iterable[_Row]) -> dict[Any, dict[int, dict[str, Kept]]]:
    places: dict[Any, dict[int, dict[str, Kept]]] = defaultdict(lambda: defaultdict(dict))
    for _, place, month, code, *numbers, _ in rows:
        in_time, late, missed, silent = map(int, numbers)
        places[place][month][code] = Kept(
            code=code, met_in_time=in_time, met_late=late, missed=missed, reached_city=silent
        )
    return places


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
