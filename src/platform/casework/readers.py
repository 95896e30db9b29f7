"""The owner of a case may ask who can see it."""

from src.platform.casework.models import ChildCase
from src.platform.readership import registry as readership

readership.register(readership.Kind("child_case", ChildCase.id))
