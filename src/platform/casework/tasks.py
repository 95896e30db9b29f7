"""What a classification sets going."""

from uuid import UUID

from src.platform.casework import monitoring, service
from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor


@actor("casework.manager_left")
async def manager_left(unit: Unit, membership: UUID) -> None:
    """Somebody works here no longer."""
    await service.manager_left(unit, membership)


@actor("casework.open_for_classified")
async def open_for_classified(unit: Unit, incident: UUID) -> None:
    """The team has classified an incident."""
    await service.open_for_classified(unit, incident)


@actor("casework.monitor_victims")
async def monitor_victims(unit: Unit, incident: UUID) -> None:
    """An incident is closed: its victims are monitored until violence has stopped (R-246)."""
    await service.open_for_classified(unit, incident)  # the cases may not be there yet
    for case_id in await monitoring.begin(unit, incident):
        await service.tell_who_appoints(unit, case_id, "victim_monitored")
