"""Whether the parents of a child know (R-248); never told: a parent who is the alleged offender (R-261)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import names, repository, service
from src.platform.incidents.models import OFFENDERS, Participation
from src.platform.incidents.triage import residential
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties

REASON = "participation.parents_not_informed"
_OF_THE_CHILD = frozenset({"parents", "other_representative"})


async def inform(
    unit: Unit,
    incident_id: UUID,
    participation_id: UUID,
    *,
    version: int | None = None,
    informed: str | None = None,
    informed_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Record who was informed of a child's incident and when, or why nobody was; neither holds any step up (R-262).

    `version` is what stood there when it was typed; without one the last word counts. Raises StaleVersion.
    """
    incident = await service.for_verb(unit, incident_id, "incident.inform_parents")
    people = await repository.participations(unit, [incident.id])
    child = next((one for one in people if one.id == participation_id and one.kind == "student"), None)
    if child is None:
        raise NotFound
    if bool(informed) == bool(reason):
        raise Invalid(fields=[FieldError("informed", "one_of_two", N_("Say who was informed, or why nobody was"))])
    at = informed_at or clock.now()
    if at > clock.now():
        raise Invalid(fields=[FieldError("informed_at", "in_future", N_("This day is still to come"))])
    if informed == "parents" and child.id in await with_a_parent_accused(unit, people):
        message = N_(
            "A parent of this child is the alleged offender: inform the other representative or the guardianship body"
        )
        raise Invalid(fields=[FieldError("informed", "parent_is_accused", message)])
    if informed in _OF_THE_CHILD and residential.is_of_institution(child, incident):
        message = N_(
            "This child lives in a residential institution, or nobody has said that it does not: inform the "
            "guardianship body, nothing goes back to the institution"
        )
        raise Invalid(fields=[FieldError("informed", "nothing_goes_back", message)])
    if version not in (None, child.version):
        raise StaleVersion
    child.version += 1
    child.parents_informed, child.parents_informed_at = (informed, at) if informed else (None, None)
    child.parents_not_informed = (
        await names.retyped(unit, incident, child, "parents_not_informed", reason) if reason else None
    )
    incident.identities_read_at = None if reason else incident.identities_read_at
    audit.record(unit, "incident.parents_recorded", "incident", [incident.id, child.id])


async def with_a_parent_accused(unit: Unit, people: Collection[Participation]) -> set[UUID]:
    """The children of an incident of whom a close person is the alleged offender in it."""
    children = {await _person(unit, one): one.id for one in people if one.kind == "student"}
    accused = {await _person(unit, one) for one in people if one.involvement in OFFENDERS}
    ties = await vault_ties.of_children(unit, list(children))
    return {children[tie.child_id] for tie in ties if tie.adult_id in accused}


def is_open(person: Participation) -> bool:
    """Whether nothing is recorded yet about the parents of a child."""
    return person.kind == "student" and person.parents_informed_at is None and person.parents_not_informed is None


async def _person(unit: Unit, one: Participation) -> UUID:
    return await vault.open_link(unit, one.link, one.id)
