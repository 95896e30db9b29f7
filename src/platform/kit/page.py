"""One result for people and programs: a struct that is the JSON, or the context of a template (decisions 23)."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from litestar import Request, Response
from litestar.app import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Template
from litestar.types import ASGIApp

from src.platform.kit import i18n
from src.platform.kit.kept import with_drafts

T = TypeVar("T")
_BEARER = "bearer"
_VARY = {"Vary": "Accept, HX-Request"}


class NavItem(NamedTuple):
    """A section of the navigation: shown to people whose roles have the permission, in this order.

    `counts` names what of the person is counted behind the title; who has the permission `unless` has another page.
    """

    path: str
    title: str
    permission: str
    order: int
    counts: str = ""
    unless: str = ""


class Page(Response[T], Generic[T]):
    """A struct with the template that shows it. Generic, so that OpenAPI knows the struct."""

    def __init__(
        self,
        content: T,
        *,
        template: str,
        status_code: int = 200,
        context: Mapping[str, Any] | None = None,
        cookies: Sequence[Cookie] = (),
        led_to: str = "",
    ) -> None:
        """`context` holds what only the page needs (choices of a select), never what JSON should have.

        Of it, `beneath` stands in the fields that neither the address nor a draft has filled.
        `led_to`: where a second click goes when this page is the one answer to something done, which cannot be shown
        again.
        """
        super().__init__(content, status_code=status_code, headers=_VARY, cookies=list(cookies))
        self.page_template, self.led_to = template, led_to
        self.page_context: dict[str, Any] = {"values": {}, "errors": [], **(context or {})}

    def again(self, *, status: int, typed: Mapping[str, Any], errors: Sequence[Any], title: str) -> "Page[T]":
        """The same page after a refusal: what was typed stands in it, with every complaint at once.

        A form sends texts; whatever else a program sent to a page, no field of it can show.
        """
        self.status_code = status
        shown = {name: value for name, value in typed.items() if _is_typed(value)}
        self.page_context |= {"values": shown, "errors": list(errors), "refused": title}
        return self

    def to_asgi_response(self, app: Litestar | None, request: Request[Any, Any, Any], **kwargs: Any) -> ASGIApp:  # type: ignore[override]  # parameters passed on untouched
        """Render for whoever asks: `text/html` named in Accept is a person."""
        if self.led_to:
            request.state.led_to = self.led_to
        if not wants_html(request):
            return super().to_asgi_response(app, request, **kwargs)
        i18n.use(language_of(request))
        context = {**page_context(request), "page": self.content, **self.page_context}
        if "refused" not in context:
            context["values"] = {**context.get("beneath", {}), **with_drafts(context["values"], context["drafts"])}
        page = Template(
            self.page_template,
            context=context,
            status_code=self.status_code or 200,
            headers=_VARY,
            cookies=self.cookies,
            media_type=MediaType.HTML,
        )
        return page.to_asgi_response(app, request, **kwargs)


def _is_typed(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def wants_html(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser asks; a program with a token gets JSON whatever it accepts."""
    return "text/html" in request.headers.get("accept", "") and bearer_of(request) is None


def bearer_of(request: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token that a program sent, None without one."""
    state = request.scope["state"]
    if _BEARER not in state:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        state[_BEARER] = token.strip() if scheme.lower() == "bearer" else None
    found: str | None = state[_BEARER]
    return found


def language_of(request: Request[Any, Any, Any]) -> str:
    """The person's language, else the cookie of a visitor, else Kazakh."""
    known: str = getattr(request.state, "language", "") or request.cookies.get("qorgan_lang", "")
    return known if known in i18n.LANGUAGES else i18n.DEFAULT


def page_context(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What every page has."""
    return {
        "subject": getattr(request.state, "subject", None),
        "csrf_token": getattr(request.state, "csrf_token", ""),
        "nav": getattr(request.state, "nav", []),
        "second_factor": getattr(request.state, "second_factor", False),
        "language": language_of(request),
        "path": request.url.path,
        "drafts": getattr(request.state, "drafts", ()),
        "values": {},
        "errors": [],
    }


class Redirected(Response[None]):
    """Go on at another address of ours after something was done (303); programs read Location."""

    def __init__(self, to: str, cookies: Sequence[Cookie]) -> None:
        """`to` is a path of this site."""
        super().__init__(None, status_code=303, headers={"Location": to, **_VARY}, cookies=list(cookies))
        self.led_to = to

    def to_asgi_response(self, app: Litestar | None, request: Request[Any, Any, Any], **kwargs: Any) -> ASGIApp:  # type: ignore[override]  # parameters passed on untouched
        """Tell the unit of work, which commits after rendering, where the form led."""
        request.state.led_to = self.led_to
        return super().to_asgi_response(app, request, **kwargs)


def redirect(to: str, *, cookies: Sequence[Cookie] = ()) -> Redirected:
    """Go on at another address of ours after something was done."""
    return Redirected(to, cookies)


def local_path(target: str) -> str:
    """`target` if it is a path of this site, else the home page: no open redirects by `//host` or a backslash."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or any(c in target for c in "\\\r\n\t"):
        return "/"
    return target
