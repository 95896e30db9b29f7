"""A criminal offence by a student: the prevention manager starts a session of the council on the same day (R-209, X6).

The session itself is the council's; here stands that it was started, for which day and by whom.
"""

from datetime import date
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import service
from src.platform.incidents.errors import NoCouncilOwedError
from src.platform.incidents.triage import urgency
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_


async def call(unit: Unit, incident_id: UUID, version: int, *, planned_for: date) -> None:
    """A session is started for a day: the clock is met at this moment. Raises NoCouncilOwedError, Invalid."""
    incident = await service.for_verb(unit, incident_id, "incident.call_council")
    if not incident.criminal_offence or incident.council_called_at is not None:
        raise NoCouncilOwedError
    if planned_for < clock.local_date(clock.now()):
        raise Invalid(fields=[FieldError("planned_for", "in_past", N_("This day has passed"))])
    called = {"council_called_at": clock.now(), "council_called_by": unit.me.membership_id}
    await service.write(unit, incident, version, council_planned_for=planned_for, **called)
    await urgency.settle(unit, incident)
    audit.record(unit, "incident.council_called", "incident", [incident.id])
