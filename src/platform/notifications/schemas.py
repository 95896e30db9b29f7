"""Messages as pages and programs see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message: no name of a person, no content; `organisation` where it is about a whole organisation."""

    id: UUID
    kind: str
    link: str
    at: datetime
    unread: bool
    organisation: str | None = None


class Messages(msgspec.Struct, frozen=True):
    """The newest first."""

    rows: list[Message]
