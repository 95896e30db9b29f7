"""Every error becomes problem+json or a page with the same stable code; neither carries a value (S-57)."""

from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

from src.platform.access import service as access
from src.platform.accounts.errors import PasswordChangeNeededError
from src.platform.drafts.routes import keep_secret
from src.platform.kit import i18n, telemetry
from src.platform.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, QorganError, Unauthenticated
from src.platform.kit.forms import FormRejectedError
from src.platform.kit.i18n import N_, gettext_in
from src.platform.kit.page import language_of, page_context, redirect, wants_html
from src.platform.web.keeping import SAFE, DraftAnsweredError, PutAsideError
from src.platform.web.once import AlreadySentError

_log = structlog.get_logger(__name__)


class ProblemField(msgspec.Struct, frozen=True):
    """One bad field in words of the reader's language."""

    field: str
    code: str
    message: str


class DraftAnswer(msgspec.Struct, frozen=True):
    """What happened to a draft, in the reader's language."""

    text: str


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457; `code` is stable, `title` is in the reader's language."""

    type: str
    title: str
    status: int
    code: str
    fields: list[ProblemField] = []
    why: str | msgspec.UnsetType = msgspec.UNSET
    """Where a refused role is explained; never beside a 404 (decisions 17)."""


class TooLargeError(QorganError):
    """More bytes than any form of ours has."""

    status = 413
    code = "body_too_large"
    title = N_("This is larger than the service accepts")


class MethodError(QorganError):
    """A verb that the address does not have."""

    status = 405
    code = "method_not_allowed"
    title = N_("This address does not accept that kind of request")


class CrossedError(Conflict):
    """Each of two requests waited for what the other one held; PostgreSQL undid this one."""

    code = "crossed"
    title = N_("Somebody worked on the same at this very moment. Nothing of yours was done. Go back and try again")


def handlers() -> dict[int | type[Exception], Any]:
    """Litestar's exception handlers of the whole application."""
    return {
        QorganError: answer,
        HTTPException: _from_framework,
        DBAPIError: _from_database,
        DeadlockDetected: _from_database,
        Exception: _unexpected,
    }


def answer(request: Request[Any, Any, Any], error: QorganError) -> Response[Any]:
    """The response of an expected error."""
    html = wants_html(request)
    if (leads := _elsewhere(request, error)) is not None:
        return leads
    language = language_of(request)
    i18n.use(language)  # the frame of the page speaks as its title does, whoever asks
    fields = [_in_words(field, language) for field in error.fields]
    if html and isinstance(error, FormRejectedError) and error.page is not None:
        return error.page.again(status=error.status, typed=error.typed, errors=fields, title=error.title)
    title = gettext_in(language, error.title)
    if html:
        context = {"status": error.status, "code": error.code, "title": title, "fields": fields}
        context["why"] = _why(request, error)
        everything = {**page_context(request), **context}
        return Template("errors/error.html", context=everything, status_code=error.status, headers=_headers(error))
    why = _why(request, error) or msgspec.UNSET
    problem = Problem(f"urn:qorgan:{error.code}", title, error.status, error.code, fields, why)
    return Response(problem, status_code=error.status, media_type="application/problem+json", headers=_headers(error))


def _headers(error: QorganError) -> dict[str, str]:
    return {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}


def _why(request: Request[Any, Any, Any], error: QorganError) -> str | None:
    subject = getattr(request.state, "subject", None)
    if not isinstance(error, Forbidden) or subject is None:
        return None
    is_explained = access.is_for_other_roles(subject, error.permission)
    return f"/access/why/{error.permission}" if is_explained else None


def _elsewhere(request: Request[Any, Any, Any], error: QorganError) -> Response[Any] | None:
    """The answer to what is no error for a person: go on somewhere else."""
    html = wants_html(request)
    if isinstance(error, AlreadySentError):
        return redirect(error.location)
    if isinstance(error, DraftAnsweredError):
        return redirect(error.location) if html else Response(DraftAnswer(error.text))
    if isinstance(error, PutAsideError):
        return redirect(error.location, cookies=[keep_secret(error.secret)])
    if html and isinstance(error, Unauthenticated):
        wanted = request.url.path if request.method in SAFE else "/"  # where a form is sent, there is no page
        return Redirect(f"{error.asked_at}?next={quote(wanted)}", status_code=HTTP_303_SEE_OTHER)
    if html and isinstance(error, PasswordChangeNeededError):
        return redirect("/account")
    return None


def _in_words(field: FieldError, language: str) -> ProblemField:
    return ProblemField(field.field, field.code, gettext_in(language, field.message, **dict(field.params)))


def _from_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    known: dict[int, QorganError] = {
        401: Unauthenticated(),
        403: Forbidden(),
        404: NotFound(),
        405: MethodError(),
        413: TooLargeError(),
    }
    if error.status_code in known:
        answered = answer(request, known[error.status_code])
        if allowed := (error.headers or {}).get("allow"):  # RFC 9110: a 405 says what it takes
            answered.headers["Allow"] = allowed
        return answered
    if error.status_code < 500:  # noqa: PLR2004  # the framework's own complaint about a body or a parameter
        return answer(request, Invalid(code="request.malformed", title=N_("The request is malformed")))
    return _unexpected(request, error)


def _from_database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, DeadlockDetected):
        return _unexpected(request, error)
    _log.warning("request_crossed", route=str(request.scope.get("path_template", "")))
    return answer(request, CrossedError())


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    route = str(request.scope.get("path_template", ""))
    _log.error("request_failed", exc_info=error, route=route)
    telemetry.report(error, route=route)
    return answer(request, QorganError())
