"""The catalogue as its organisation, schools and the city see it."""

from datetime import datetime
from uuid import UUID

import msgspec

SERVICES = (
    "counselling",
    "victim_support",
    "targeted_service",
    "behaviour_correction",
    "parent_support",
    "relations_change",
    "medical_care",
    "legal_help",
    "shelter",
)
PARTNER_KINDS = frozenset(
    {
        "ngo",
        "commission",
        "internal_affairs",
        "juvenile_police_unit",
        "health_department",
        "medical_institution",
        "mental_health_service",
        "narcology_service",
        "labour_social_department",
        "support_service_provider",
        "family_support_centre",
        "rehabilitation_centre",
        "adaptation_centre",
        "guardianship_body",
        "child_rights_department",
    }
)
"""Who can be a partner: never a residential institution, to which nothing of a school flows (R-170)."""


class Service(msgspec.Struct, frozen=True):
    """What is offered of one kind, and in which districts; none named is the whole region."""

    text: str
    districts: list[UUID] = []


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how an organisation is reached."""

    address: str = ""
    phone: str = ""
    contact_person: str = ""
    hours: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation's part of the catalogue; `is_confirmed`: in this school year."""

    office: Office = Office()
    services: dict[str, Service] = {}
    is_complete: bool = False
    is_confirmed: bool = False

    def serves(self, service_type: str, district: UUID | None) -> bool:
        """Whether it offers a kind of service in a district."""
        found = self.services.get(service_type)
        return found is not None and (not found.districts or district in found.districts)


class OfferedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service in the reader's language; no district is the whole region."""

    service_type: str
    text: str
    districts: list[str]
    district_ids: list[UUID]


class OwnCatalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The page of the own organisation; `version` is 0 while nothing was written."""

    office: Office
    services: list[OfferedService]
    districts: dict[UUID, str]
    is_complete: bool
    is_confirmed: bool
    confirmed_at: datetime | None
    version: int


class PartnerRow(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation in the catalogue."""

    id: UUID
    name: str
    kind: str
    district: str
    office: Office
    services: list[OfferedService]
    is_complete: bool
    is_confirmed: bool


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """Partners and bodies of the region, searched by service and district."""

    rows: list[PartnerRow]
    districts: dict[UUID, str]
    gaps_only: bool = False
