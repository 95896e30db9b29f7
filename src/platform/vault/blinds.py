"""What is fingerprinted of a person, by kind so that kinds never meet, and looking rows up by such fingerprints.

While the keys of an organisation change, a row stands under the fingerprint of one of two versions; whoever looks asks
for both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from src.platform.vault import names
from src.platform.vault.keys import Ring
from src.platform.vault.schemas import Identity

T = TypeVar("T")


def of_person(person_id: UUID) -> bytes:
    """A person."""
    return b"person|" + person_id.bytes


def of_iin(iin: str) -> bytes:
    """A state number."""
    return b"iin|" + iin.encode()


def of_contact(identity: Identity) -> bytes:
    """An adult by name and phone."""
    text = names.contact(f"{identity.family_name} {identity.given_name}", identity.phone)
    return b"contact|" + text.encode()


def of_name(part: str) -> bytes:
    """The beginning of a name."""
    return b"name|" + part.encode()


def of_names(identity: Identity) -> list[bytes]:
    """The beginnings of all names of a person."""
    parts = names.beginnings(identity.family_name, identity.given_name, identity.patronymic)
    return [of_name(part) for part in parts]


def of_other(kind: str, parts: Iterable[str]) -> bytes:
    """Something that is no person."""
    return b"other|" + "".join(f"{len(part)}:{part}" for part in (kind, *parts)).encode()


def every(ring: Ring, values: Iterable[bytes]) -> list[bytes]:
    """The fingerprints under which any of these may stand."""
    return [blind for value in values for blind in ring.blinds(value)]


def found(ring: Ring, values: Sequence[bytes], stored: Mapping[bytes, T]) -> list[T | None]:
    """What stands under each of these, in the order given."""
    return [next((stored[one] for one in ring.blinds(value) if one in stored), None) for value in values]
