"""Whoever broke the glass of an incident stands in it like others with a duty there; a conflict takes it away."""

from src.platform.access import relations
from src.platform.grants.events import holds_glass
from src.platform.incidents.models import Incident

relations.register("incident", "broke_glass", holds_glass("incident", Incident.id))
