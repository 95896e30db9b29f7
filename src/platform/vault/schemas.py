"""What goes into the vault and what comes out of it for one response."""

from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

Id = TypeVar("Id", UUID, str)
"""Of a row; as text where a list has hundreds of them."""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is called: all that a list shows of an identity."""

    family_name: str
    given_name: str
    patronymic: str = ""

    @property
    def full_name(self) -> str:
        """Family name first, as on official papers."""
        return " ".join(filter(None, (self.family_name, self.given_name, self.patronymic)))


class Identity(Called, frozen=True, kw_only=True):
    """Who a person is. `iin` is the twelve-digit number of the state."""

    birth_date: date | None = None
    sex: str = ""
    iin: str = ""
    phone: str = ""
    email: str = ""


class Link(msgspec.Struct, frozen=True):
    """A sealed reference to a person, and the fingerprint that relations and repeats meet on."""

    sealed: bytes
    blind: bytes


class Hidden(msgspec.Struct, Generic[Id], frozen=True, gc=False):
    """A person behind a row: where the link stands, and the classes their involvement has."""

    owner_id: Id
    sealed: bytes
    classes: frozenset[str]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One person found by name."""

    person_id: UUID
    kind: str
    name: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the organisation knows; `same`: storing the identity at hand would change nothing."""

    person_id: UUID
    kind: str
    same: bool


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """An adult as a close person of a child; `relation` by OL-relation."""

    child_id: UUID
    adult_id: UUID
    relation: str
