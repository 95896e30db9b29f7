"""Nothing typed is lost (decisions 25): drafts on pages, the buttons for them, forms of sessions that ended.

All of it happens around the handlers: a route says `kept=Kept(…)` and knows nothing more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import quote

from litestar import Request

from src.platform.db.unit import Unit
from src.platform.drafts import keys
from src.platform.drafts import service as drafts
from src.platform.drafts.routes import COOKIE
from src.platform.drafts.schemas import PutAside, Typed
from src.platform.kit import clock
from src.platform.kit.errors import Invalid, QorganError
from src.platform.kit.forms import CSRF_FIELD, pressed, read_body
from src.platform.kit.i18n import N_, format_recent, gettext_in
from src.platform.kit.kept import DANGER, DRAFT_FIELD, REPORT_DANGER, Kept
from src.platform.kit.page import bearer_of, wants_html
from src.platform.kit.payload import keepable
from src.platform.web import once
from src.platform.web.modules import route_modules

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TYPE = re.compile(r":\w+}")
_PARAMETER = re.compile(r"\\{(\w+)\\}")


class DraftAnsweredError(QorganError):
    """The draft was kept or discarded and the form not sent: go back to its page; programs read `text`."""

    status = 303
    code = "draft_answered"

    def __init__(self, location: str, text: str = "") -> None:
        """`text` is in the person's language."""
        super().__init__()
        self.location, self.text = location, text


class PutAsideError(QorganError):
    """The session of the page is over and what was typed is put aside; the browser keeps the secret that opens it."""

    status = 303
    code = "put_aside"

    def __init__(self, location: str, secret: str) -> None:
        """`location` leads back to the form, by way of signing in where that is needed."""
        super().__init__()
        self.location, self.secret = location, secret


@dataclass(frozen=True, slots=True)
class _Written:
    """A form that a request brought."""

    page: str
    typed: Typed


class _Place(NamedTuple):
    """Pages on which a form stands, and where it is sent from there."""

    pages: re.Pattern[str]
    address: str


async def show(request: Request[Any, Any, Any], unit: Unit) -> None:
    """Find the drafts of the forms that the answer may show; a page that shows none of them takes no notice."""
    if wants_html(request) and (addresses := list(_addresses(request))):
        request.state.drafts = await drafts.of(unit, addresses)


async def only_a_draft(request: Request[Any, Any, Any], unit: Unit, number: str) -> DraftAnsweredError | None:
    """Keep or discard a draft if that is the button that was pressed; what to answer then."""
    verb, kept = await pressed(request, DRAFT_FIELD), _kept(request)
    if not verb or kept is None:
        return None
    written = await _written(request, kept)
    if verb == "discard":
        await drafts.let_go(unit, written.typed.address, written.typed.apart, number or token_hex())
        return DraftAnsweredError(written.page)
    await drafts.keep(unit, written.typed, number or token_hex())
    if verb == DANGER:
        return DraftAnsweredError(f"{REPORT_DANGER}&back={quote(written.page, safe='')}")
    kept_at = format_recent(written.typed.typed_at)
    return DraftAnsweredError(written.page, gettext_in(unit.language, N_("Draft kept at %(time)s"), time=kept_at))


async def sent(request: Request[Any, Any, Any], unit: Unit, number: str, led_to: str | None) -> None:
    """A form that was taken leaves no draft, in the transaction that took it."""
    kept = _kept(request)
    if led_to is not None and kept is not None:
        fields = await _fields(request, kept) if kept.apart else {}
        await drafts.let_go(unit, _address(request), _apart(kept, fields), number or token_hex())


async def put_aside(request: Request[Any, Any, Any], unit: Unit) -> PutAsideError | None:
    """Seal a person's form whose session is over, for whom its page was made and for nobody else.

    The session may have ended, or the same person may have signed in again or changed the organisation elsewhere.
    """
    kept = _kept(request)
    if kept is None or not wants_html(request):
        return None
    _, mark = once.taken_apart(await pressed(request, CSRF_FIELD))
    owner = keys.owner_of(mark)
    if owner is None or (unit.subject is not None and unit.subject.user_id != owner.user_id):
        return None
    try:
        written = await _written(request, kept, interrupted=True)
    except Invalid:
        return None
    secret = keys.stash_secret(request.cookies.get(COOKIE))
    form = PutAside(owner.tenant_id, written.page, written.typed)
    way_back = f"/kept/{await drafts.put_aside(unit, owner, mark, secret, form)}"
    return PutAsideError(way_back if unit.subject else f"/sign-in?next={way_back}", secret)


async def _written(request: Request[Any, Any, Any], kept: Kept, *, interrupted: bool = False) -> _Written:
    fields = await _fields(request, kept)
    apart = _apart(kept, fields)
    page = kept.page_of(request.path_params, apart)
    return _Written(page, Typed(_address(request), apart, fields, clock.now(), interrupted))


async def _fields(request: Request[Any, Any, Any], kept: Kept) -> dict[str, str | list[str]]:
    return keepable(await read_body(request), kept.fields, kept.also)


def _apart(kept: Kept, fields: Mapping[str, str | list[str]]) -> dict[str, str]:
    """What tells the drafts of several forms of one address from each other."""
    return {name: told for name in kept.apart if isinstance(told := fields.get(name), str) and told}


def _address(request: Request[Any, Any, Any]) -> str:
    return _TYPE.sub("}", _template(request)).format(**request.path_params)


def _kept(request: Request[Any, Any, Any]) -> Kept | None:
    """Nothing for programs: they keep no drafts, and what the maker of a token typed is not theirs to discard."""
    found: Kept | None = request.route_handler.opt.get("kept")
    return found if bearer_of(request) is None else None


def _template(request: Request[Any, Any, Any]) -> str:
    """The path of the request's route, with its parameters unfilled."""
    (path,) = request.route_handler.paths
    return path


def _addresses(request: Request[Any, Any, Any]) -> Iterator[str]:
    """Where the forms are sent that stand on the page asked for, or on one that a refused form would show again."""
    asked = request.url.path.lower()
    places = {asked}
    if request.method not in SAFE:
        parts = asked.split("/")
        places |= {"/".join(parts[:end]) for end in range(2, len(parts))}
        if kept := _kept(request):
            places.add(kept.page_of(request.path_params, {}).partition("?")[0])
    for place in _places():
        for found in filter(None, map(place.pages.fullmatch, places)):
            yield place.address.format(**found.groupdict())


@cache
def _places() -> tuple[_Place, ...]:
    handlers = [handler for module in route_modules() for handler in module.route_handlers]
    forms = [(handler.opt["kept"], path) for handler in handlers if "kept" in handler.opt for path in handler.paths]
    return tuple(_Place(_pattern(kept.page), _TYPE.sub("}", path)) for kept, path in forms)


def _pattern(page: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(page.partition("?")[0])))
