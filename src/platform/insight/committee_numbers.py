"""What a report to the parents' committee may say, without a number of children in it (R-024, ADR 30).

Counted is only what every member who reads the page may read: a total of more would tell somebody in conflict that
there is one more incident. Small numbers are "few", larger ones are a band of at least eight, places and kinds stand
without a number, and only where eight children or more of eight incidents or more are behind them.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import CTE, DateTime, ScalarSelect, Select, and_, bindparam, case, func, literal, or_, select
from sqlalchemy import distinct as different

from src.platform.access import service as access
from src.platform.access.policy import table
from src.platform.access.relations import scope
from src.platform.db.prepared import named, named_row, numbered, once
from src.platform.db.unit import Unit
from src.platform.deadlines.models import Obligation
from src.platform.deadlines.periodic import WEEKLY
from src.platform.forms import registry as forms
from src.platform.incidents import states
from src.platform.incidents.models import Incident, Participation
from src.platform.incidents.reading import daytimes
from src.platform.insight.repository import READ
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

READS_PAGE = "insight.read"
SMALL = 8
FEW = "few"
_BANDS = (64, 32, 16, SMALL)
_SCREENED, _DECIDED = ("clk_screen_urgent", "clk_screen_standard"), ("clk_team_classification",)
_NEARLY_ALL, _MOST = 0.9, 0.5
_STARTS, _ENDS = (bindparam(name, type_=DateTime(timezone=True)) for name in ("starts_at", "ends_at"))
_IN_FAMILIES = frozenset({"home", "residential_institution"})
"""Places that lead to a family or to an institution are never named."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report says, in no language."""

    incidents: str
    screened: str
    decided: str
    places: list[str]
    behaviours: list[str]
    daytimes: list[str]
    team: bool
    members: int
    trained: int
    meetings: int
    meetings_due: int

    @property
    def fingerprint(self) -> str:
        """Which report somebody has seen."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


async def content(unit: Unit, starts_at: datetime, ends_at: datetime) -> Content:
    """What the records say of a period, the same whoever asks."""
    readers = [one for one in await tenants.members(unit) if access.has_module(one.roles, READS_PAGE)]
    facts = await vault.facts_of_members(unit, readers)
    readers.sort(key=lambda one: sorted(one.roles))  # the same roles in the same order are the same text
    told: dict[str, object] = {"starts_at": starts_at, "ends_at": ends_at}
    for number, one in enumerate(readers):
        told |= {f"{name}_{number}": value for name, value in facts[one.membership_id].items()}
    names = frozenset(name for known in facts.values() for name in known)
    roles = tuple(one.roles for one in readers)
    query = once(("committee", roles, names), table(), lambda: named(_query(roles, names)))
    found = await named_row(unit.session, query, told)
    seats = await teams.active_members(unit)
    return Content(
        incidents=band(found["incidents"], found["children"]),
        screened=share(found["screened"], found["screened_due"]),
        decided=share(found["decided"], found["decided_due"]),
        places=_listed(found["places"], in_order("place")),
        behaviours=_listed(found["behaviours"], in_order("problem_behaviour")),
        daytimes=_listed(found["daytimes"], daytimes.DAYTIMES),
        team=bool(seats),
        members=len(seats),
        trained=sum(one.trained_on is not None for one in seats),
        meetings=found["meetings"],
        meetings_due=found["meetings_due"],
    )


def in_order(options: str) -> list[str]:
    """The answers of an option list as the law has them."""
    return [one.key for one in forms.options(options).options]


def band(number: int, children: int) -> str:
    """Between which numbers a number lies: `8_15`; "few" also where fewer than eight children are behind it."""
    if min(number, children) < SMALL:
        return FEW
    least = next(one for one in _BANDS if number >= one)
    return f"{least}_{2 * least - 1}" if least < _BANDS[0] else f"{least}_more"


def share(done: int, due: int) -> str:
    """How much of what was due was done in time, in words; nothing of few."""
    if due < SMALL:
        return FEW
    if done == due:
        return "all"
    part = done / due
    return "nearly_all" if part >= _NEARLY_ALL else "most" if part > _MOST else "half_or_fewer"


def _listed(found: Collection[str] | None, order: Collection[str]) -> list[str]:
    """In the order of the law's list, which tells of no number."""
    return [one for one in order if one in (found or ()) and one not in _IN_FAMILIES]


def _query(roles: Sequence[frozenset[str]], facts: frozenset[str]) -> Select[Any]:
    seen = _seen(roles, facts)
    children = (
        select(seen.c.id, seen.c.place, seen.c.daytime, seen.c.problem_behaviours, Participation.link_blind)
        .outerjoin(Participation, and_(Participation.incident_id == seen.c.id, Participation.kind == "student"))
        .cte("children")
    )
    kinds = select(children.c.id, children.c.link_blind, func.unnest(children.c.problem_behaviours).label("kind")).cte(
        "kinds"
    )
    weekly = and_(Obligation.code == WEEKLY, Obligation.due_at >= _STARTS, Obligation.due_at < _ENDS)
    fell_away = and_(Obligation.cancelled_at.is_not(None), Obligation.cancelled_at <= Obligation.due_at)
    parts = {
        "incidents": select(func.count()).select_from(seen).scalar_subquery(),
        "children": select(func.count(different(children.c.link_blind))).scalar_subquery(),
        "places": _enough(children, children.c.place),
        "daytimes": _enough(children, children.c.daytime),
        "behaviours": _enough(kinds, kinds.c.kind),
        **_terms(seen, "screened", _SCREENED),
        **_terms(seen, "decided", _DECIDED),
        "meetings": select(func.count()).where(weekly, Obligation.met_at.is_not(None)).scalar_subquery(),
        "meetings_due": select(func.count()).where(weekly, ~fell_away).scalar_subquery(),
    }
    return select(*(part.label(name) for name, part in parts.items()))


def _seen(roles: Sequence[frozenset[str]], facts: frozenset[str]) -> CTE:
    """Incidents reported in the period that every reader of the page may read; without a reader there is none."""
    query = select(Incident.id, Incident.place, daytimes.daytime().label("daytime"), Incident.problem_behaviours).where(
        Incident.state != states.LINKED,
        Incident.reported_at >= _STARTS,
        Incident.reported_at < _ENDS,
        literal(value=bool(roles)),
    )
    for number, held in enumerate(roles):
        mine = select(Incident.id).where(Incident.reported_at >= _STARTS, scope(held, READ))
        query = query.where(Incident.id.in_(numbered(mine, facts, number)))
    return query.cte("seen")


def _enough(rows: CTE, what: Any) -> ScalarSelect[Any]:
    """What stands in so many incidents with so many children that no child is behind it alone."""
    each = (
        select(what.label("kind"))
        .where(what.is_not(None))
        .group_by(what)
        .having(
            func.count(different(rows.c.id)) >= SMALL,
            func.count(different(rows.c.link_blind)) >= SMALL,
        )
        .subquery()
    )
    return select(func.array_agg(each.c.kind)).scalar_subquery()


def _terms(seen: CTE, name: str, codes: Collection[str]) -> dict[str, ScalarSelect[Any]]:
    """Terms of these incidents that were met in time, of those that were met or ran out."""
    in_time = Obligation.met_at <= Obligation.due_at
    of_them = and_(Obligation.code.in_(codes), Obligation.subject_id.in_(select(seen.c.id)))
    ended = or_(Obligation.met_at.is_not(None), Obligation.overdue_at.is_not(None))
    return {
        name: select(func.count(case((in_time, 1)))).where(of_them).scalar_subquery(),
        f"{name}_due": select(func.count()).where(of_them, ended).scalar_subquery(),
    }
