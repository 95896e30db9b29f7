"""Signing in and out, choosing an organisation and a language."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response

from src.platform.accounts import second_factor, service, session_cookie, totp
from src.platform.accounts.schemas import (
    AccountPage,
    AppOffer,
    CodesOffer,
    OrganisationChoice,
    OrganisationChoices,
    SecondFactorPage,
    SignInPage,
)
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.forms import form
from src.platform.kit.page import Page, local_path, redirect
from src.platform.kit.payload import Field, Spec

SIGN_IN = Spec(
    Field("sign_in", "text", required=True), Field("password", "secret", required=True), Field("next", "text")
)


CODE = Spec(Field("code", "secret", required=True), Field("next", "text"))
NEXT = Spec(Field("next", "text"))
PASSWORD = Spec(Field("old_password", "secret", required=True), Field("new_password", "secret", required=True))
_Next = Annotated[str, QueryParameter(name="next")]


@get("/sign-in", name="accounts.sign_in_form")
async def sign_in_form(next_path: _Next = "/") -> Page[SignInPage]:
    """Ask for name and password."""
    return _sign_in_page(next_path)


@post("/sign-in", name="accounts.sign_in", status_code=200)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session under a new id, whatever id the browser sent (S-22)."""
    async with form(request, SIGN_IN, again=_empty_sign_in) as values:
        opened = await service.sign_in(values["sign_in"], values["password"])
    return _onwards(opened, values)


@get("/second-factor", permission="signed_in", with_old_password=True, name="accounts.second_factor")
async def second_factor_page(unit: NamedDependency[Unit], next_path: _Next = "/") -> Page[SecondFactorPage]:
    """Ask for a code, or for the kind of second factor; for who gave it, what there is and how to change it."""
    return await _second_factor_page(unit, next_path)


@post(
    "/second-factor",
    permission="signed_in",
    with_old_password=True,
    name="accounts.give_second_factor",
    status_code=200,
)
async def give_second_factor(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Go on with a session that has given its second factor."""
    async with form(request, CODE, again=lambda: _second_factor_page(unit)) as values:
        opened = await second_factor.give(unit, _token(request), values["code"])
    return _onwards(opened, values)


@get("/second-factor/app", permission="signed_in", with_old_password=True, name="accounts.app_offer")
async def app_offer(unit: NamedDependency[Unit], next_path: _Next = "/") -> Page[AppOffer]:
    """Connect an application: a picture, the address behind it, the secret for typing."""
    return await _app_page(unit, next_path)


@post("/second-factor/app", permission="signed_in", with_old_password=True, name="accounts.take_app", status_code=200)
async def take_app(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Its first code connects it."""
    async with form(request, CODE, again=lambda: _app_page(unit)) as values:
        opened = await second_factor.take_app(unit, _token(request), values["code"])
    return _onwards(opened, values)


@get("/second-factor/codes", permission="signed_in", with_old_password=True, name="accounts.codes_offer")
async def codes_offer(unit: NamedDependency[Unit], next_path: _Next = "/") -> Page[CodesOffer]:
    """Ten codes to print or write down."""
    return await _codes_page(unit, next_path)


@post(
    "/second-factor/codes", permission="signed_in", with_old_password=True, name="accounts.take_codes", status_code=200
)
async def take_codes(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """One of them makes them valid, and all earlier ones end."""
    async with form(request, CODE, again=lambda: _codes_page(unit)) as values:
        opened = await second_factor.take_codes(unit, _token(request), values["code"])
    return _onwards(opened, values)


@get("/account", permission="signed_in", with_old_password=True, name="accounts.mine")
async def account(
    request: Request[Any, Any, Any],
    unit: NamedDependency[Unit],
    changed: FromQuery[bool] = False,
    ended: FromQuery[bool] = False,
) -> Page[AccountPage]:
    """My account, and where I am signed in."""
    return await _account_page(request, unit, changed=changed, ended=ended)


@post("/account/sessions/end", permission="signed_in", name="accounts.sign_out_elsewhere", status_code=200)
async def sign_out_elsewhere(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """End every other session of mine."""
    await service.sign_out_elsewhere(unit, _token(request))
    return redirect("/account?ended=true")


@post(
    "/account/password",
    permission="signed_in",
    with_old_password=True,
    name="accounts.change_password",
    status_code=200,
)
async def change_password(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Choose another password; this session gets a new id, all others end."""
    async with form(request, PASSWORD, again=lambda: _account_page(request, unit)) as values:
        opened = await service.change_password(unit, _token(request), values["old_password"], values["new_password"])
    onwards = "/" if unit.me.must_change_password else "/account?changed=true"
    return redirect(onwards, cookies=[session_cookie.keep(opened.token)])


@post("/sign-out", permission="signed_in", with_old_password=True, name="accounts.sign_out", status_code=200)
async def sign_out(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """End the session in the database and in the browser."""
    await service.sign_out(unit, session_cookie.token_of(request.scope) or "")
    return redirect("/sign-in", cookies=[session_cookie.drop()])


@get("/organisations/mine", permission="signed_in", name="accounts.my_organisations")
async def my_organisations(
    unit: NamedDependency[Unit], next_path: Annotated[str, QueryParameter(name="next")] = "/"
) -> Page[OrganisationChoices]:
    """Where I work."""
    rows = [
        OrganisationChoice(id=o.id, name=o.name(unit.language), current=o.id == unit.tenant_id)
        for o in await service.my_organisations(unit)
    ]
    return Page(OrganisationChoices(rows, next=local_path(next_path)), template="accounts/organisations.html")


@post("/organisations/{tenant_id:uuid}/switch", permission="signed_in", name="accounts.switch", status_code=200)
async def switch(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], tenant_id: FromPath[UUID]
) -> Response[Any]:
    """Go on in another organisation."""
    async with form(request, NEXT) as values:
        opened = await service.switch(unit, _token(request), tenant_id)
    return redirect(local_path(values.get("next", "/")), cookies=[session_cookie.keep(opened.token)])


@post("/language/{code:str}", permission="signed_in", with_old_password=True, name="accounts.language", status_code=200)
async def language(request: Request[Any, Any, Any], unit: NamedDependency[Unit], code: FromPath[str]) -> Response[Any]:
    """Remember the language of my pages and messages."""
    async with form(request, NEXT) as values:
        await service.choose_language(unit, code)
    return redirect(local_path(values.get("next", "/")))


def _sign_in_page(next_path: str) -> Page[SignInPage]:
    return Page(SignInPage(next=local_path(next_path)), template="accounts/sign_in.html")


async def _account_page(
    request: Request[Any, Any, Any], unit: Unit, *, changed: bool = False, ended: bool = False
) -> Page[AccountPage]:
    sessions = await service.my_sessions(unit, _token(request))
    page = AccountPage(
        must_change_password=unit.me.must_change_password, changed=changed, ended=ended, sessions=sessions
    )
    return Page(page, template="accounts/account.html")


async def _second_factor_page(unit: Unit, next_path: str = "/") -> Page[SecondFactorPage]:
    content = await second_factor.overview(unit, local_path(next_path))
    return Page(content, template="accounts/second_factor.html")


async def _app_page(unit: Unit, next_path: str = "/") -> Page[AppOffer]:
    content = await second_factor.offer_app(unit, local_path(next_path))
    return Page(content, template="accounts/second_factor_app.html", context={"picture": totp.picture(content.address)})


async def _codes_page(unit: Unit, next_path: str = "/") -> Page[CodesOffer]:
    content = await second_factor.offer_codes(unit, local_path(next_path))
    return Page(content, template="accounts/second_factor_codes.html")


def _onwards(opened: service.OpenedSession, values: Mapping[str, Any]) -> Response[Any]:
    """Where the person wanted to go, by way of the page that comes first."""
    wanted = local_path(values.get("next") or "/")
    to = f"{opened.then}?next={quote(wanted)}" if opened.then else wanted
    return redirect(to, cookies=[session_cookie.keep(opened.token)])


def _token(request: Request[Any, Any, Any]) -> str:
    token = session_cookie.token_of(request.scope)
    if token is None:
        raise NotFound
    return token


async def _empty_sign_in() -> Page[SignInPage]:
    return _sign_in_page("/")


route_handlers = [
    sign_in_form,
    sign_in,
    second_factor_page,
    give_second_factor,
    app_offer,
    take_app,
    codes_offer,
    take_codes,
    account,
    sign_out_elsewhere,
    change_password,
    sign_out,
    my_organisations,
    switch,
    language,
]
