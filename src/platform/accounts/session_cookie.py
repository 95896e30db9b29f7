"""The session cookie: read once, written by the routes that open, rotate or end a session (S-22, S-24).

Litestar's own session middleware adopts ids that a client invents and revives ended sessions (security.md F2), so
this house has its own: the id lives in the cookie, its hash in PostgreSQL, and only `begin_request()` reads it.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from src.platform.accounts.tokens import token_hash
from src.platform.db.binding import Binding, Platform, SignedIn

NAME = "__Host-qorgan"
_STATE = "session_token"


class SessionCookie(ASGIMiddleware):
    """Puts the cookie's value where the unit of work finds it; asks the database nothing."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Read the cookie."""
        scope["state"][_STATE] = ASGIConnection[Any, Any, Any, Any](scope).cookies.get(NAME) or None
        await next_app(scope, receive, send)


def token_of(scope: Scope) -> str | None:
    """The session id that the client sent."""
    token: str | None = scope["state"].get(_STATE)
    return token


def binding_of(scope: Scope) -> Binding:
    """What the request's transaction is bound to."""
    token = token_of(scope)
    return SignedIn(token_hash(token)) if token else Platform()


def keep(token: str) -> Cookie:
    """The cookie of a new or rotated session."""
    return Cookie(key=NAME, value=token, path="/", secure=True, httponly=True, samesite="lax")


def drop() -> Cookie:
    """The cookie that ends a session in the browser."""
    return Cookie(key=NAME, value="", path="/", secure=True, httponly=True, samesite="lax", max_age=0)
