"""Reconciliation: voluntary, never a condition of anything, never after the worst (R-268)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service
from src.platform.incidents.errors import ReconciliationRefusedError, WrongStateError
from src.platform.incidents.models import OFFENDERS, Incident, Participation, Reconciliation
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id

HELD_IN = frozenset({"classified", "closed"})
_VICTIMS = frozenset({"victim", "both"})
_TOO_GRAVE_SIGNS = frozenset({"sexual", "physical_weapon"})
_TOO_GRAVE_KINDS = frozenset({"sexual_harassment"})


async def record(
    unit: Unit,
    incident_id: UUID,
    *,
    victim: UUID,
    offender: UUID,
    victim_agreed_at: datetime,
    offender_agreed_at: datetime,
    result: str,
) -> None:
    """Write down a talk to which both sides agreed, and when each did. Raises ReconciliationRefusedError (R-268)."""
    incident = await service.for_verb(unit, incident_id, "incident.reconcile")
    if incident.state not in HELD_IN:
        raise WrongStateError
    people = await repository.participations(unit, [incident.id])
    sides = {one.id: one for one in people}
    _check_sides(sides, victim, offender, (victim_agreed_at, offender_agreed_at))
    if is_refused(incident, [sides[offender]]):
        raise ReconciliationRefusedError
    row_id = new_id()
    unit.session.add(
        Reconciliation(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident.id,
            victim_id=victim,
            offender_id=offender,
            victim_agreed_at=victim_agreed_at,
            offender_agreed_at=offender_agreed_at,
            result=await service.sealed(unit, result, "reconciliation.result", row_id),
            recorded_at=clock.now(),
        )
    )
    incident.identities_read_at = None
    audit.record(unit, "incident.reconciled", "incident", [incident.id, row_id])


def is_refused(incident: Incident, offenders: Collection[Participation]) -> bool:
    """Sexual violence, a weapon, an injury that needed medical help, an offender at high risk (R-268)."""
    return (
        bool(_TOO_GRAVE_SIGNS & set(incident.serious_signs))
        or bool(_TOO_GRAVE_KINDS & set(incident.violence_types))
        or incident.sent_to_medical is True
        or all(one.risk_level == "high_risk" for one in offenders)
    )


def _check_sides(sides: dict[UUID, Participation], victim: UUID, offender: UUID, agreed: tuple[datetime, ...]) -> None:
    complaints = []
    wrong = N_("Choose one person of each side")
    if victim not in sides or sides[victim].involvement not in _VICTIMS:
        complaints.append(FieldError("victim", "not_a_victim", wrong))
    if offender == victim or offender not in sides or sides[offender].involvement not in OFFENDERS:
        complaints.append(FieldError("offender", "not_an_offender", wrong))
    for name, at in zip(("victim_agreed_at", "offender_agreed_at"), agreed, strict=True):
        if at > clock.now():
            complaints.append(FieldError(name, "in_future", N_("This time is still to come")))
    if complaints:
        raise Invalid(fields=complaints)
