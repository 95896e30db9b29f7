"""Verbs of retention: hold and lift, confirm what falls due, destroy, tell that something falls due (R-221)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.retention import readers, repository, terms
from src.platform.retention.errors import HeldError, LiftedError, OnHoldError
from src.platform.retention.models import Destruction, Erasure, Hold
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

KEEP, INCIDENT = readers.KEEP, readers.INCIDENT
REASON = "retention_hold.reason"
LOOK, DESTROY = "retention.look", "retention.destroy"


async def hold(unit: Unit, number: str, reason: str, until: date | None = None) -> UUID:
    """Nothing of an incident is destroyed until the day or until somebody lifts it. Raises Invalid, OnHoldError."""
    access.require(unit, KEEP)
    found = await repository.readable(unit, numbers=[number])
    complaints = [] if found else [FieldError("number", "unknown", N_("No incident that you may read has this number"))]
    if until is not None and until < clock.local_date(clock.now()):
        complaints.append(FieldError("until", "in_the_past", N_("Choose today or a later day")))
    if complaints:
        raise Invalid(fields=complaints)
    (incident_id,) = found
    if any(one.incident_id == incident_id for one in await repository.holds(unit)):
        raise OnHoldError
    hold_id = new_id()
    unit.session.add(
        Hold(
            tenant_id=unit.tenant_id,
            id=hold_id,
            incident_id=incident_id,
            reason=await vault.seal_text(unit, reason, REASON, hold_id),
            until=until,
            placed_by=unit.me.membership_id,
            placed_at=clock.now(),
        )
    )
    audit.record(unit, "retention.held", INCIDENT, [incident_id, hold_id])
    return hold_id


async def lift(unit: Unit, hold_id: UUID) -> None:
    """A hold ends. Raises NotFound, LiftedError."""
    access.require(unit, KEEP)
    row = await repository.hold(unit, hold_id)
    if row is None or not await repository.readable(unit, ids=[row.incident_id]):
        raise NotFound
    if row.lifted_at is not None:
        raise LiftedError
    row.lifted_at, row.lifted_by = clock.now(), unit.me.membership_id
    audit.record(unit, "retention.lifted", INCIDENT, [row.incident_id, hold_id])


async def confirm(unit: Unit, incidents: Collection[UUID], *, checked: bool) -> UUID:
    """These records are destroyed: a person has looked at the list. Raises Invalid, HeldError."""
    access.require(unit, KEEP)
    complaints = []
    if not incidents:
        complaints.append(FieldError("incidents", "required", N_("Choose at least one record")))
    if not checked:
        complaints.append(FieldError("checked", "required", N_("Confirm that you have checked the list")))
    if complaints:
        raise Invalid(fields=complaints)
    at, years = clock.now(), await terms.years_of(unit, INCIDENT)
    found = await repository.due(unit, terms.due_before(clock.local_date(at), years), among=set(incidents))
    if {one.id for one in found} != set(incidents):
        raise HeldError
    row = Destruction(
        tenant_id=unit.tenant_id,
        id=new_id(),
        kind=INCIDENT,
        rules=list(terms.term(INCIDENT).rules),
        years=years,
        confirmed_by=unit.me.membership_id,
        confirmed_at=at,
        total=len(found),
    )
    unit.session.add(row)
    await unit.session.flush()  # the records of the list refer to it
    for one in found:
        erasure = _erasure(unit, row, one)
        unit.session.add(erasure)
        await outbox.emit(unit, DESTROY, {"erasure": erasure.id})
    audit.record(unit, "retention.confirmed", "destruction", [row.id, *(one.id for one in found)])
    return row.id


async def destroy(unit: Unit, erasure_id: UUID) -> None:
    """One confirmed record, with everything that hangs on it; a hold that came meanwhile keeps it. Twice is as once."""
    done = await repository.erase(unit, erasure_id, clock.now())
    action = "retention.destroyed" if done else "retention.kept"
    audit.record(unit, action, "destruction", [erasure_id])


async def look(unit: Unit) -> None:
    """Once a month: holds that ended, and whether something falls due; people are told that, and never what."""
    if (await tenants.organisation(unit, unit.tenant_id)).kind != tenants.SCHOOL:
        return
    now = clock.now()
    today = clock.local_date(now)
    if ended := await repository.lift_ended(unit, now, today):
        audit.record(unit, "retention.holds_ended", "retention", ended)
    told = await readers.concerned(unit, await tenants.members(unit), unit.tenant_id)
    await notifications.notify(
        unit, [one.membership_id for one in told], "retention_due", readers.SUBJECT, unit.tenant_id
    )
    first = calendar.first_of(calendar.month_after(calendar.month_of(today)))
    await outbox.wake(unit, calendar.at_local(first, calendar.MIDNIGHT), LOOK, {})


async def destroy_again(unit: Unit, records: Collection[UUID]) -> int:
    """After a restore: what the ledger says was erased is erased again, as the owner of the database; how many."""
    again = [record for record in records if await repository.destroy_again(unit, record)]
    if again:
        audit.record(unit, "retention.destroyed_again", "destruction", again)
    return len(again)


def _erasure(unit: Unit, row: Destruction, one: repository.Due) -> Erasure:
    return Erasure(
        tenant_id=unit.tenant_id,
        id=new_id(),
        destruction_id=row.id,
        record_id=one.id,
        number=one.number,
        closed_on=clock.local_date(one.closed_at),
        counts={},
    )
