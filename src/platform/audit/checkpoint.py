"""Every five minutes one signed line with the heads of all chains, in the database and outside its host (S-40).

Whoever owns the database can rewrite a chain so that it fits again; a line that was written before names the hash that
stood at a row, and nobody without the signing key can change the line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg.types.json import Jsonb

from src.platform.kit import clock, crypto
from src.platform.kit.settings import settings
from src.platform.kit.threads import run_in_pool

EVERY = timedelta(minutes=5)
FILE = "audit-checkpoints.jsonl"
_HEADS = "select tenant_id, seq, encode(hash, 'hex') from audit_head"
_KEEP = "insert into audit_checkpoint values (%s, %s, %s) on conflict do nothing returning at"
_log = structlog.get_logger(__name__)


class Checkpoint(msgspec.Struct, frozen=True):
    """Organisation -> (length of its chain, hash of its last row), signed; `signature` in hex."""

    at: datetime
    heads: dict[UUID, tuple[int, str]]
    signature: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{128}$")]

    def is_signed_with(self, public: bytes) -> bool:
        """Whether the holder of this key's private half signed exactly this."""
        return crypto.is_signed(public, _claim(self.at, self.heads), bytes.fromhex(self.signature))


@dataclass(frozen=True, slots=True)
class Lines:
    """What one place has: checkpoints that can be read, and how many lines cannot."""

    found: tuple[Checkpoint, ...]
    damaged: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What was remembered of the chains: every hash that was seen at a row, and moments whose line is forged.

    One row with two hashes was written anew between two genuine checkpoints; neither may overwrite the other.
    """

    rows: Mapping[UUID, Mapping[int, frozenset[str]]]
    moments: frozenset[datetime]
    forged: tuple[datetime, ...]


async def take(relay: psycopg.AsyncConnection) -> bool:
    """Take the checkpoint of the running five minutes unless another relay has; whether it was this one."""
    now = clock.real_now()
    at = now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
    async with relay.transaction():
        found = await (await relay.execute(_HEADS)).fetchall()
        heads = {tenant_id: (seq, digest) for tenant_id, seq, digest in found}
        signature = crypto.sign(settings().key("checkpoint"), _claim(at, heads))
        named = Jsonb({str(tenant_id): head for tenant_id, head in heads.items()})
        kept = await (await relay.execute(_KEEP, (at, named, signature))).fetchone()
    if kept is not None:
        await run_in_pool(_write_outside, Checkpoint(at, heads, signature.hex()))
    return kept is not None


def public_key() -> bytes:
    """What our checkpoints are verified with; printed and kept elsewhere, it also finds a changed signing key."""
    return crypto.signer_public(settings().key("checkpoint"))


def _nothing_lost(_at: datetime, _tenant_id: UUID, _seq: int) -> bool:
    return False


def remembered(
    lines: Iterable[Checkpoint], public: bytes, loses: Callable[[datetime, UUID, int], bool] = _nothing_lost
) -> Memory:
    """Put genuine checkpoints together; forged ones are named, not believed.

    `loses` says of a row that a checkpoint of some moment knows whether a restore has lost it since.
    """
    rows: dict[UUID, dict[int, frozenset[str]]] = defaultdict(dict)
    moments, forged = set(), set()
    for line in lines:
        if not line.is_signed_with(public):
            forged.add(line.at)
            continue
        moments.add(line.at)
        for tenant_id, (seq, digest) in line.heads.items():
            if loses(line.at, tenant_id, seq):
                continue
            rows[tenant_id][seq] = rows[tenant_id].get(seq, frozenset()) | {digest}
    return Memory(rows, frozenset(moments), tuple(sorted(forged)))


def outside() -> Lines:
    """Every line that was written outside the database; a torn line costs only itself."""
    files = [folder / FILE for folder in settings().checkpoint_dirs]
    raw = [line for file in files if file.exists() for line in file.read_bytes().splitlines()]
    return _readable(raw, msgspec.json.Decoder(Checkpoint).decode)


def inside(rows: Iterable[tuple[datetime, Any, str]]) -> Lines:
    """The rows of the table: moment, heads as JSON, signature in hex."""
    raw = [{"at": at, "heads": heads, "signature": signature} for at, heads, signature in rows]
    return _readable(raw, lambda row: msgspec.convert(row, Checkpoint))


def _readable(raw: Iterable[Any], read: Callable[[Any], Checkpoint]) -> Lines:
    found, damaged = [], 0
    for one in raw:
        try:
            found.append(read(one))
        except (msgspec.DecodeError, UnicodeDecodeError):
            damaged += 1
    return Lines(tuple(found), damaged)


def _write_outside(checkpoint: Checkpoint) -> None:
    line = msgspec.json.encode(checkpoint) + b"\n"
    for folder in settings().checkpoint_dirs:
        try:
            _append(folder / FILE, line)
        except OSError as error:
            _log.error("checkpoint_not_written", error=type(error).__name__)


def _append(file: Path, line: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(line)


def _claim(at: datetime, heads: Mapping[UUID, tuple[int, str]]) -> bytes:
    return msgspec.json.encode((int(at.timestamp()), sorted((str(key), *head) for key, head in heads.items())))
