"""One-time links: the school makes and withdraws them; whoever has a code reports one week without an account.

The public pages set no cookie and need no script; the code stands in a form, never in an address.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import FormRejectedError, form, pressed, read_body
from src.platform.kit.i18n import LANGUAGES
from src.platform.kit.page import Page, language_of, redirect
from src.platform.kit.payload import Field, Spec, keepable
from src.platform.referrals import links, views, weekly
from src.platform.referrals.errors import UnknownLinkError
from src.platform.referrals.partner_routes import WEEK, WEEKLY
from src.platform.referrals.schemas import LinkedWeek, LinkPaper, ReferralView

_REFERRAL = "/referrals/{referral_id:uuid}"
_CODE = Field("code", "text", required=True, most=60)
_OTHER_LANGUAGE = "_language"
OPEN = Spec(_CODE)
LINKED = Spec(_CODE, *WEEKLY)
STEP = Spec(Field("version", "int", required=True))


class CodePage(msgspec.Struct, frozen=True):
    """The page that asks for a code, or says that the report has arrived."""

    done: bool = False


@post(_REFERRAL + "/links", permission="referral.link", name="referrals.make_link", status_code=200)
async def make(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Page[LinkPaper]:
    """A link for one week; its code is shown on this page and never again."""
    async with form(request, WEEK, again=lambda: _referral_page(unit, referral_id)) as values:
        paper = await links.make(unit, referral_id, values["week"])
    return Page(paper, template="referrals/link_paper.html", led_to=f"/referrals/{referral_id}")


@post(
    _REFERRAL + "/links/{link_id:uuid}/revoke",
    permission="referral.link",
    name="referrals.revoke_link",
    status_code=200,
)
async def revoke(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID], link_id: FromPath[UUID]
) -> Response[Any]:
    """Let a link open nothing."""
    async with form(request, STEP, again=lambda: _referral_page(unit, referral_id)) as values:
        await links.revoke(unit, referral_id, link_id, values["version"])
    return redirect(f"/referrals/{referral_id}")


@get("/weekly", name="referrals.link_form")
async def code_form(request: Request[Any, Any, Any]) -> Page[CodePage]:
    """Ask for the code. It comes typed, or from behind the # of a link."""
    _speak(request)
    return _code_page()


@post("/weekly", name="referrals.open_link", status_code=200)
async def opened(request: Request[Any, Any, Any]) -> Page[LinkedWeek]:
    """What the code opens: a code, a service, a week."""
    _speak(request)
    async with form(request, OPEN, again=_ask_again) as values:
        return _week_page(await links.opened(values["code"]))


@post("/weekly/report", name="referrals.report_by_link", status_code=200)
async def report(request: Request[Any, Any, Any]) -> Page[LinkedWeek] | Page[CodePage]:
    """Report the week, once. What was typed stays on the page whatever the answer is."""
    _speak(request)
    body = await read_body(request)
    typed = keepable(body, LINKED)
    try:
        page = _week_page(await links.opened(str(typed.get("code", ""))))
        if await pressed(request, _OTHER_LANGUAGE):  # the same page in another language, with everything typed
            page.page_context["values"] = typed
            return page
        async with form(request, LINKED, again=_once_more(page)) as values:
            await links.report(values.pop("code"), msgspec.convert(values, weekly.Filed))
    except UnknownLinkError as complaint:
        raise FormRejectedError(complaint, _code_page("referrals/link_gone.html"), typed) from None
    return _code_page("referrals/link_done.html", done=True)


def _speak(request: Request[Any, Any, Any]) -> None:
    """The language of the address, else as everywhere."""
    chosen = request.query_params.get("lang", "")
    request.state.language = chosen if chosen in LANGUAGES else language_of(request)


def _code_page(template: str = "referrals/link_code.html", *, done: bool = False) -> Page[CodePage]:
    return Page(CodePage(done=done), template=template)


async def _ask_again() -> Page[CodePage]:
    return _code_page()


def _once_more(page: Page[LinkedWeek]) -> Any:
    async def again() -> Page[LinkedWeek]:
        return page

    return again


def _week_page(view: LinkedWeek) -> Page[LinkedWeek]:
    known = {"sessions_count": "", "attended_count": ""}
    return Page(view, template="referrals/link_week.html", context={"known": known})


async def _referral_page(unit: Unit, referral_id: UUID) -> Page[ReferralView]:
    return Page(await views.one(unit, referral_id), template="referrals/referral.html")


route_handlers = [make, revoke, code_form, opened, report]
