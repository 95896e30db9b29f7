"""What is asked when a child is referred, what each recipient will see, and the forms that show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from src.platform.referrals.schemas import Proposal, Slice


class Recipient(msgspec.Struct, frozen=True):
    """An organisation and what it is asked for."""

    partner: UUID
    service_type: str

    @property
    def key(self) -> str:
        """As it stands in a form."""
        return f"{self.partner}.{self.service_type}"


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """What Form K asks beside what the school knows of the child anyway."""

    registered_address: str = ""
    office: str = ""
    mother: str = ""
    father: str = ""
    destination: list[str] = []
    needed_actions: str = ""
    previous_measures: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed to refer a child. `seen` is the mark of the preview that the person has looked at."""

    recipients: list[Recipient]
    reason: str
    read_for_identities: bool = False
    sure: bool = False
    with_findings: bool = False
    consent: bool = False
    instead_of: UUID | None = None
    seen: str = ""
    help: Help = Help()


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipient will see: the very struct that is sealed for it."""

    recipient: Recipient
    partner_name: str
    slice: Slice


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Every packet, and the mark that lets exactly these be sent."""

    packets: list[Packet]
    seen: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Form K as somebody prepared it for another to sign (R-254)."""

    by: str
    at: datetime
    reason: str
    help: Help
    version: int = 0

    def as_typed(self) -> dict[str, Any]:
        """What stands in the fields of who reads it."""
        told = {name: value for name, value in msgspec.structs.asdict(self.help).items() if value}
        return {"reason": self.reason, **told}


class HelpForm(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with the children for whom Form K can be prepared, and what is prepared already."""

    id: UUID
    code: str
    children: dict[UUID, str]
    prepared: dict[UUID, Prepared]


class ReferForm(msgspec.Struct, frozen=True, kw_only=True):
    """A child, or an incident with its children, and to whom one can be referred; `packets`: what they will see."""

    id: UUID
    of: str
    code: str
    offers: list[Proposal]
    may_agree: bool
    children: dict[UUID, str] = {}
    prepared: dict[UUID, Prepared] = {}
    packets: list[Packet] = []
    seen: str = ""
