"""The page of the security team and the verbs on it."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.teams import service, states, views
from src.platform.teams.schemas import NewOrder, TeamPage

NAV = (NavItem("/team", N_("Security team"), "team.read", 60),)
DRAFT = Spec(
    Field("school_year", "text", required=True, most=9),
    Field("order_no", "text", required=True, most=50),
    Field("order_date", "date", required=True),
)
MEMBER = Spec(
    Field("membership_id", "uuid", required=True),
    Field("kind", "enum", required=True, options=frozenset(states.KINDS)),
    Field("trained_on", "date"),
)
SEAT = Spec(Field("seat_id", "uuid", required=True))
TRAINING = Spec(Field("seat_id", "uuid", required=True), Field("trained_on", "date", required=True))
PLACE = Spec(
    Field("seat_id", "uuid", required=True),
    Field("place", "enum", required=True, options=frozenset({"leader", "deputy"})),
)
STEP = Spec(Field("version", "int", required=True))
DUTY = Spec(Field("membership_id", "uuid", required=True))


@get("/team", permission="team.read", name="teams.page")
async def page(unit: NamedDependency[Unit]) -> Page[TeamPage]:
    """The security team."""
    return await _page(unit)


@post("/team", permission="team.order", name="teams.draft", status_code=200)
async def draft(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Begin an order."""
    async with form(request, DRAFT, again=lambda: _page(unit)) as values:
        await service.draft_team(unit, NewOrder(**values))
    return redirect("/team")


@post("/teams/{team_id:uuid}/members", permission="team.compose", name="teams.add_member", status_code=200)
async def add_member(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]
) -> Response[Any]:
    """Take an employee into the team."""
    async with form(request, MEMBER, again=lambda: _page(unit)) as values:
        await service.add_member(unit, team_id, **values)
    return redirect("/team")


@post("/teams/{team_id:uuid}/remove", permission="team.compose", name="teams.remove_member", status_code=200)
async def remove_member(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]
) -> Response[Any]:
    """Let a member go."""
    async with form(request, SEAT, again=lambda: _page(unit)) as values:
        await service.remove_member(unit, team_id, **values)
    return redirect("/team")


@post("/teams/{team_id:uuid}/training", permission="team.train", name="teams.training", status_code=200)
async def training(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]
) -> Response[Any]:
    """Note a training."""
    async with form(request, TRAINING, again=lambda: _page(unit)) as values:
        await service.record_training(unit, team_id, **values)
    return redirect("/team")


@post("/teams/{team_id:uuid}/leader", permission="team.order", name="teams.appoint", status_code=200)
async def appoint(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]
) -> Response[Any]:
    """Make somebody leader or deputy."""
    async with form(request, PLACE, again=lambda: _page(unit)) as values:
        await service.appoint(unit, team_id, values["seat_id"], leader=values["place"] == "leader")
    return redirect("/team")


@post("/teams/{team_id:uuid}/activate", permission="team.order", name="teams.activate", status_code=200)
async def activate(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]
) -> Response[Any]:
    """Put the order in force."""
    async with form(request, STEP, again=lambda: _page(unit)) as values:
        await service.activate(unit, team_id, **values)
    return redirect("/team")


@post("/teams/{team_id:uuid}/end", permission="team.order", name="teams.end", status_code=200)
async def end(request: Request[Any, Any, Any], unit: NamedDependency[Unit], team_id: FromPath[UUID]) -> Response[Any]:
    """The order is no longer in force."""
    async with form(request, STEP, again=lambda: _page(unit)) as values:
        await service.end(unit, team_id, **values)
    return redirect("/team")


@post("/team/duty", permission="team.hand_over", name="teams.duty", status_code=200)
async def duty(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Hand the duty over."""
    async with form(request, DUTY, again=lambda: _page(unit)) as values:
        await service.hand_over_duty(unit, **values)
    return redirect("/team")


async def _page(unit: Unit) -> Page[TeamPage]:
    return Page(await views.page(unit), template="teams/team.html")


route_handlers = [page, draft, add_member, remove_member, training, appoint, activate, end, duty]
