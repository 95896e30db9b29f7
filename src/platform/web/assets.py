"""Style, script and fonts under hashed names: cached for ever, never recompressed."""

import json
from functools import cache
from pathlib import Path

from litestar.router import Router
from litestar.static_files import create_static_files_router

_BUILD = Path(__file__).parent / "static" / "build"


def static_router() -> Router:
    """Serves the built files at /assets."""
    return create_static_files_router(
        path="/assets",
        directories=[_BUILD],
        send_as_attachment=False,
        include_in_schema=False,
        cache_control=None,
        opt={"immutable": True},
    )


@cache
def _manifest() -> dict[str, str]:
    known: dict[str, str] = json.loads((_BUILD / "manifest.json").read_text())
    return known


def asset(name: str) -> str:
    """The address of a built file. Raises KeyError for an unknown one."""
    return f"/assets/{_manifest()[name]}"
