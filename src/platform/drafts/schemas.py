"""What is sealed inside a draft and a stash."""

from datetime import datetime
from uuid import UUID

import msgspec


class Typed(msgspec.Struct, frozen=True):
    """One form as typed. `address` is where it is sent, `apart` tells it from others of that address."""

    address: str
    apart: dict[str, str]
    fields: dict[str, str | list[str]]
    typed_at: datetime
    interrupted: bool = False


class PutAside(msgspec.Struct, frozen=True):
    """A form of an ended session: where it belongs and on which page it stands."""

    tenant_id: UUID
    page: str
    typed: Typed


class Owner(msgspec.Struct, frozen=True):
    """For whom, and in which organisation, a page was rendered."""

    user_id: UUID
    tenant_id: UUID
