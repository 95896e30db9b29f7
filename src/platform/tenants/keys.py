"""Data keys of an organisation: made at random, wrapped under the master keys, never stored bare (S-13).

The vault opens them; here they are only made. One key each for identities, case documents, fingerprints of people,
fingerprints of other things and codes, and the private half of the key pair under which other organisations seal what
they send. Codes stand on papers and marks cannot be made again, so these two stay when the others are changed.
"""

from dataclasses import dataclass
from uuid import UUID

from src.platform.kit import crypto, master

CHANGED = ("vault", "case", "blind")
LASTING = ("code", "mark")
RECIPIENT = "recipient"
FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Wrapping:
    """One key of an organisation under one master key."""

    purpose: str
    version: int
    master: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class NewKeys:
    """Wrapped keys, and the public half that the world may know."""

    wrapped: list[Wrapping]
    recipient_public: bytes


def make(tenant_id: UUID) -> NewKeys:
    """Fresh keys for an organisation. Raises NoMasterError."""
    fresh = made(tenant_id, FIRST_VERSION)
    lasting = {purpose: crypto.new_key() for purpose in LASTING}
    return NewKeys([*fresh.wrapped, *wrapped(tenant_id, FIRST_VERSION, lasting)], fresh.recipient_public)


def made(tenant_id: UUID, version: int) -> NewKeys:
    """A version of the keys that are changed from time to time. Raises NoMasterError."""
    private, public = crypto.new_recipient()
    bare = {purpose: crypto.new_key() for purpose in CHANGED} | {RECIPIENT: private}
    return NewKeys(wrapped(tenant_id, version, bare), public)


def wrapped(tenant_id: UUID, version: int, bare: dict[str, bytes]) -> list[Wrapping]:
    """Keys under every master key that is known here, so that either opens them."""
    return [
        Wrapping(purpose, version, one.id, master.wrap(one, key, owner=owner(tenant_id, purpose, version)))
        for purpose, key in bare.items()
        for one in master.known().values()
    ]


def owner(tenant_id: UUID, purpose: str, version: int) -> bytes:
    """What a wrapped key is bound to: moved to another organisation or purpose it does not open."""
    return f"{tenant_id}|{purpose}|{version}".encode()
