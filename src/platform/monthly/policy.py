"""The relations of a person to a month of Form E and of Form J, as SQL.

Whoever is in conflict in an incident that the month counts has no number of it: the difference to the own list would
tell that there is one, and what of it (R-065, S-17). Form J has no totals: its rows are cut one by one.
"""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.access import relations
from src.platform.incidents import policy as incident_policy
from src.platform.incidents.models import Incident, TeamMeeting
from src.platform.monthly.models import FormEMonth
from src.platform.teams.events import is_deputy

INCIDENT_RELATIONS = incident_policy.__name__
_CONFLICTS = ("accused", "accused_side", "victim_side", "kept_out_as_witness")


def _in_month(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return and_(column >= FormEMonth.starts_at, column < FormEMonth.ends_at)


_decided = exists().where(TeamMeeting.incident_id == Incident.id, _in_month(TeamMeeting.held_at))
_counted = or_(_in_month(Incident.reported_at), _in_month(Incident.investigation_ended_at), _decided)
relations.register(
    "form_e",
    "in_conflict",
    select(Incident.id).where(_counted, relations.any_of("incident", _CONFLICTS)).correlate(FormEMonth).exists(),
)
for _form in ("form_e", "form_j"):
    relations.register(_form, "acting_coordinator", is_deputy(bindparam("me_membership", type_=Uuid)))
