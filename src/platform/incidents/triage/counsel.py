"""A sign of suicide or self-harm: the psychologist talks with the child on the same day (R-257)."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import service
from src.platform.incidents.errors import NoContactOwedError
from src.platform.incidents.triage import urgency
from src.platform.kit import clock


async def record_contact(unit: Unit, incident_id: UUID, version: int) -> None:
    """A psychologist has talked with the child: the clock is met at this moment. Raises NoContactOwedError."""
    incident = await service.for_verb(unit, incident_id, "incident.counsel")
    if not incident.self_harm_sign or incident.psych_contact_at is not None:
        raise NoContactOwedError
    contact = {"psych_contact_at": clock.now(), "psych_contact_by": unit.me.membership_id}
    await service.write(unit, incident, version, **contact)
    await urgency.settle(unit, incident)
    audit.record(unit, "incident.contact_recorded", "incident", [incident.id])
