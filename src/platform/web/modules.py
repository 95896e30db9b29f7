"""Every module that has routes; a new `routes.py` is found by itself."""

from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

_HOUSE = Path(__file__).parents[1]


@cache
def route_modules() -> tuple[ModuleType, ...]:
    """The `routes` modules of the house."""
    files = sorted(_HOUSE.glob("*/routes.py"))
    return tuple(import_module(f"src.platform.{file.parent.name}.routes") for file in files)
