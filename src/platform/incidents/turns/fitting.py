"""Which verbs beside the state table fit an incident as it stands; the policy says to whom."""

from collections.abc import Collection, Mapping
from uuid import UUID

from src.platform.incidents import states
from src.platform.incidents.models import OFFENDERS, Incident, Participation
from src.platform.incidents.turns import duties, reconciliation


def possible(incident: Incident, people: Collection[Participation], marks: Mapping[UUID, str]) -> frozenset[str]:
    """Names of steps; `marks` are those of repeated behaviour that the reader sees."""
    offenders = [one for one in people if one.involvement in OFFENDERS]
    victims = [one for one in people if one.involvement in ("victim", "both")]
    fits = {
        "show_readers": True,
        "triage": incident.state == "reported",
        "name_person": incident.state in states.OPEN_FOR_PEOPLE,
        "replace": incident.state in duties.REPLACED_IN,
        "measures": incident.state in duties.MEASURED_IN and any(one.kind == "employee" for one in offenders),
        "secondary": "proposed" in marks.values(),
        "reconcile": incident.state in reconciliation.HELD_IN
        and any(one.id != other.id for one in victims for other in offenders)
        and not reconciliation.is_refused(incident, offenders),
    }
    return frozenset(name for name, fitting in fits.items() if fitting)
