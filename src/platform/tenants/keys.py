"""Data keys of a new organisation: made at random, wrapped under the master key, never stored bare (S-13).

The vault opens them; here they are only made. One key each for identities, case documents, blind indexes and codes,
and the private half of the key pair under which other organisations seal what they send.
"""

from dataclasses import dataclass
from uuid import UUID

from src.platform.kit import crypto

SYMMETRIC = ("vault", "case", "blind", "code")
RECIPIENT = "recipient"
FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class NewKeys:
    """Wrapped keys by purpose, and the public half that the world may know."""

    wrapped: dict[str, bytes]
    recipient_public: bytes


def make(tenant_id: UUID, master: bytes) -> NewKeys:
    """Fresh keys for an organisation."""
    private, public = crypto.new_recipient()
    bare = {purpose: crypto.new_key() for purpose in SYMMETRIC} | {RECIPIENT: private}
    return NewKeys(
        {p: crypto.seal(master, key, owner=owner(tenant_id, p, FIRST_VERSION)) for p, key in bare.items()}, public
    )


def owner(tenant_id: UUID, purpose: str, version: int) -> bytes:
    """What a wrapped key is bound to: moved to another organisation or purpose it does not open."""
    return f"{tenant_id}|{purpose}|{version}".encode()
