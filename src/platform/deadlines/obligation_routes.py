"""Lists of terms, the calendar of a person, absences."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.deadlines import absences, feed, obligations
from src.platform.deadlines.schemas import AbsencePage, FeedPage, ObligationList
from src.platform.kit.forms import form, query_of, question
from src.platform.kit.media import CALENDAR
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_ABSENCES = "/absences"
LISTED = Spec(
    Field("whose", "enum", options=frozenset(obligations.SCOPES)),
    Field("state", "enum", options=frozenset(obligations.STATES)),
    Field("code", "enum", options=frozenset(obligations.CODES)),
    Field("kind", "enum", options=frozenset({"incident", "referral", "organisation"})),
    Field("after", "text"),
)
ABSENCE = Spec(
    Field("membership_id", "uuid", required=True),
    Field("first_day", "date", required=True),
    Field("last_day", "date", required=True),
    Field("deputy", "uuid"),
)
STEP = Spec(Field("version", "int", required=True))


@get("/obligations", permission="signed_in", name="deadlines.obligations")
async def listed(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[ObligationList]:
    """Terms: mine, the team's, the organisation's."""
    async with question(request, LISTED, again=lambda: _refused(unit)) as values:
        found = await obligations.listing(unit, values)
    return Page(found, template="deadlines/obligations.html", context={"values": query_of(request)})


@get(feed.PATH, permission="signed_in", name="deadlines.feed_page")
async def feed_page(unit: NamedDependency[Unit]) -> Page[FeedPage]:
    """My calendar’s address."""
    return Page(await feed.page(unit), template="deadlines/feed.html")


@post(feed.PATH, permission="signed_in", name="deadlines.feed_make", status_code=200)
async def feed_make(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[FeedPage]:
    """Make an address; it is shown on this page and never again."""
    async with form(request, Spec()):
        made = await feed.make(unit)
    return Page(made, template="deadlines/feed.html", led_to=feed.PATH)


@post(feed.PATH + "/revoke", permission="signed_in", name="deadlines.feed_revoke", status_code=200)
async def feed_revoke(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Let the address open nothing."""
    async with form(request, Spec()):
        await feed.revoke(unit)
    return redirect(feed.PATH)


@get(feed.PATH + "/{feed_token:str}", calendar_feed=True, name="deadlines.feed", gives=(CALENDAR,))
async def calendar(unit: NamedDependency[Unit]) -> Response[str]:
    """What a calendar application fetches. Whoever asks is nobody: the address is the secret."""
    return Response(await feed.written(unit), media_type="text/calendar; charset=utf-8")


@get(_ABSENCES, permission="signed_in", name="deadlines.absences")
async def absence_page(unit: NamedDependency[Unit]) -> Page[AbsencePage]:
    """Who is away and who stands in."""
    return await _absences(unit)


@post(_ABSENCES, permission="signed_in", name="deadlines.absence", status_code=200)
async def absence(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Note that somebody is away."""
    async with form(request, ABSENCE, again=lambda: _absences(unit)) as values:
        await absences.note(unit, **values)
    return redirect(_ABSENCES)


@post(_ABSENCES + "/{absence_id:uuid}/end", permission="signed_in", name="deadlines.absence_end", status_code=200)
async def absence_end(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], absence_id: FromPath[UUID]
) -> Response[Any]:
    """Somebody is back."""
    async with form(request, STEP, again=lambda: _absences(unit)) as values:
        await absences.end(unit, absence_id, **values)
    return redirect(_ABSENCES)


async def _refused(unit: Unit) -> Page[ObligationList]:
    return Page(obligations.empty(unit), template="deadlines/obligations.html")


async def _absences(unit: Unit) -> Page[AbsencePage]:
    return Page(await absences.page(unit), template="deadlines/absences.html")


route_handlers = [
    listed,
    feed_page,
    feed_make,
    feed_revoke,
    calendar,
    absence_page,
    absence,
    absence_end,
]
