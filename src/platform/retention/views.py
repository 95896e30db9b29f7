"""What the pages show: what falls due of what the reader may read, holds, certificates."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.retention import repository, service, terms
from src.platform.retention.schemas import (
    Certificate,
    DestructionRow,
    DueRow,
    Ended,
    HoldRow,
    RetentionPage,
)
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


async def retention(unit: Unit) -> RetentionPage:
    """Everything of the page; an incident in which the reader is in conflict is neither due nor held here."""
    access.require(unit, service.KEEP)
    reads = (repository.HOLDS, repository.DESTRUCTIONS, tenants.all_settings(), tenants.all_members())
    await together.prefetch(unit.session, *reads)
    years = await terms.years_of(unit, service.INCIDENT)
    today = clock.local_date(clock.now())
    due = await repository.due(unit, terms.due_before(today, years))
    holds = await _holds(unit)
    audit.record(unit, "retention.read", "retention", [one.id for one in due], classes={"case-sensitive"})
    return RetentionPage(
        years=years,
        rules=terms.term(service.INCIDENT).rules,
        due=[
            DueRow(
                id=one.id,
                number=one.number,
                closed_on=clock.local_date(one.closed_at),
                kept_until=terms.kept_until(clock.local_date(one.closed_at), years),
            )
            for one in due
        ],
        holds=holds,
        destroyed=[
            DestructionRow(id=one.id, confirmed_at=one.confirmed_at, total=one.total)
            for one in await repository.destructions(unit)
        ],
    )


async def certificate(unit: Unit, destruction_id: UUID) -> Certificate:
    """The paper of one confirmed list. Raises NotFound."""
    access.require(unit, service.KEEP)
    reads = repository.destruction(destruction_id), repository.erasures(destruction_id)
    await together.prefetch(unit.session, *reads, tenants.all_members())
    row, *_ = [*await together.rows(unit.session, reads[0]), None]
    if row is None:
        raise NotFound
    records = await together.rows(unit.session, reads[1])
    names = await _names(unit, {row.confirmed_by})
    ended = [one.erased_at for one in records if one.erased_at]
    since = await vault.keys_since(unit)
    audit.record(unit, "retention.certificate_read", "destruction", [row.id])
    return Certificate(
        id=row.id,
        organisation=unit.me.organisation,
        kind=row.kind,
        rules=row.rules,
        years=row.years,
        confirmed_by=names.get(row.confirmed_by, ""),
        confirmed_at=row.confirmed_at,
        records=[
            Ended(one.number, one.closed_on, one.erased_at, is_kept=one.kept_because is not None) for one in records
        ],
        parts=sum(int(number) for one in records for number in one.counts.values()),
        is_done=all(one.erased_at or one.kept_because for one in records),
        keys_are_gone=bool(since and ended and since > max(ended)),
    )


async def _holds(unit: Unit) -> list[HoldRow]:
    found = await repository.holds(unit)
    numbers = await repository.readable(unit, ids=[one.incident_id for one in found]) if found else {}
    names = await _names(unit, {one.placed_by for one in found})
    return [
        HoldRow(
            id=one.id,
            number=numbers[one.incident_id],
            reason=await vault.open_text(unit, one.reason, service.REASON, one.id),
            until=one.until,
            placed_by=names.get(one.placed_by, ""),
            placed_at=one.placed_at,
        )
        for one in found
        if one.incident_id in numbers
    ]


async def _names(unit: Unit, memberships: set[UUID]) -> dict[UUID, str]:
    people = {one.membership_id: one.person_id for one in await tenants.employees(unit)}
    known = await vault.staff_names(unit, {people[one] for one in memberships if one in people})
    return {one: known.get(people[one], "") for one in memberships if one in people}
