"""What was erased stands outside the database too, a signed line each, so that a restore does not bring it back (S-53).

A line names ids and a moment, and nobody. The relay writes it beside the checkpoints;
`qorgan retention reapply` reads it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import psycopg
import structlog

from src.platform.kit import crypto
from src.platform.kit.settings import settings
from src.platform.kit.threads import run_in_pool

FILE = "erasures.jsonl"
_ERASED = "select tenant_id, id, record_id, erased_at from erasure where erased_at is not null order by erased_at, id"
_log = structlog.get_logger(__name__)


class Line(msgspec.Struct, frozen=True):
    """One erasure; `signature` in hex."""

    tenant: UUID
    erasure: UUID
    record: UUID
    at: datetime
    signature: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{128}$")]

    def is_genuine(self) -> bool:
        """Whether our key signed exactly this."""
        public = crypto.signer_public(settings().key("checkpoint"))
        return crypto.is_signed(
            public, _claim(self.tenant, self.erasure, self.record, self.at), bytes.fromhex(self.signature)
        )


async def carry_out(relay: psycopg.AsyncConnection) -> None:
    """Append what a folder outside does not have yet; a folder that cannot be written is told and asked again."""
    async with relay.transaction():
        found = await (await relay.execute(_ERASED)).fetchall()
    if found:
        key = settings().key("checkpoint")
        signed = [
            Line(tenant, erasure, record, at, crypto.sign(key, _claim(tenant, erasure, record, at)).hex())
            for tenant, erasure, record, at in found
        ]
        await run_in_pool(_append, signed)


def lines(more: Iterable[Path] = ()) -> Iterator[Line]:
    """Every line outside the database, each once. Raises ValidationError or DecodeError for a damaged one."""
    known = set[UUID]()
    for file in (*(folder / FILE for folder in settings().checkpoint_dirs), *more):
        if not file.exists():
            continue
        for raw in file.read_bytes().splitlines():
            line = msgspec.json.decode(raw, type=Line)
            if line.erasure not in known:
                known.add(line.erasure)
                yield line


def _append(found: list[Line]) -> None:
    for folder in settings().checkpoint_dirs:
        file = folder / FILE
        try:
            raw = file.read_bytes().splitlines() if file.exists() else []
            known = {msgspec.json.decode(line, type=Line).erasure for line in raw}
            missing = [msgspec.json.encode(one) + b"\n" for one in found if one.erasure not in known]
            if missing:
                folder.mkdir(parents=True, exist_ok=True)
                with file.open("ab") as opened:
                    opened.writelines(missing)
        except (OSError, msgspec.DecodeError) as error:
            _log.error("erasure_not_written", error=type(error).__name__)


def _claim(tenant: UUID, erasure: UUID, record: UUID, at: datetime) -> bytes:
    return msgspec.json.encode(("erasure", str(tenant), str(erasure), str(record), int(at.timestamp())))
