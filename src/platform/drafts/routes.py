"""The way back to a form whose session ended while it was being filled in."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.drafts import service
from src.platform.kit.page import redirect

COOKIE = "__Host-qorgan-stash"
_HOUR = 3600


@get("/kept/{stash_id:uuid}", permission="signed_in", name="drafts.kept")
async def kept(request: Request[Any, Any, Any], unit: NamedDependency[Unit], stash_id: FromPath[UUID]) -> Response[Any]:
    """Put what was typed back into its form, which is never sent by itself (decisions 25)."""
    form = await service.take_back(unit, stash_id, request.cookies.get(COOKIE, ""))
    if form.tenant_id != unit.tenant_id:
        return redirect(f"/organisations/mine?next=/kept/{stash_id}")
    return redirect(form.page)


def keep_secret(secret: str) -> Cookie:
    """The browser's half of the key of what was put aside, for as long as that lives."""
    return Cookie(key=COOKIE, value=secret, path="/", secure=True, httponly=True, samesite="strict", max_age=_HOUR)


route_handlers = [kept]
