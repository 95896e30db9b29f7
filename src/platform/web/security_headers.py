"""Headers of every response, whatever its status (S-59, ui.md 3)."""

from litestar.enums import ScopeType
from litestar.types import Message, Scope

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
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_FOREVER = b"public, max-age=31536000, immutable"
_NEVER = b"no-store"


async def secure(message: Message, scope: Scope) -> None:
    """Add the headers when a response starts.

    A hook of the application and no middleware: what no route takes (404, 405) passes no middleware.
    """
    if scope["type"] != ScopeType.HTTP or message["type"] != "http.response.start":
        return
    built = scope["path"].startswith("/assets/") and message["status"] == 200  # noqa: PLR2004
    given = [one for one in message["headers"] if one[0].lower() != b"cache-control"]
    names = {name.lower() for name, _ in given}  # a file that is opened has a stricter policy of its own
    added = [one for one in _RAW if one[0] not in names]
    message["headers"] = [*given, *added, (b"cache-control", _FOREVER if built else _NEVER)]
