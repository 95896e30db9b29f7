"""Headers of every response, whatever its status (S-59, ui.md 3)."""

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",  # with no-referrer Chromium posts `Origin: null` (decisions 22)
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000",
}
_FOREVER = "public, max-age=31536000, immutable"
_NEVER = "no-store"


class SecurityHeaders(ASGIMiddleware):
    """Adds the headers when the response starts; errors pass here as well."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wrap `send`."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # a file that is opened has a stricter policy of its own
                built = scope["path"].startswith("/assets/") and message["status"] == 200  # noqa: PLR2004
                headers["Cache-Control"] = _FOREVER if built else _NEVER
            await send(message)

        await next_app(scope, receive, send_with_headers)
