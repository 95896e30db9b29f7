"""Reading a chain back: every hash is computed again outside the database (S-40)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import text

from src.platform.db.unit import Unit

_CHAIN = text("""
    select h.seq as head_seq, h.hash as head_hash, l.seq, l.prev_hash, l.hash,
           concat_ws('|', l.tenant_id, l.seq, (extract(epoch from l.at) * 1000000)::bigint,
           coalesce(l.actor_id::text, ''), coalesce(encode(l.actor_sealed, 'hex'), ''), l.action, l.subject_kind,
           array_to_string(l.record_ids, ','), array_to_string(l.classes, ','), l.detail::text) as claim
    from audit_head h full join audit_log l on l.tenant_id = h.tenant_id order by l.seq""")
"""Rows and head in one statement: what is appended while they are read belongs to neither."""
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
    chain = (await unit.session.execute(_CHAIN)).all()
    for row in chain:
        if row.seq is None:  # a head without any row
            break
        expected_seq += 1
        digest = sha256(previous + row.claim.encode()).digest()
        fits = row.seq == expected_seq and row.prev_hash == previous and row.hash == digest
        if broken is None and not (fits and remembered.get(expected_seq, {digest.hex()}) == {digest.hex()}):
            broken = expected_seq
        previous = row.hash
    is_cut = max(remembered, default=0) > expected_seq
    is_other = (
        bool(chain)
        and chain[0].head_seq is not None
        and (chain[0].head_seq, chain[0].head_hash) != (expected_seq, previous)
    )
    if broken is None and (is_cut or is_other):
        broken = expected_seq + 1
    return Verdict(unit.tenant_id, expected_seq, previous, broken)
