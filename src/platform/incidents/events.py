"""What other modules may know of an incident without reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, any_, exists
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.incidents.models import Incident, Participation
from src.platform.teams.events import is_deputy

CLASSIFIED = "casework.open_for_classified"
"""The actor that hears of a classification; it stands above this module, so only its name is known here."""
CLOSED = "casework.monitor_victims"
"""The same of a closing: from then on every victim is monitored (R-246)."""

DECIDED = "oversight.count_children"
"""The numbers of the children of a quarter (YYYYQ) have changed: the team decided, or took a decision back."""


@dataclass(frozen=True, slots=True)
class ChildOfIncident:
    """A child that needs a case: which side, and the sealed link that stands in the incident."""

    participation_id: UUID
    side: str
    link: bytes


def is_named_in(
    incident_id: InstrumentedAttribute[UUID], blinds: BindParameter[Sequence[bytes]]
) -> ColumnElement[bool]:
    """Whether one of these people stands in the incident that a row belongs to, other than as a witness."""
    return exists().where(
        Participation.incident_id == incident_id,
        Participation.link_blind == any_(blinds),
        Participation.involvement != "witness",
    )


def is_acting_in(incident_id: InstrumentedAttribute[UUID], membership: BindParameter[UUID]) -> ColumnElement[bool]:
    """Whether a member acts for the coordinator in the incident that a row belongs to (R-271)."""
    return exists().where(Incident.id == incident_id, Incident.lacks_coordinator, is_deputy(membership))
