"""Pages of the house itself: home, language of a visitor, health."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.datastructures import Cookie
from litestar.params import FromPath, QueryParameter
from litestar.response import Response
from sqlalchemy import text

from src.platform.access import policy
from src.platform.db.binding import Platform
from src.platform.db.unit import unit
from src.platform.kit import i18n
from src.platform.kit.errors import NotFound
from src.platform.kit.page import local_path, redirect
from src.platform.web import tour

_YEAR = 365 * 24 * 3600


class Readiness(msgspec.Struct, frozen=True):
    """Whether this process can serve."""

    policy: bool
    database: bool


@get("/lang/{code:str}", name="web.language")
async def visitor_language(
    code: FromPath[str], next_path: Annotated[str, QueryParameter(name="next")] = "/"
) -> Response[None]:
    """Remember a visitor's language in a cookie that holds nothing else."""
    if code not in i18n.LANGUAGES:
        raise NotFound
    chosen = Cookie(key="qorgan_lang", value=code, path="/", max_age=_YEAR, samesite="lax", httponly=True, secure=True)
    return redirect(local_path(next_path), cookies=[chosen])


@get("/health", name="web.health", include_in_schema=False)
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/ready", name="web.ready", include_in_schema=False)
async def ready() -> Response[Readiness]:
    """Policy loaded and database there; 503 keeps traffic away (S-33)."""
    state = Readiness(policy=policy.table().is_open, database=await _database_answers())
    return Response(state, status_code=200 if state.policy and state.database else 503)


async def _database_answers() -> bool:
    try:
        async with unit(Platform()) as work:
            await work.session.execute(text("select 1"))
    except Exception:  # noqa: BLE001  # whatever it is, the answer is no
        return False
    return True


route_handlers: list[Any] = [visitor_language, health, ready, *tour.route_handlers]
