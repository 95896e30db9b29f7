"""What the pages of tokens show; a token itself stands on one page, once."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the organisation: never what it is. `state`: open, revoked, expired, or left with its maker."""

    id: UUID
    name: str
    scopes: list[str]
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_on: date | None
    state: str


class TokensPage(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of the organisation, the newest first, and what a new one may be."""

    rows: list[TokenRow]
    scopes: list[str]
    days_most: int


class TokenPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is shown once."""

    id: UUID
    name: str
    scopes: list[str]
    token: str
    expires_at: datetime
    address: str
