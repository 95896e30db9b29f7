"""Accounts of the families of a class, for who gives them; a slip of paper, shown once."""

from datetime import datetime
from uuid import UUID

import msgspec


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """A student or a close person of one: `relation` is empty or by OL-relation; `state` is none, given or used."""

    person_id: UUID
    name: str
    relation: str
    state: str
    since: datetime | None


class FamilyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A student with the close persons that the class list names."""

    student: AccountRow
    adults: list[AccountRow]


class ClassAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """The families of a class by the Kazakh alphabet; `missing` have no account."""

    id: UUID
    label: str
    rows: list[FamilyRow]
    missing: int


class ClassChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A class whose papers I may make."""

    id: UUID
    label: str


class ClassChoices(msgspec.Struct, frozen=True, kw_only=True):
    """The classes among which I choose, and how many go in one go."""

    classes: list[ClassChoice]
    most: int


class Sheets(msgspec.Struct, frozen=True, kw_only=True):
    """Slips of several classes, each class on sheets of its own."""

    sheets: list["Slips"]


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a class, and what may be done with their account."""

    class_id: UUID
    label: str
    person: AccountRow
    may_let_go: bool


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """The one showing of a code: for a student, or for a close person of `children`."""

    name: str
    children: list[str]
    sign_in: str
    code: str


class Slips(msgspec.Struct, frozen=True, kw_only=True):
    """Slips of one class to be cut and handed over."""

    organisation: str
    label: str
    address: str
    expires_at: datetime
    slips: list[Slip]
