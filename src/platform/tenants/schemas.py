"""Organisations and members as other modules and the API see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation with its public face."""

    id: UUID
    kind: str
    code: str
    slug: str
    name_kk: str
    name_ru: str
    name_en: str
    district_id: UUID | None
    status: str
    recipient_key: bytes

    def name(self, language: str) -> str:
        """The name in a language."""
        return {"ru": self.name_ru, "en": self.name_en}.get(language, self.name_kk)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A membership without its person's name."""

    membership_id: UUID
    user_id: UUID
    person_id: UUID
    roles: frozenset[str]


class FamilyAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The account of a student or parent; `used` since they chose a password."""

    membership_id: UUID
    user_id: UUID
    person_id: UUID
    since: datetime
    used: bool


class Employee(msgspec.Struct, frozen=True, kw_only=True):
    """A membership for who keeps the people of an organisation."""

    membership_id: UUID
    user_id: UUID
    person_id: UUID
    roles: list[str]
    since: datetime
    version: int


class OrganisationView(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation on the region operator's page; `may` are the verbs that fit its state."""

    id: UUID
    kind: str
    code: str
    slug: str
    name: str
    district: str | None
    status: str
    created_at: datetime
    version: int
    may: list[str]


class NewDistrict(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a district."""

    name_kk: str
    name_ru: str
    name_en: str


class DistrictView(msgspec.Struct, frozen=True, kw_only=True):
    """One district."""

    id: UUID
    name_kk: str
    name_ru: str
    name_en: str
    version: int


class DistrictList(msgspec.Struct, frozen=True, kw_only=True):
    """The districts of the region."""

    rows: list[DistrictView]


class OrganisationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the region operator's list."""

    id: UUID
    kind: str
    code: str
    name: str
    district: str | None
    status: str
    created_at: datetime


class OrganisationList(msgspec.Struct, frozen=True, kw_only=True):
    """The region operator's page."""

    rows: list[OrganisationRow]
    kinds: list[str]
    districts: dict[str, str]


class NewOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """What the region operator says of a new organisation."""

    kind: str
    code: str
    slug: str
    name_kk: str
    name_ru: str
    name_en: str
    district_id: UUID | None = None
