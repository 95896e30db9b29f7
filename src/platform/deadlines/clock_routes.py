"""The page of one clock and the verbs on it."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.deadlines import explanation, periodic, stopping
from src.platform.deadlines.schemas import ClockPage
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_AT = "/clocks/{obligation_id:uuid}"
_REASON = Field("reason", "longtext", required=True, most=2000)
_VERSION = Field("version", "int", required=True)
EXTEND = Spec(_VERSION, Field("until", "date", required=True), _REASON)
STOP = Spec(_VERSION, _REASON)
DECIDE = Spec(
    _VERSION,
    Field("change_id", "uuid", required=True),
    Field("answer", "enum", required=True, options=frozenset({"agree", "refuse"})),
)
MEETING = Spec(_VERSION, Field("held_at", "datetime", required=True))


@get(_AT, permission="signed_in", name="deadlines.clock")
async def clock_page(unit: NamedDependency[Unit], obligation_id: FromPath[UUID]) -> Page[ClockPage]:
    """Why a term ends when it ends, and what happened to it."""
    return await _page(unit, obligation_id)


@post(_AT + "/extend", permission=stopping.MOVES, name="deadlines.extend", status_code=200)
async def extend(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], obligation_id: FromPath[UUID]
) -> Response[Any]:
    """Move the end of a term."""
    async with form(request, EXTEND, again=lambda: _page(unit, obligation_id)) as values:
        await stopping.extend(unit, obligation_id, **values)
    return _back(obligation_id)


@post(_AT + "/stop", permission=stopping.MOVES, name="deadlines.stop", status_code=200)
async def stop(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], obligation_id: FromPath[UUID]
) -> Response[Any]:
    """End a term without the duty being done."""
    async with form(request, STOP, again=lambda: _page(unit, obligation_id)) as values:
        await stopping.stop(unit, obligation_id, **values)
    return _back(obligation_id)


@post(_AT + "/decide", permission=stopping.MOVES, name="deadlines.decide", status_code=200)
async def decide(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], obligation_id: FromPath[UUID]
) -> Response[Any]:
    """Take the second look at what a colleague asks."""
    async with form(request, DECIDE, again=lambda: _page(unit, obligation_id)) as values:
        agree = values.pop("answer") == "agree"
        await stopping.decide(unit, obligation_id, **values, agree=agree)
    return _back(obligation_id)


@post(_AT + "/meeting", permission="team.note_meeting", name="deadlines.note_meeting", status_code=200)
async def meeting(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], obligation_id: FromPath[UUID]
) -> Response[Any]:
    """Note that the team has met this week."""
    async with form(request, MEETING, again=lambda: _page(unit, obligation_id)) as values:
        await periodic.note_meeting(unit, obligation_id, **values)
    return _back(obligation_id)


def _back(obligation_id: UUID) -> Response[Any]:
    return redirect(f"/clocks/{obligation_id}")


async def _page(unit: Unit, obligation_id: UUID) -> Page[ClockPage]:
    return Page(await explanation.page(unit, obligation_id), template="deadlines/clock.html")


route_handlers = [clock_page, extend, stop, decide, meeting]
