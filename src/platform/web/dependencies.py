"""The unit of work of a request: opened when a handler asks for it, committed after rendering, before sending.

Litestar closes generator dependencies inside the block that renders the response, so a failed COMMIT is an error
response and never a page that lies (decisions 19).
"""

import re
from collections.abc import AsyncGenerator
from typing import Any

import structlog
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.types import Scope

from src.platform.access import scopes
from src.platform.access import service as access
from src.platform.accounts.errors import PasswordChangeNeededError, SecondFactorNeededError
from src.platform.accounts.session_cookie import binding_of, token_of
from src.platform.accounts.tokens import csrf_matches
from src.platform.api import service as api
from src.platform.api.errors import TwoProofsError
from src.platform.audit import service as audit
from src.platform.db import session as db_session
from src.platform.db.binding import Bearer, Binding, PublicAddress
from src.platform.db.engine import sessions
from src.platform.db.subject import Subject
from src.platform.db.unit import Unit
from src.platform.db.unit import unit as short_unit
from src.platform.deadlines import feed
from src.platform.kit import uploads
from src.platform.kit.errors import Forbidden, NotFound, QorganError, Unauthenticated
from src.platform.kit.forms import CSRF_FIELD, pressed
from src.platform.kit.i18n import N_
from src.platform.kit.page import bearer_of, wants_html
from src.platform.kit.settings import settings
from src.platform.web import keeping, keyed, navigation, once
from src.platform.web.keeping import SAFE
from src.platform.web.line import lines
from src.platform.web.public_routes import BEFORE_SECOND_FACTOR

CSRF_HEADER = "X-CSRF-Token"
_DENIALS = (Forbidden, NotFound, SecondFactorNeededError)
_BEFORE_SECOND_FACTOR = frozenset(re.sub(r":\w+}", "}", path) for path in BEFORE_SECOND_FACTOR)
"""As the scope of a request names them, without the kinds of parameters."""
_log = structlog.get_logger(__name__)


async def provide_unit(request: Request[Any, Any, Any]) -> AsyncGenerator[Unit, None]:
    """Open the request's transaction for its subject; check the route's permission and the token of unsafe requests."""
    binding = _binding(request)
    await lines.wait(request, binding)
    if (bearer := bearer_of(request)) is not None:
        await api.count(bearer)
    if (most := request.route_handler.opt.get("file_most")) is not None:
        await uploads.take_in(request, most if await _is_somebody(request) else 0)
    async with sessions()() as session:
        db_session.bind(session, binding)
        await db_session.begin(session)
        unit = Unit(session)
        lines.learn(binding, unit)
        try:
            number = await _admit(request, unit)
            await _answer_draft(request, unit, number)
            key, sent = await keyed.enter(request, unit), await once.enter(request, unit, number)
            yield unit
            led_to = getattr(request.state, "led_to", None)
            await keyed.leave(unit, key, led_to)
            await once.leave(unit, sent, led_to)
            await keeping.sent(request, unit, number, led_to)
            await unit.commit()
        except QorganError as refusal:
            if refusal.commits:
                await unit.commit()
                raise
            await session.rollback()
            if isinstance(refusal, _DENIALS):
                await _record_denial(unit, refusal)
            raise
        except BaseException:
            await session.rollback()
            raise


async def _is_somebody(request: Request[Any, Any, Any]) -> bool:
    """Whether there is a session, asked in a transaction of its own: files come slowly, and strangers’ not at all."""
    async with short_unit(_binding(request)) as asked:
        return asked.subject is not None


def _binding(request: Request[Any, Any, Any]) -> Binding:
    if (bearer := bearer_of(request)) is not None:
        return Bearer(api.token_hash(bearer))
    slug = request.path_params.get("slug")
    if request.route_handler.opt.get("public_address") and slug is not None:
        return PublicAddress(str(slug))
    if request.route_handler.opt.get("calendar_feed"):
        return feed.binding_of(str(request.path_params["feed_token"]))
    return binding_of(request.scope)


async def _admit(request: Request[Any, Any, Any], unit: Unit) -> str:
    """Check permission and token; the number of the page that a form was sent from, or ""."""
    state = request.state
    state.subject = unit.subject
    if bearer_of(request) is not None:
        return _admit_program(request, unit)
    if unit.subject is not None:
        state.language = unit.subject.language
        if wants_html(request):
            _give_page(request, unit, unit.subject)
    permission = request.route_handler.opt.get("permission")
    if permission is None:
        return ""
    if unit.subject is None:
        raise await _put_aside(request, unit) or Unauthenticated()
    if is_half_way(unit.subject, request.scope):
        raise await _put_aside(request, unit) or SecondFactorNeededError()
    number = await _check_token(request, unit)
    if unit.subject.must_change_password and not request.route_handler.opt.get("with_old_password"):
        raise PasswordChangeNeededError
    if permission != "signed_in":
        access.require(unit, permission)
    await keeping.show(request, unit)
    return number


def _give_page(request: Request[Any, Any, Any], unit: Unit, subject: Subject) -> None:
    """What only a page shows: the number of its forms and the sections."""
    request.state.csrf_token = once.numbered(unit)
    is_open = not access.lacks_second_factor(subject) and not subject.must_change_password
    request.state.nav = navigation.of(subject) if is_open else []
    request.state.second_factor = is_open and access.needs_second_factor(subject)


def _admit_program(request: Request[Any, Any, Any], unit: Unit) -> str:
    """A token needs no token of a form: no browser adds it by itself. What it lacks a page would not mend."""
    if unit.subject is not None:
        request.state.language = unit.subject.language
    api.check_scope(unit, request.route_handler.name)
    if unit.me.must_change_password:
        raise PasswordChangeNeededError
    permission = str(request.route_handler.opt["permission"])
    if not access.has_module(unit.me.roles, permission):  # of the maker; the scopes cut what a record opens
        raise Forbidden(permission)
    return ""


def is_half_way(subject: Subject, scope: Scope) -> bool:
    """Whether a second factor has to be given first: everywhere but on the reviewed addresses (S-26)."""
    return scope.get("path_template") not in _BEFORE_SECOND_FACTOR and access.lacks_second_factor(subject)


async def _check_token(request: Request[Any, Any, Any], unit: Unit) -> str:
    """The token of this very session on every unsafe request (S-25); where it came from is checked by `same_origin`."""
    if request.method in SAFE:
        return ""
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = await pressed(request, CSRF_FIELD)
    token, number = once.taken_apart(given)
    if not csrf_matches(unit.me.csrf, token):
        raise await _put_aside(request, unit) or ForgedRequestError()
    return number


async def _answer_draft(request: Request[Any, Any, Any], unit: Unit, number: str) -> None:
    answer = await keeping.only_a_draft(request, unit, number)
    if answer is not None:
        await unit.commit()
        raise answer


async def _put_aside(request: Request[Any, Any, Any], unit: Unit) -> QorganError | None:
    answer = await keeping.put_aside(request, unit)
    if answer is not None:
        await unit.commit()
    return answer


class ForgedRequestError(QorganError):
    """An unsafe request without the token of its session, or from another origin."""

    status = 403
    code = "forged_request"
    title = N_("This form is out of date. Go back, reload the page and send it again")


async def _record_denial(unit: Unit, denial: QorganError) -> None:
    """A denial outlives the rollback: a transaction of its own on the same connection (S-38)."""
    if unit.subject is None:
        return
    unit.forget_before_commit()
    await db_session.begin(unit.session)
    again = Unit(unit.session)
    if again.subject is None:
        return
    await audit.append(
        again, audit.Entry("access.denied", "route", detail={"code": denial.code, "status": denial.status})
    )
    await unit.session.commit()


async def one_proof(request: ASGIConnection[Any, Any, Any, Any], route: str | None) -> None:
    """A program's token comes without a session, and to the routes of the scopes only.

    Raises TwoProofsError, TokenRefusedError, OutOfScopeError.
    """
    bearer = bearer_of(request)
    if bearer is None:
        return
    if token_of(request.scope) is not None:
        raise TwoProofsError
    if not scopes.is_operation(route):
        await api.refuse_elsewhere(bearer)


def same_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse an unsafe request that another site sent (decisions 22). Raises ForgedRequestError."""
    if request.method in SAFE or bearer_of(request) is not None:
        return
    if request.headers.get("sec-fetch-site") == "same-origin":
        return
    origin = request.headers.get("origin")
    if origin is None or origin.rstrip("/") not in (
        settings().public_url.rstrip("/"),
        str(request.base_url).rstrip("/"),
    ):
        raise ForgedRequestError


__all__ = [
    "CSRF_FIELD",
    "CSRF_HEADER",
    "ForgedRequestError",
    "is_half_way",
    "one_proof",
    "provide_unit",
    "same_origin",
]
