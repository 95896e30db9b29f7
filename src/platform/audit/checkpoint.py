"""Every five minutes one signed line with the heads of all chains, in the database and outside its host (S-40).

Whoever owns the database can rewrite a chain so that it fits again; a line that was written before names the hash that
stood at a row, and nobody without the signing key can change the line.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
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
    signature: str

    @property
    def is_genuine(self) -> bool:
        """Whether our key signed exactly this."""
        public = crypto.signer_public(settings().key("checkpoint"))
        return crypto.is_signed(public, _claim(self.at, self.heads), bytes.fromhex(self.signature))


@dataclass(frozen=True, slots=True)
class Memory:
    """What was remembered of the chains: the hash at each remembered row, and moments whose line is forged."""

    rows: Mapping[UUID, Mapping[int, str]]
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


def remembered(lines: Iterable[Checkpoint]) -> Memory:
    """Put genuine checkpoints together; forged ones are named, not believed."""
    rows: dict[UUID, dict[int, str]] = defaultdict(dict)
    forged = []
    for line in lines:
        if not line.is_genuine:
            forged.append(line.at)
            continue
        for tenant_id, (seq, digest) in line.heads.items():
            rows[tenant_id][seq] = digest
    return Memory(rows, tuple(forged))


def outside() -> list[Checkpoint]:
    """Every line that was written outside the database."""
    decoder = msgspec.json.Decoder(Checkpoint)
    files = [folder / FILE for folder in settings().checkpoint_dirs]
    return [decoder.decode(line) for file in files if file.exists() for line in file.read_bytes().splitlines()]


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
