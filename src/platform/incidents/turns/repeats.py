"""A child who ignores the rules again and again: the third record proposes help, the fourth makes it a duty (R-029).

Records are found by the fingerprint of the child, inside the school and its school year; nobody sees a number.
"""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import events, members, repository, service
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.models import OFFENDERS, Incident, Participation
from src.platform.incidents.turns import repository as turn_repository
from src.platform.kit.errors import NotFound
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants

_CONFIRMED = "confirmed_problem_behaviour"
_NEW = ("proposed", "mandatory")


async def look(unit: Unit, incident: Incident, people: Collection[Participation], outcome: str) -> None:
    """Mark each offending child of an incident that is being decided whose third or later record this is (X5)."""
    children = [one for one in people if one.kind == "student" and one.involvement in OFFENDERS]
    if not children or not _is_record(incident, outcome):
        return
    before = Counter(
        one.link_blind for one in await turn_repository.records_of(unit, [one.link_blind for one in children], incident)
    )
    proposed = await tenants.setting(unit, "repeats_proposed_at")
    mandatory = await tenants.setting(unit, "repeats_mandatory_at")
    for one in children:
        number = before[one.link_blind] + 1
        if number >= proposed and one.secondary != "accepted":
            one.secondary, one.records = "mandatory" if number >= mandatory else "proposed", number
            audit.record(unit, f"incident.repeat_{one.secondary}", "incident", [incident.id, one.id])
    if any(one.secondary for one in children):
        await outbox.emit(unit, "incidents.tell_of_repeats", {"incident": incident.id})


async def tell(unit: Unit, incident_id: UUID) -> None:
    """The team hears that a child needs secondary measures: those who may read every record that was counted."""
    incident = await repository.locked(unit, incident_id)
    marked = [one for one in await repository.participations(unit, [incident_id]) if one.secondary in _NEW]
    team = await members.team_of(unit)
    for kind in sorted({one.secondary for one in marked if one.secondary}):
        blinds = [one.link_blind for one in marked if one.secondary == kind]
        counted = {one.incident_id for one in await turn_repository.records_of(unit, blinds, incident)} | {incident_id}
        readable = await repository.readable_to(unit, team, counted)
        told = [m.membership_id for m in team if all((m.membership_id, one) in readable for one in counted)]
        await notifications.notify(unit, told, f"repeat_{kind}", "incident", incident_id)


async def shown(unit: Unit, incident: Incident, people: Collection[Participation]) -> dict[UUID, str]:
    """Participation -> its mark, where the reader decides incidents and may read every record behind it."""
    if not access.may(unit.me, "incident.classify") or not any(one.secondary for one in people):
        return {}
    seen = Counter(one.link_blind for one in await turn_repository.records_i_may_see(unit, incident))
    return {one.id: one.secondary for one in people if one.secondary and seen[one.link_blind] >= (one.records or 0)}


async def answer(unit: Unit, incident_id: UUID, *, participation_id: UUID, answer: str) -> None:
    """Accept or decline a proposal; what is mandatory is not answered (R-029). Raises NotFound, WrongStateError."""
    incident = await service.for_verb(unit, incident_id, "incident.classify")
    people = await repository.participations(unit, [incident.id])
    child = next((one for one in people if one.id == participation_id), None)
    if child is None or child.secondary is None:
        raise NotFound
    if child.secondary != "proposed":
        raise WrongStateError
    child.secondary, child.version = answer, child.version + 1
    if answer == "accepted":
        await outbox.emit(unit, events.CLASSIFIED, {"incident": incident.id})
    audit.record(unit, f"incident.secondary_{answer}", "incident", [incident.id, child.id])


def _is_record(incident: Incident, outcome: str) -> bool:
    return outcome == _CONFIRMED or (outcome != "not_confirmed" and bool(incident.problem_behaviours))
