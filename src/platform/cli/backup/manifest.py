"""What a backup says of itself, of the same snapshot as its rows, signed with the key of the checkpoints.

Sealing needs only a public key, so anybody can make a file that opens; the signature says that this region made it.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from src.platform.kit import crypto

FORMAT = 1
_CLAIM = b"qorgan-backup|"


class Share(msgspec.Struct, frozen=True, array_like=True):
    """The rows of one organisation in one table: how many, and a sum over the fingerprints of all their values."""

    rows: int
    total: str


class Table(msgspec.Struct, frozen=True):
    """One table: the columns that were copied, the fingerprint of the copy, the share of each organisation.

    Tables of the region have one share without a name.
    """

    columns: list[str]
    sha256: str
    shares: dict[str, Share]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(share.rows for share in self.shares.values())


class Manifest(msgspec.Struct, frozen=True):
    """`chains`: organisation -> (length, hash of the last row); `schema`: the lines of each part."""

    format: Annotated[int, msgspec.Meta(ge=1)]
    taken_at: datetime
    migration: str
    server: str
    tables: dict[str, Table]
    left_out: list[str]
    chains: dict[str, tuple[int, str]]
    schema: dict[str, list[str]]


def signature(content: bytes, seed: bytes) -> bytes:
    """Signs exactly these bytes."""
    return crypto.sign(seed, _CLAIM + content)


def is_signed(content: bytes, given: bytes, public: bytes) -> bool:
    """Whether the holder of this key's private half signed exactly these bytes."""
    return crypto.is_signed(public, _CLAIM + content, given)
