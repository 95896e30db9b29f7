"""Who hears of a report, and of its way."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.incidents import readers, repository, service
from src.platform.notifications import service as notifications
from src.platform.outbox.actors import actor
from src.platform.vault import service as vault


@actor("incidents.tell_team")
async def tell_team(unit: Unit, incident: UUID) -> None:
    """A report has come in: everybody of the team who may read it."""
    free = await readers.may_read(unit, await service.team_of(unit), incident)
    await notifications.notify(unit, [m.membership_id for m in free], "incident_reported", "incident", incident)


@actor("incidents.tell_reporters")
async def tell_reporters(unit: Unit, incident: UUID) -> None:
    """The state moved: each reporter among the members gets a message about their own report only (R-057)."""
    members = {m.person_id: m.membership_id for m in await service.everybody(unit)}
    for report in await repository.reports(unit, incident):
        if report.reporter_sealed is None:
            continue
        person = await vault.open_link(unit, report.reporter_sealed, report.id)
        if person in members:
            await notifications.notify(unit, [members[person]], "report_moved", "report", report.id)


@actor("incidents.tell_counsellors")
async def tell_counsellors(unit: Unit, incident: UUID) -> None:
    """A sign of suicide or self-harm: those who counsel and may read the incident hear of it at once (R-257)."""
    free = await readers.may_read(unit, await service.holders(unit, "incident.counsel"), incident)
    await notifications.notify(unit, [m.membership_id for m in free], "urgent_task", "incident", incident)
