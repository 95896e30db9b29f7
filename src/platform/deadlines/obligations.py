"""Lists of terms: mine, the team's, the organisation's; always only of records that the reader may read."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import repository, service
from src.platform.deadlines.repository import Asked
from src.platform.deadlines.schemas import ObligationList
from src.platform.kit import clock, cursor
from src.platform.kit.errors import Forbidden
from src.platform.tenants import service as tenants

PAGE_SIZE = 50
CODES = (
    "clk_screen_urgent",
    "clk_screen_standard",
    "clk_medical",
    "clk_serious_forward",
    "clk_investigation",
    "clk_team_classification",
    "clk_team_meeting",
    "clk_partner_answer",
    "clk_partner_redirect",
    "clk_partner_weekly",
    "clk_partner_attendance",
    "clk_monthly_e",
    "clk_monthly_j",
    "clk_residential_forward",
    "clk_council_criminal",
    "clk_commission_assessment",
)
"""What a list is asked for by name; a clock that tells of a class of its own is not among them (S-17)."""
STATES = ("running", "overdue", "amber", "done", "missed")
SCOPES = ("mine", "team", "all")
_NEEDS = {"team": "obligation.see_team", "all": "obligation.see_all"}
_NARROWS = ("state", "code", "kind")


async def listing(unit: Unit, asked: Mapping[str, Any]) -> ObligationList:
    """One page, the earliest due first. Raises Forbidden for a list that is not for this role, Invalid for a cursor."""
    whose, state = asked.get("whose", "mine"), asked.get("state", "running")
    if whose not in scopes(unit):
        raise Forbidden(_NEEDS[whose])
    place = cursor.place(asked.get("after"))
    wanted = Asked(
        owed_by=await _owed_by(unit, whose),
        of_nobody=service.of_my_roles(unit) if whose == "mine" else frozenset(),
        codes=frozenset({asked["code"]}) if asked.get("code") else frozenset(),
        subject_kind=asked.get("kind", ""),
        state=state,
        after=place,
    )
    found = await repository.visible(unit, wanted, now=clock.now(), most=PAGE_SIZE + 1)
    rows = [await service.due_of(unit, one) for one in found[:PAGE_SIZE]]
    if rows:
        audit.record(unit, "clock.listed", "clock", [one.id for one in rows])
    more = len(found) > PAGE_SIZE
    kept = {name: asked[name] for name in ("whose", *_NARROWS) if asked.get(name)}
    return ObligationList(
        rows=rows,
        whose=whose,
        scopes=scopes(unit),
        codes=list(CODES),
        after=cursor.after(rows[-1].due_at, rows[-1].id) if more else None,
        query=urlencode(kept),
        narrowed=any(asked.get(name) for name in _NARROWS),
    )


def empty(unit: Unit) -> ObligationList:
    """The form of the list without a row: what a question that was refused is shown with."""
    return ObligationList(
        rows=[], whose="mine", scopes=scopes(unit), codes=list(CODES), after=None, query="", narrowed=True
    )


def scopes(unit: Unit) -> list[str]:
    """The lists that this person may open."""
    return [one for one in SCOPES if one not in _NEEDS or access.may_enter(unit.me, _NEEDS[one])]


async def _owed_by(unit: Unit, whose: str) -> frozenset[UUID | None] | None:
    if whose == "mine":
        return frozenset({unit.me.membership_id})
    if whose == "all":
        return None
    roles = access.roles_with(_NEEDS["team"])
    return frozenset({None, *(one.membership_id for one in await tenants.members(unit) if one.roles & roles)})
