"""The `Idempotency-Key` of a program's request: read here, known by `api.answers`."""

from typing import Any
from uuid import UUID

from litestar import Request

from src.platform.api import answers
from src.platform.db.unit import Unit
from src.platform.kit import crypto
from src.platform.kit.forms import is_form
from src.platform.kit.page import bearer_of
from src.platform.web import once
from src.platform.web.keeping import SAFE

HEADER = "Idempotency-Key"


class RepeatedError(once.AlreadySentError):
    """The answer of the first request, again; that the token was used again is on record."""

    commits = True


async def enter(request: Request[Any, Any, Any], unit: Unit) -> UUID | None:
    """Note a keyed request; None for one without a key, and for people, whose forms are numbered.

    Raises RepeatedError, KeyReusedError, BadKeyError.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method in SAFE or bearer_of(request) is None:
        return None
    sent = [request.method, request.url.path, *await _body(request)]
    answer_id, led_to = await answers.enter(unit, answers.checked(key), sent)
    if led_to is not None:
        raise RepeatedError(led_to)
    return answer_id


async def leave(unit: Unit, answer_id: UUID | None, led_to: str | None) -> None:
    """Remember where the request led."""
    if answer_id is not None and led_to is not None:
        await answers.leave(unit, answer_id, led_to)


async def _body(request: Request[Any, Any, Any]) -> list[str]:
    """The same whichever boundary a client put between the parts."""
    if is_form(request):
        return await once.contents(request)
    return [crypto.blind(b"body", await request.body()).hex()]
