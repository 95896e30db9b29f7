"""Going back: a decided or closed incident is investigated anew (processes (a), side state `reopened`)."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.incidents import events, service, states
from src.platform.incidents.models import IncidentChange
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.workdays import calendar


async def reopen(unit: Unit, incident_id: UUID, version: int, *, reason: str) -> None:
    """Investigate again, with a reason; the clocks run anew and the reporters see that it is being checked.

    Whoever closes reopens. What was decided before stays on record; levels, cases and monitoring go on until the team
    decides again.
    """
    incident = await service.for_verb(unit, incident_id, "incident.reopen")
    after, at, change_id = states.advance(incident.state, "reopen"), clock.now(), new_id()
    unit.session.add(
        IncidentChange(
            tenant_id=unit.tenant_id,
            id=change_id,
            incident_id=incident.id,
            kind="reopened",
            made_at=at,
            reason=await service.sealed(unit, reason, "incident_change.reason", change_id),
        )
    )
    if incident.classified_at:
        quarter = calendar.statistical_quarter(clock.local_date(incident.classified_at))
        await outbox.emit(unit, events.DECIDED, {"quarter": quarter})
    fresh = dict.fromkeys(("investigation_ended_at", "classified_at", "closed_at", "outcome", "identities_read_at"))
    rounds = incident.rounds + 1
    await service.write(unit, incident, version, state=after, rounds=rounds, investigation_started_at=at, **fresh)
    await unit.session.refresh(incident)
    await service.start_clock(unit, incident, at)
    await service.moved(unit, incident, "incident.reopened")
