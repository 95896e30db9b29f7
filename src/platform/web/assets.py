"""Style, script and fonts under hashed names: cached for ever, never recompressed."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router

from src.platform.kit.errors import NotFound

_LONGEST_NAME = 255
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
        guards=[_a_name],
    )


async def _a_name(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Ask the disk for nothing that cannot be the name of a file. Raises NotFound."""
    name = str(connection.path_params["file_path"])
    if "\0" in name or len(name.encode(errors="replace")) > _LONGEST_NAME:
        raise NotFound


@cache
def _manifest() -> dict[str, str]:
    known: dict[str, str] = json.loads((_BUILD / "manifest.json").read_text())
    return known


def asset(name: str) -> str:
    """The address of a built file. Raises KeyError for an unknown one."""
    return f"/assets/{_manifest()[name]}"
