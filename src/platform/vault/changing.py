"""Changing the keys of an organisation while it works: a new version beside the old one, then it alone (ADR 33).

1. `begin`: the new version is there; everybody reads both and writes the old one.
2. `publish`, `turn`: everybody writes the new one; the fingerprints of people change in one transaction, because rows
   are compared with each other by them.
3. `fingerprints`, `reseal`: what transactions of before wrote, and every sealed value, batch by batch.
4. `finish`: nothing begins like the old version any more; it is destroyed.

Between these the caller commits and waits until no transaction is left that began before. Each may be done again.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock, crypto
from src.platform.tenants import service as tenants
from src.platform.vault import blinds
from src.platform.vault import changing_repository as repository
from src.platform.vault.errors import ChangeNotDoneError
from src.platform.vault.keys import Keys, Ring, keys_of, read
from src.platform.vault.models import KeyChange
from src.platform.vault.schemas import Identity
from src.platform.vault.sealed import LINKS, SEALED, Sealed

ANNOUNCED, WRITING = "announced", "writing"
_decoder = msgspec.json.Decoder(Identity)
_CHANGED = ("vault", "case", "blind", "recipient")


async def phase(unit: Unit) -> str | None:
    """How far a change is; None where none runs."""
    row = await unit.session.get(KeyChange, unit.tenant_id)
    return row.phase if row else None


async def begin(unit: Unit) -> None:
    """Make a new version of the keys, beside the one that is written; nothing when a change runs already."""
    row = await repository.locked(unit)
    if row is not None and row.phase is not None:
        return
    writes = row.writes if row else tenants.FIRST_KEY_VERSION
    if row is None:
        row = KeyChange(tenant_id=unit.tenant_id, writes=writes)
        unit.session.add(row)
    row.next, row.phase, row.began_at, row.ended_at = writes + 1, ANNOUNCED, clock.now(), None
    masters = await repository.registered(unit)
    made = [*tenants.new_keys(unit.tenant_id, row.next).wrapped]
    if not await repository.has_marks(unit):
        made += tenants.wrapped_keys(unit.tenant_id, tenants.FIRST_KEY_VERSION, {"mark": (await keys_of(unit)).mark})
    made = [one for one in made if one.master in masters]
    await repository.add_keys(unit, [{"tenant_id": unit.tenant_id, **_row(one)} for one in made])
    await repository.count_change(unit)
    audit.record(unit, "keys.announced", "tenant", [unit.tenant_id], detail={"version": row.next})


async def next_public(unit: Unit) -> bytes:
    """The public half of the version that comes."""
    row = await repository.locked(unit)
    if row is None or row.next is None:
        raise ChangeNotDoneError
    return crypto.recipient_public((await read(unit)).recipient.versions[row.next])


async def publish(unit: Unit, tenant_id: UUID, public: bytes) -> None:
    """Others seal for the organisation under its new key from now on; in the region operator's context."""
    await repository.publish(unit, tenant_id, public)


async def turn(unit: Unit) -> None:
    """Write the new version from now on. Raises the database's own error when somebody holds a row too long."""
    row = await repository.locked(unit)
    if row is None or row.phase != ANNOUNCED or row.next is None:
        return
    await repository.patience(unit)
    keys = await read(unit)
    await _fingerprints(unit, replace(keys, blind=Ring(keys.blind.versions, row.next)))
    row.writes, row.phase = row.next, WRITING
    await repository.count_change(unit)
    audit.record(unit, "keys.turned", "tenant", [unit.tenant_id], detail={"version": row.writes})


async def fingerprints(unit: Unit) -> None:
    """Fingerprints that a transaction of before stored under the old version."""
    await repository.patience(unit)
    await _fingerprints(unit, await keys_of(unit))


async def reseal(unit: Unit, one: Sealed, after: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """Seal a batch of a column anew; where to go on, None at its end. Raises SealBrokenError."""
    keys = await keys_of(unit)
    found = await repository.values(unit, one, _beginning(keys, one), after)
    if not found:
        return None
    await repository.replace(unit, one, found, [_resealed(unit, keys, one, value) for value in found])
    return found[-1].key


async def waiting(unit: Unit) -> int:
    """How many sealed values still stand under the old version."""
    keys = await keys_of(unit)
    return sum([await repository.waiting(unit, one, _beginning(keys, one)) for one in SEALED])


async def finish(unit: Unit) -> None:
    """Destroy the old version. Raises ChangeNotDoneError while something stands under it."""
    row = await repository.locked(unit)
    if row is None or row.phase != WRITING or await waiting(unit):
        raise ChangeNotDoneError
    gone = await repository.drop_keys(unit, _CHANGED, row.writes)
    row.next, row.phase, row.ended_at = None, None, clock.now()
    await repository.count_change(unit)
    audit.record(
        unit, "keys.destroyed", "tenant", [unit.tenant_id], detail={"version": row.writes - 1, "wrappings": gone}
    )


def _row(one: Any) -> dict[str, object]:
    return {"purpose": one.purpose, "version": one.version, "master": one.master, "wrapped": one.wrapped}


def _beginning(keys: Keys, one: Sealed) -> bytes:
    ring: Ring = getattr(keys, one.purpose)
    if one.kind == "slice":
        return crypto.beginning_for(crypto.recipient_public(ring.versions[ring.writes]))
    return crypto.beginning(ring.writes)


def _resealed(unit: Unit, keys: Keys, one: Sealed, value: repository.Value) -> bytes:
    ring: Ring = getattr(keys, one.purpose)
    if one.kind == "slice":
        public = crypto.recipient_public(ring.versions[ring.writes])
        clear = ring.open_slice(value.sealed, owner=value.owner.bytes)
        return crypto.seal_to(public, clear, owner=value.owner.bytes)
    owner = owner_of(unit.tenant_id, one, value)
    return ring.seal(ring.open(value.sealed, owner=owner), owner=owner)


def owner_of(tenant_id: UUID, one: Sealed, value: repository.Value) -> bytes:
    """What the vault bound a value to."""
    if one.kind in ("part", "piece"):
        bound = f"piece {value.number} of {value.pieces}"
    else:
        bound = f"{one.table}.{one.column}" if one.kind == "text" else one.kind
    return f"{tenant_id}|{bound}|{value.owner}".encode()


async def _fingerprints(unit: Unit, keys: Keys) -> None:
    await _of_people(unit, keys)
    for table, link, blind in LINKS:
        changed = list[tuple[UUID, bytes]]()
        for row_id, sealed, stored in await repository.links(unit, table, link, blind):
            person = UUID(bytes=keys.vault.open(sealed, owner=f"{unit.tenant_id}|link|{row_id}".encode()))
            if (now := keys.blind.blind(blinds.of_person(person))) != stored:
                changed.append((row_id, now))
        if changed:
            await repository.put_links(unit, table, blind, changed)


async def _of_people(unit: Unit, keys: Keys) -> None:
    changed, wanted = list[tuple[UUID, bytes | None, bytes | None]](), set[tuple[UUID, bytes]]()
    for one in await repository.people(unit):
        owner = f"{unit.tenant_id}|person|{one.id}".encode()
        known = _decoder.decode(keys.vault.open(one.identity, owner=owner))
        wanted |= {(one.id, keys.blind.blind(value)) for value in blinds.of_names(known)}
        iin = keys.blind.blind(blinds.of_iin(known.iin)) if known.iin else None
        contact = keys.blind.blind(blinds.of_contact(known)) if one.contact_blind else None
        if (iin, contact) != (one.iin_blind, one.contact_blind):
            changed.append((one.id, iin, contact))
    if changed:
        await repository.put_people(unit, changed)
    await _put_names(unit, wanted)


async def _put_names(unit: Unit, wanted: set[tuple[UUID, bytes]]) -> None:
    stored = await repository.name_blinds(unit)
    if gone := stored - wanted:
        await repository.drop_name_blinds(unit, gone)
    if new := wanted - stored:
        await repository.add_name_blinds(unit, new)
