"""A prank through the public address costs the team one press here and its decision at the next meeting (decisions 10).

There is no way around screening and investigation (R-035): this is both, done at once by one member of the team. Where
somebody is named, hurt or known to have reported, the ordinary steps are taken.
"""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.models import Incident
from src.platform.kit.i18n import N_, gettext_in

_FOUND = N_("Looked into: a prank. Nobody is named, nobody is known to be hurt, and nobody can be heard")


async def fits(unit: Unit, incident: Incident) -> bool:
    """Whether an incident may be ended as a prank: new, only told without a name, nobody named in it."""
    reports = await repository.reports(unit, incident.id)
    unsigned = all(one.channel == "anonymous" and one.reporter_blind is None for one in reports)
    unanswered = incident.harmed is None and not incident.serious_signs and not incident.self_harm_sign
    known = await repository.participations(unit, [incident.id])
    return incident.state == "reported" and unsigned and unanswered and not known


async def dismiss(unit: Unit, incident_id: UUID, version: int) -> None:
    """Screen, investigate, excuse the nameless reporters, and say what was found; the full team decides as always.

    Raises NotFound, WrongStateError, StaleVersion, and what the single steps raise.
    """
    incident = await service.for_verb(unit, incident_id, "incident.investigate")
    if not await fits(unit, incident):
        raise WrongStateError
    await service.screen(unit, incident.id, version, investigators=[unit.me.membership_id])
    await _look_again(unit, incident)
    await service.start_investigation(unit, incident.id, version + 1)
    await _look_again(unit, incident)
    for report in await repository.reports(unit, incident.id):
        await service.hear(unit, incident.id, report_id=report.id, waiver="anonymous")
    found = gettext_in(unit.language, _FOUND)
    await service.finish_investigation(unit, incident.id, version + 2, findings=found)
    audit.record(unit, "incident.taken_for_prank", "incident", [incident.id])


async def _look_again(unit: Unit, incident: Incident) -> None:
    """The steps write past the row that the session holds."""
    await unit.session.refresh(incident)
