"""Turns of those who work on an incident: another investigator (X3), measures of the director for an employee (X2)."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import members, names, readers, repository, service
from src.platform.incidents.errors import NamedPersonError, NoEmployeeError, WrongStateError
from src.platform.incidents.models import OFFENDERS, IncidentChange
from src.platform.incidents.turns import repository as turn_repository
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications

REPLACED_IN = frozenset({"screened", "under_investigation"})
MEASURED_IN = frozenset({"classified", "closed"})


async def replace_investigator(
    unit: Unit, incident_id: UUID, version: int, *, leaving: UUID, coming: UUID, reason: str = ""
) -> None:
    """Another member investigates; after the first talk the reason is written down (X3, R-078).

    Raises WrongStateError, Invalid, NamedPersonError, StaleVersion.
    """
    incident = await service.for_verb(unit, incident_id, "incident.screen")
    if incident.state not in REPLACED_IN:
        raise WrongStateError
    duties = {one.membership_id: one.duty for one in await repository.duties(unit, incident.id)}
    team = {one.membership_id: one for one in await members.team_of(unit)}
    _check(duties, team.keys(), leaving, coming)
    if not reason and any(talk.held_at for talk in await repository.interviews(unit, incident.id)):
        message = N_("Talks have been held: say why somebody else investigates")
        raise Invalid(fields=[FieldError("reason", "required", message)])
    if await members.named_among(unit, incident.id, [team[coming]]):
        raise NamedPersonError
    change_id, at = new_id(), clock.now()
    unit.session.add(
        IncidentChange(
            tenant_id=unit.tenant_id,
            id=change_id,
            incident_id=incident.id,
            kind="investigator_replaced",
            made_at=at,
            reason=await service.sealed(unit, reason, "incident_change.reason", change_id),
        )
    )
    await service.write(unit, incident, version, **({"identities_read_at": None} if reason else {}))
    await turn_repository.relieve(unit, incident.id, leaving)
    await repository.set_duty(unit, incident.id, coming, "investigator")
    if not await readers.may_read(unit, [team[coming]], incident.id):
        raise NamedPersonError  # a relative of somebody named: the conflict outweighs the duty
    await deadlines.hand_on(unit, "clk_investigation", incident.id, leaving, coming)
    await notifications.notify(unit, {coming} - {unit.me.membership_id}, "duty_given", "incident", incident.id)
    audit.record(unit, "incident.investigator_replaced", "incident", [incident.id, leaving, coming])


async def take_measures(unit: Unit, incident_id: UUID, version: int, *, measures: str) -> None:
    """What the director did about an employee who is an alleged offender (R-049, X2)."""
    incident = await service.for_verb(unit, incident_id, "incident.take_measures")
    if incident.state not in MEASURED_IN:
        raise WrongStateError
    people = await repository.participations(unit, [incident.id])
    if not any(one.kind == "employee" and one.involvement in OFFENDERS for one in people):
        raise NoEmployeeError
    text = await names.retyped(unit, incident, incident, "staff_measures", measures)
    changes = {"staff_measures": text, "staff_measures_at": clock.now(), "identities_read_at": None}
    await service.write(unit, incident, version, **changes)
    audit.record(unit, "incident.measures_taken", "incident", [incident.id])


def _check(duties: dict[UUID, str], team: object, leaving: UUID, coming: UUID) -> None:
    complaints = []
    if duties.get(leaving) != "investigator":
        complaints.append(FieldError("leaving", "not_investigator", N_("This person does not investigate here")))
    if coming not in team:  # type: ignore[operator]  # the keys of a dict
        complaints.append(FieldError("coming", "not_in_team", N_("Choose a member of the team")))
    elif coming in duties:
        complaints.append(FieldError("coming", "has_a_duty", N_("This person has a duty in the incident already")))
    if complaints:
        raise Invalid(fields=complaints)
