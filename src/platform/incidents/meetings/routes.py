"""Meetings of the team: plan, invite, who came; the decision itself is a step of each incident."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, merging
from src.platform.incidents.meetings import service as meetings
from src.platform.incidents.meetings import views as meeting_views
from src.platform.incidents.meetings.schemas import MeetingList, MeetingView
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect


@get("/meetings", permission="incident.classify", name="incidents.meetings")
async def listing(unit: NamedDependency[Unit]) -> Page[MeetingList]:
    """Meetings of the team, and what waits for one."""
    return await _list_page(unit)


@post("/meetings", permission="incident.classify", name="incidents.plan_meeting", status_code=200)
async def plan(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Plan a meeting with an agenda."""
    async with form(request, inputs.PLAN, again=lambda: _list_page(unit)) as values:
        sitting = await meetings.plan(unit, **values)
    return redirect(f"/meetings/{sitting}")


@get("/meetings/{sitting_id:uuid}", permission="incident.classify", name="incidents.meeting")
async def one(unit: NamedDependency[Unit], sitting_id: FromPath[UUID]) -> Page[MeetingView]:
    """One meeting."""
    return await _page(unit, sitting_id)


@post("/meetings/{sitting_id:uuid}/invite", permission="incident.classify", name="incidents.invite", status_code=200)
async def invite(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], sitting_id: FromPath[UUID]
) -> Response[Any]:
    """Invite who has joined the team since."""
    async with form(request, inputs.NOTHING, again=lambda: _page(unit, sitting_id)):
        await meetings.invite(unit, sitting_id)
    return redirect(f"/meetings/{sitting_id}")


@post(
    "/meetings/{sitting_id:uuid}/attendance", permission="incident.classify", name="incidents.attend", status_code=200
)
async def attend(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], sitting_id: FromPath[UUID]
) -> Response[Any]:
    """Who came, and when."""
    async with form(request, inputs.ATTEND, again=lambda: _page(unit, sitting_id), merge=merging.attend) as values:
        await meetings.attend(unit, sitting_id, **values)
    return redirect(f"/meetings/{sitting_id}")


async def _list_page(unit: Unit) -> Page[MeetingList]:
    return Page(await meeting_views.listing(unit), template="incidents/meetings.html")


async def _page(unit: Unit, sitting_id: UUID) -> Page[MeetingView]:
    return Page(await meeting_views.one(unit, sitting_id), template="incidents/meeting.html")


route_handlers = [listing, plan, one, invite, attend]
