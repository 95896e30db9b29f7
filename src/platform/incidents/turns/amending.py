"""Texts of an incident that are written on after their step was taken, and who stands in which role (D-2, D-3)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import names, repository, service
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.evidence import injuries
from src.platform.incidents.models import Incident
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_

_WORK, _DECIDE = "incident.investigate", "incident.classify"
FIELDS: Mapping[str, str] = {
    "findings": _WORK,
    "additional_info": _WORK,
    "safety_measures": _DECIDE,
    "minutes": _DECIDE,
}
"""Which right each text asks for."""
_OPEN_IN: Mapping[str, frozenset[str]] = {
    "findings": frozenset({"investigated"}),
    "additional_info": frozenset({"screened", "under_investigation", "investigated", "classified"}),
    "safety_measures": frozenset({"screened", "under_investigation", "investigated", "classified"}),
    "minutes": frozenset({"classified"}),
}


def open_texts(incident_state: str, may: Collection[str]) -> list[str]:
    """The texts that can be written on now by who has these verbs of the page."""
    verbs = {_WORK: "amend_findings", _DECIDE: "amend_decision"}
    return [name for name, right in FIELDS.items() if incident_state in _OPEN_IN[name] and verbs[right] in may]


def possible(incident: Incident) -> set[str]:
    """The verbs that the state leaves open."""
    return {"amend_findings", "amend_decision"} if incident.state in _OPEN_IN["additional_info"] else set()


async def amend(unit: Unit, incident_id: UUID, version: int, **texts: str) -> None:
    """Write texts anew. Raises WrongStateError for one whose time has not come or has gone, Forbidden, StaleVersion.

    The decision itself is not amended: for another one the incident is reopened.
    """
    if not texts:
        raise Invalid(fields=[FieldError("additional_info", "required", N_("Fill this in"))])
    incidents = [await service.for_verb(unit, incident_id, right) for right in {FIELDS[name] for name in texts}]
    incident = incidents[0]
    if not all(incident.state in _OPEN_IN[name] for name in texts):
        raise WrongStateError
    minutes = texts.pop("minutes", "")
    changes = {name: await names.retyped(unit, incident, incident, name, text) for name, text in texts.items()}
    await service.write(unit, incident, version, **changes, identities_read_at=None)
    if minutes:
        held = await repository.meetings(unit, incident.id)
        held[0].minutes = await names.retyped(unit, incident, held[0], "minutes", minutes)
    audit.record(unit, "incident.amended", "incident", [incident.id])


async def describe(
    unit: Unit, incident_id: UUID, version: int, *, roles: Mapping[UUID, str | None], injured: Collection[UUID] = ()
) -> None:
    """The role of each person (D-2) and who is hurt (D-1). Raises NotFound for somebody who does not stand here.

    Who may not read health only adds: a tick that they do not see is not taken away.
    """
    tied = await service.tied_for_verb(unit, incident_id, "incident.name_people")
    incident, people = tied.incident, await repository.participations(unit, [tied.incident.id])
    if incident.state == "closed":
        raise WrongStateError
    if not {*roles, *injured} <= {one.id for one in people}:
        raise NotFound
    sees_health = "health" in access.classes(unit.me, "incident.read", tied.relations)
    for person in people:
        person.role = roles.get(person.id, person.role)
        person.injured = person.id in injured or (person.injured and not sees_health)
        person.version += 1
    if injured:
        await injuries.somebody_is_hurt(unit, incident, version)
    else:
        await service.write(unit, incident, version)
    audit.record(unit, "incident.described", "incident", [incident.id])
