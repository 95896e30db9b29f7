"""What Form E counts of a period, in one statement: numbers only, the same whoever asks (R-053 … R-055).

Each number is the one of the law's table: reports by the moment they came, incidents by their earliest report, people
and levels by the meeting that decided. A linked incident counts as the one it was linked into.
"""

from datetime import datetime

from sqlalchemy import Select, Text, cast, distinct, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.selectable import CTE

from src.platform.db.unit import Unit
from src.platform.incidents.models import OFFENDERS, Incident, Injury, Participation, Report, TeamMeeting

REPORTERS = ("student", "teacher", "staff", "parent")
"""Whoever is none of these, or has no name, is `other`."""
LEVELS = ("not_at_risk", "at_risk", "high_risk")
_VICTIMS = ("victim", "both")
_STUDENT = "student"
_NOT_CONFIRMED = "not_confirmed"


async def between(unit: Unit, start: datetime, end: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers from `start` up to `end`, by the keys of Form E, and how many incidents tick each behaviour."""
    query, behaviours = _numbers(start, end)
    row = (await unit.session.execute(query)).mappings().one()
    ticked: dict[str, int] = row[behaviours] or {}
    return {key: int(value or 0) for key, value in row.items() if key != behaviours}, ticked


def _numbers(start: datetime, end: datetime) -> tuple[Select[tuple[object, ...]], str]:
    reported, people, levels = _reported(start, end), _people(start, end), _levels(start, end)
    per_kind = _per_behaviour(reported)
    columns = {
        "cases_total": select(func.count()).select_from(reported),
        **_reports(start, end),
        "forms_completed": select(func.count()).where(
            Incident.investigation_ended_at >= start,
            Incident.investigation_ended_at < end,
            Incident.linked_into.is_(None),
        ),
        "offenders_total": _children(people, *OFFENDERS),
        "victims_total": _children(people, *_VICTIMS),
        "witnesses_total": _children(people, "witness"),
        **{
            f"class_{level}": select(func.count()).select_from(levels).where(levels.c.level == level)
            for level in LEVELS
        },
        "injured_total": _injured(reported),
        "behaviours": select(func.jsonb_object_agg(per_kind.c.kind, per_kind.c.number)),
    }
    return select(*(query.scalar_subquery().label(key) for key, query in columns.items())), "behaviours"


def _reported(start: datetime, end: datetime) -> CTE:
    """Incidents whose earliest report came in the period."""
    return (
        select(Incident.id, Incident.problem_behaviours, Incident.injured_count)
        .where(Incident.reported_at >= start, Incident.reported_at < end, Incident.linked_into.is_(None))
        .cte("reported")
    )


def _reports(start: datetime, end: datetime) -> dict[str, Select[int]]:
    """Reports by who reported; two reports of one incident are two."""
    came = select(func.count()).where(Report.received_at >= start, Report.received_at < end)
    known = {f"reporters_{status}": came.where(Report.reporter_status == status) for status in REPORTERS}
    return known | {"reporters_other": came.where(Report.reporter_status.not_in(REPORTERS))}


def _per_behaviour(reported: CTE) -> CTE:
    """An incident with two behaviours adds one to both (R-055)."""
    kind = func.unnest(reported.c.problem_behaviours).label("kind")
    ticked = select(reported.c.id, kind).distinct().cte("ticked")
    return select(ticked.c.kind, func.count().label("number")).group_by(ticked.c.kind).cte("per_kind")


def _people(start: datetime, end: datetime) -> CTE:
    """Everybody in an incident whose last meeting of the period did not say that nothing was confirmed."""
    last = (
        select(TeamMeeting.incident_id, func.coalesce(TeamMeeting.outcome, Incident.outcome).label("outcome"))
        .join(Incident, Incident.id == TeamMeeting.incident_id)
        .where(TeamMeeting.held_at >= start, TeamMeeting.held_at < end)
        .ext(distinct_on(TeamMeeting.incident_id))
        .order_by(TeamMeeting.incident_id, TeamMeeting.held_at.desc(), TeamMeeting.id.desc())
        .cte("decided")
    )
    return (
        select(Participation.link_blind, Participation.involvement)
        .join(last, last.c.incident_id == Participation.incident_id)
        .where(last.c.outcome.is_distinct_from(_NOT_CONFIRMED), Participation.kind == _STUDENT)
        .cte("people")
    )


def _children(people: CTE, *involvements: str) -> Select[int]:
    return select(func.count(distinct(people.c.link_blind))).where(people.c.involvement.in_(involvements))


def _levels(start: datetime, end: datetime) -> CTE:
    """Each child once, with the last level that a meeting of the period set."""
    level = func.coalesce(TeamMeeting.levels.op("->>")(cast(Participation.id, Text)), Participation.risk_level)
    return (
        select(Participation.link_blind, level.label("level"))
        .join(TeamMeeting, TeamMeeting.incident_id == Participation.incident_id)
        .where(TeamMeeting.held_at >= start, TeamMeeting.held_at < end)
        .where(Participation.kind == _STUDENT, level.is_not(None))
        .ext(distinct_on(Participation.link_blind))
        .order_by(Participation.link_blind, TeamMeeting.held_at.desc(), TeamMeeting.id.desc())
        .cte("levels")
    )


def _injured(reported: CTE) -> Select[int]:
    """Unique children with a noted injury; of an incident where nobody is named, the number that its Form D says."""
    hurt = (
        select(Participation.link_blind, Participation.incident_id)
        .join(Injury, Injury.participation_id == Participation.id)
        .join(reported, reported.c.id == Participation.incident_id)
        .where(Participation.kind == _STUDENT)
        .cte("hurt")
    )
    named = select(func.count(distinct(hurt.c.link_blind))).scalar_subquery()
    without = ~exists().where(hurt.c.incident_id == reported.c.id)
    return select(named + func.coalesce(func.sum(reported.c.injured_count), 0)).where(without)
