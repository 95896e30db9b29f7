"""A restore loses what came after its backup; one signed line beside the checkpoints says so, and what it cost (S-52).

Checkpoints know rows that a restored database does not have. Without the line every later look would call the chains
cut, and soon nobody would look; with it, a cut that nobody signed still shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec

from src.platform.audit.checkpoint import EVERY
from src.platform.kit import clock, crypto
from src.platform.kit.settings import settings

FILE = "audit-restorations.jsonl"
Heads = Mapping[UUID, tuple[int, str]]


class Restoration(msgspec.Struct, frozen=True):
    """At `at` the chains stood again at `heads`, as a backup of `taken_at` had them; `signature` in hex."""

    at: datetime
    taken_at: datetime
    heads: dict[UUID, tuple[int, str]]
    signature: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{128}$")]

    def is_signed_with(self, public: bytes) -> bool:
        """Whether the holder of this key's private half signed exactly this."""
        return crypto.is_signed(public, _claim(self.at, self.taken_at, self.heads), bytes.fromhex(self.signature))

    def loses(self, at: datetime, tenant_id: UUID, seq: int) -> bool:
        """Whether a checkpoint of before knows a row that was lost; who has no head was founded later."""
        return at < self.at and seq > self.heads.get(tenant_id, (0, ""))[0]

    def explains(self, at: datetime) -> bool:
        """Whether a checkpoint may be missing in the database because the backup is older than it."""
        return self.taken_at - EVERY < at < self.at


@dataclass(frozen=True, slots=True)
class Told:
    """The genuine restorations, the oldest first, and how many lines nobody can read or none of ours signed."""

    genuine: tuple[Restoration, ...] = ()
    doubtful: int = 0

    def loses(self, at: datetime, tenant_id: UUID, seq: int) -> bool:
        """Whether a row that a checkpoint knows was lost in a restore."""
        return any(one.loses(at, tenant_id, seq) for one in self.genuine)

    def explains(self, at: datetime) -> bool:
        """Whether a checkpoint is missing because of a restore."""
        return any(one.explains(at) for one in self.genuine)


def tell(taken_at: datetime, heads: Heads) -> None:
    """Write the signed line into every folder of the checkpoints. Raises OSError."""
    at = clock.real_now()
    sealed = crypto.sign(settings().key("checkpoint"), _claim(at, taken_at, heads)).hex()
    line = msgspec.json.encode(Restoration(at, taken_at, dict(heads), sealed)) + b"\n"
    for folder in settings().checkpoint_dirs:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("ab") as opened:
            opened.write(line)


def try_folder(folder: Path) -> None:
    """Look whether `tell` could write there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    with file.open("ab"):
        pass
    if file.stat().st_size == 0:
        file.unlink()


def told(public: bytes) -> Told:
    """What stands beside the checkpoints; each restoration once, from whichever folder still has it."""
    genuine: set[tuple[datetime, str]] = set()
    found, doubtful = [], 0
    for folder in settings().checkpoint_dirs:
        file = folder / FILE
        for line in file.read_bytes().splitlines() if file.exists() else ():
            try:
                one = msgspec.json.decode(line, type=Restoration)
            except (msgspec.DecodeError, UnicodeDecodeError):
                doubtful += 1
                continue
            if not one.is_signed_with(public):
                doubtful += 1
            elif (one.at, one.signature) not in genuine:
                genuine.add((one.at, one.signature))
                found.append(one)
    return Told(tuple(sorted(found, key=lambda one: one.at)), doubtful)


def _claim(at: datetime, taken_at: datetime, heads: Heads) -> bytes:
    named = sorted((str(key), *head) for key, head in heads.items())
    return msgspec.json.encode(("restored", at.isoformat(), taken_at.isoformat(), named))
