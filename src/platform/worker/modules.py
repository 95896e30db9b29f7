"""Imports every module's `tasks.py`, so that its actors are registered in whichever process runs them."""

from importlib import import_module
from pathlib import Path

_HOUSE = Path(__file__).parents[1]


def load_actors() -> None:
    """Register every actor of the house."""
    for tasks in sorted(_HOUSE.glob("*/tasks.py")):
        import_module(f"src.platform.{tasks.parent.name}.tasks")
