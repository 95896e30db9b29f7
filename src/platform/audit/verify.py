"""Reading a chain back: every hash is computed again outside the database (S-40)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import text

from src.platform.db.unit import Unit

_ROWS = text("""
    select seq, prev_hash, hash, concat_ws('|', tenant_id, seq, (extract(epoch from at) * 1000000)::bigint,
           coalesce(actor_id::text, ''), coalesce(encode(actor_sealed, 'hex'), ''), action, subject_kind,
           array_to_string(record_ids, ','), array_to_string(classes, ','), detail::text) as claim
    from audit_log order by seq""")
_HEAD = text("select seq, hash from audit_head")
_GENESIS = b"\x00"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a chain looks like: its length, and the first sequence number that does not fit, if any."""

    tenant_id: UUID
    rows: int
    head: bytes
    broken_at: int | None


async def verify_chain(unit: Unit, remembered: Mapping[int, frozenset[str]] = MappingProxyType({})) -> Verdict:
    """Walk the chain of the unit's organisation: edits, inserts, gaps, reorder and a cut tail show up.

    `remembered` holds the hashes (hex) that stood at some rows: with them a chain that was written anew shows up too.
    """
    expected_seq, previous, broken = 0, _GENESIS, None
    for row in (await unit.session.execute(_ROWS)).all():
        expected_seq += 1
        digest = sha256(previous + row.claim.encode()).digest()
        fits = row.seq == expected_seq and row.prev_hash == previous and row.hash == digest
        if broken is None and not (fits and remembered.get(expected_seq, {digest.hex()}) == {digest.hex()}):
            broken = expected_seq
        previous = row.hash
    head = (await unit.session.execute(_HEAD)).one_or_none()
    is_cut = max(remembered, default=0) > expected_seq
    if broken is None and (is_cut or (head is not None and (head.seq != expected_seq or head.hash != previous))):
        broken = expected_seq + 1
    return Verdict(unit.tenant_id, expected_seq, previous, broken)
