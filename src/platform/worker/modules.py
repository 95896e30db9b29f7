"""Imports every module's `tasks.py`, so that its actors are registered in whichever process runs them.

What is said on papers comes from the templates of the pages.
"""

from importlib import import_module
from pathlib import Path

from src.platform.documents import taking
from src.platform.web.templating import environment

_HOUSE = Path(__file__).parents[1]


def load_actors() -> None:
    """Register every actor of the house."""
    taking.speak_with(environment)
    for tasks in sorted(_HOUSE.glob("*/tasks.py")):
        import_module(f"src.platform.{tasks.parent.name}.tasks")
