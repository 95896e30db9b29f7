"""Imports every `models.py`, so that the metadata is whole wherever it is compared with the database."""

from importlib import import_module
from pathlib import Path

from src.platform.db.base import Base

_HOUSE = Path(__file__).parents[1]

for _models in sorted(_HOUSE.glob("*/models.py")):
    import_module(f"src.platform.{_models.parent.name}.models")

metadata = Base.metadata
