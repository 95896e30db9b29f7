"""A lost second factor: one person starts, another confirms; who takes part withdraws, its owner says it is not so."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.joining import recovery, recovery_views
from src.platform.joining.schemas import LostPage, RecoveryStart, RecoveryView
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

START = Spec(Field("reason", "longtext", required=True, most=1_000))
STEP = Spec(Field("version", "int", required=True))
_OF_MEMBER, _OF_HEAD = "/members/{membership_id:uuid}/recovery", "/organisations/{tenant_id:uuid}/recovery"
_ONE = "/recoveries/{recovery_id:uuid}"


@get(_OF_MEMBER, permission="member.keep", name="joining.recovery_form")
async def recovery_form(unit: NamedDependency[Unit], membership_id: FromPath[UUID]) -> Page[RecoveryStart]:
    """What it does that a colleague lost phone and codes."""
    return await _start_page(unit, membership_id)


@post(_OF_MEMBER, permission="member.keep", name="joining.start_recovery", status_code=200)
async def start(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], membership_id: FromPath[UUID]
) -> Response[Any]:
    """Start it; nothing ends before another person confirms."""
    async with form(request, START, again=lambda: _start_page(unit, membership_id)) as values:
        started = await recovery.start(unit, membership_id, values["reason"])
    return redirect(f"/recoveries/{started}")


@get(_OF_HEAD, permission="tenant.create", name="joining.head_recovery_form")
async def head_recovery_form(unit: NamedDependency[Unit], tenant_id: FromPath[UUID]) -> Page[RecoveryStart]:
    """The same where nobody else heads an organisation."""
    return await _head_page(unit, tenant_id)


@post(_OF_HEAD, permission="tenant.create", name="joining.start_head_recovery", status_code=200)
async def start_of_head(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], tenant_id: FromPath[UUID]
) -> Response[Any]:
    """Start it for the only head of an organisation."""
    async with form(request, START, again=lambda: _head_page(unit, tenant_id)) as values:
        started = await recovery.start_of_only_head(unit, tenant_id, values["reason"])
    return redirect(f"/recoveries/{started}")


@get(_ONE, permission="member.keep", name="joining.recovery")
async def one(unit: NamedDependency[Unit], recovery_id: FromPath[UUID]) -> Page[RecoveryView]:
    """How far it is, and what I may do."""
    return await _page(unit, recovery_id)


@post(_ONE + "/confirm", permission="member.keep", name="joining.confirm_recovery", status_code=200)
async def confirm(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], recovery_id: FromPath[UUID]
) -> Response[Any]:
    """Say the same as the second person."""
    async with form(request, STEP, again=lambda: _page(unit, recovery_id)) as values:
        await recovery.confirm(unit, recovery_id, **values)
    return redirect(f"/recoveries/{recovery_id}")


@post(_ONE + "/withdraw", permission="member.keep", name="joining.withdraw_recovery", status_code=200)
async def withdraw(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], recovery_id: FromPath[UUID]
) -> Response[Any]:
    """Let it void nothing."""
    async with form(request, STEP, again=lambda: _page(unit, recovery_id)) as values:
        await recovery.withdraw(unit, recovery_id, **values)
    return redirect(f"/recoveries/{recovery_id}")


@get("/second-factor/lost", permission="signed_in", name="joining.lost")
async def lost(unit: NamedDependency[Unit]) -> Page[LostPage]:
    """What was started about my second factor."""
    return await _lost_page(unit)


@post("/second-factor/lost/{recovery_id:uuid}", permission="signed_in", name="joining.not_lost", status_code=200)
async def not_lost(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], recovery_id: FromPath[UUID]
) -> Response[Any]:
    """I have lost nothing."""
    async with form(request, STEP, again=lambda: _lost_page(unit)) as values:
        await recovery.deny(unit, recovery_id, **values)
    return redirect("/second-factor/lost")


async def _start_page(unit: Unit, membership_id: UUID) -> Page[RecoveryStart]:
    return Page(await recovery_views.start(unit, membership_id), template="joining/recovery_start.html")


async def _head_page(unit: Unit, tenant_id: UUID) -> Page[RecoveryStart]:
    return Page(await recovery_views.start_of_only_head(unit, tenant_id), template="joining/recovery_start.html")


async def _page(unit: Unit, recovery_id: UUID) -> Page[RecoveryView]:
    return Page(await recovery_views.one(unit, recovery_id), template="joining/recovery.html")


async def _lost_page(unit: Unit) -> Page[LostPage]:
    return Page(await recovery_views.lost(unit), template="joining/lost.html")


route_handlers = [
    recovery_form,
    start,
    head_recovery_form,
    start_of_head,
    one,
    confirm,
    withdraw,
    lost,
    not_lost,
]
