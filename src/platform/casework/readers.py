"""The owner of a case may ask who can see it; the incident may ask who has a manager (R-263)."""

from src.platform.casework import repository
from src.platform.casework.models import ChildCase
from src.platform.incidents import registry as incidents
from src.platform.readership import registry as readership

readership.register(readership.Kind("child_case", ChildCase.id))
incidents.register_managed(repository.managed)
