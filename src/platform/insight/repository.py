"""Every count of the page, over the rows of the reader's own list and no others (S-17, R-065)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    ScalarSelect,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from src.platform.access.policy import table
from src.platform.catalogue import service as catalogue
from src.platform.db import together
from src.platform.db.prepared import named, named_row, once
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import repository as incidents
from src.platform.incidents import states
from src.platform.incidents.models import Incident, Participation
from src.platform.incidents.reading import daytimes
from src.platform.insight.periods import Span
from src.platform.insight.schemas import Numbers
from src.platform.kit import clock
from src.platform.monthly import service as monthly
from src.platform.monthly.frozen import MonthlyForm
from src.platform.monthly.referral_log import service as referral_log
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

READ = "incident.read"
FORMS: tuple[MonthlyForm[Any, Any], ...] = (monthly.FORM, referral_log.FORM)


async def numbers(unit: Unit, span: Span, grades: Mapping[int, Sequence[bytes]]) -> Numbers:
    """Everything that is counted of the incidents that the reader may read, in one statement.

    `grades` are the fingerprints of the students of each grade; the answer has no person in it.
    """
    blinds = [(blind, grade) for grade, of_it in grades.items() for blind in of_it]
    told = {
        **await vault.facts(unit),
        "blinds": [blind for blind, _ in blinds],
        "grades": [grade for _, grade in blinds],
        **_days_of(span),
    }
    roles = unit.me.roles
    query = once(("insight", roles), table(), lambda: named(_counts(roles)))
    row = await named_row(unit.session, query, told)
    return Numbers(
        days={date.fromisoformat(day): number for day, number in (row["days"] or {}).items()},
        cells=[tuple(one) for one in row["cells"] or ()],
        behaviours=row["behaviours"] or {},
        people=[tuple(one) for one in row["people"] or ()],
        lacks={name: row[f"lacks_{name}"] for name in daytimes.LACKS},
        waiting=row["waiting"],
        overdue=row["overdue"],
    )


def _days_of(span: Span) -> dict[str, object]:
    """Every day of the period, and every one that something of it is compared with."""
    before_first = min(span.before_first, *(one.before_first for one in span.stretches))
    before_last = max(span.before_last, *(one.before_last for one in span.stretches))
    return {
        "first_day": span.first,
        "first": _begins(span.first),
        "last": _ends(span.last),
        "before_first": _begins(before_first),
        "before_last": _ends(before_last),
    }


def _counts(roles: frozenset[str]) -> Select[Any]:
    seen = _seen(roles)
    now = select(seen).where(seen.c.day >= bindparam("first_day")).cte("now")
    totals = {f"lacks_{name}": now.c[f"lacks_{name}"] for name in daytimes.LACKS}
    totals |= {"waiting": now.c.waiting, "overdue": now.c.overdue}
    return select(
        _days(seen).label("days"),
        _cells(now).label("cells"),
        _behaviours(now).label("behaviours"),
        _people(now).label("people"),
        *(
            select(func.count()).select_from(now).where(condition).scalar_subquery().label(name)
            for name, condition in totals.items()
        ),
    )


def _seen(roles: frozenset[str]) -> CTE:
    """Incidents of the period and of the year before, each with what is counted of it; a linked one is another."""
    day = cast(func.timezone(clock.LOCAL_ZONE.key, Incident.reported_at), Date)
    is_now = Incident.reported_at >= bindparam("first")
    known = {name: case((is_now, lacking), else_=False) for name, lacking in daytimes.LACKS.items()}
    overdue = deadlines.next_state(Incident.id, bindparam("moment", type_=DateTime(timezone=True))) == "overdue"
    query = (
        incidents.scoped(roles, READ)
        .with_only_columns(
            Incident.id,
            day.label("day"),
            Incident.place,
            daytimes.daytime().label("daytime"),
            daytimes.weekday().label("weekday"),
            Incident.problem_behaviours,
            and_(is_now, Incident.state == "reported").label("waiting"),
            func.coalesce(case((is_now, overdue)), False).label("overdue"),
            *(lacking.label(f"lacks_{name}") for name, lacking in known.items()),
        )
        .where(Incident.state != states.LINKED, or_(_within("first", "last"), _within("before_first", "before_last")))
    )
    return query.cte("seen")


def _within(begins: str, ends: str) -> ColumnElement[bool]:
    return and_(Incident.reported_at >= bindparam(begins), Incident.reported_at < bindparam(ends))


def _begins(day: date) -> datetime:
    return calendar.at_local(day, calendar.MIDNIGHT)


def _ends(day: date) -> datetime:
    return _begins(calendar.add_days(day, 1))


def _days(seen: CTE) -> ScalarSelect[Any]:
    each = select(cast(seen.c.day, Text).label("day"), func.count().label("number")).group_by(seen.c.day).subquery()
    return select(func.jsonb_object_agg(each.c.day, each.c.number)).scalar_subquery()


def _cells(now: CTE) -> ScalarSelect[Any]:
    """[place, weekday, time of day, number]: a row of a place has no weekday, one of a weekday has the place ""."""
    place, weekday, daytime = now.c.place, now.c.weekday, now.c.daytime
    by_weekday = func.grouping(place) == 1
    each = (
        select(
            case((by_weekday, ""), else_=func.coalesce(place, "-")).label("place"),
            weekday.label("weekday"),
            daytime.label("daytime"),
            func.count().label("number"),
        )
        .group_by(func.grouping_sets(tuple_(place, daytime), tuple_(weekday, daytime)))
        .subquery()
    )
    listed = func.jsonb_build_array(each.c.place, each.c.weekday, each.c.daytime, each.c.number)
    return select(func.jsonb_agg(listed)).scalar_subquery()


def _behaviours(now: CTE) -> ScalarSelect[Any]:
    """An incident with two behaviours counts for both, once each."""
    ticked = select(now.c.id, func.unnest(now.c.problem_behaviours).label("kind")).distinct().subquery()
    each = select(ticked.c.kind, func.count().label("number")).group_by(ticked.c.kind).subquery()
    return select(func.jsonb_object_agg(each.c.kind, each.c.number)).scalar_subquery()


def _people(now: CTE) -> ScalarSelect[Any]:
    """[grade, part, number]: how often a student of a grade stands in an incident as what; never who (R-068)."""
    known = (
        func.unnest(bindparam("blinds", type_=ARRAY(LargeBinary)), bindparam("grades", type_=ARRAY(Integer)))
        .table_valued(column("blind", LargeBinary), column("grade", Integer))
        .render_derived("known")
    )
    each = (
        select(known.c.grade, Participation.involvement, func.count().label("number"))
        .select_from(now)
        .join(Participation, Participation.incident_id == now.c.id)
        .outerjoin(known, known.c.blind == Participation.link_blind)
        .where(Participation.kind == "student")
        .group_by(known.c.grade, Participation.involvement)
        .subquery()
    )
    listed = func.jsonb_build_array(each.c.grade, each.c.involvement, each.c.number)
    return cast(select(func.jsonb_agg(listed)).scalar_subquery(), JSONB)  # type: ignore[return-value]  # one value


async def prefetch_records(unit: Unit) -> None:
    """What the panel says of records beside incidents, in one statement."""
    await together.prefetch(
        unit.session,
        teams.all_active_seats(),
        tenants.all_members(),
        tenants.all_settings(),
        catalogue.all_entries,
        *(one.all_months() for one in FORMS),
    )
