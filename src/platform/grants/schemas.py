"""Requests as one reader may see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: mine as I typed it, others' with the colleague who asks."""

    id: UUID
    kind: str
    resource: str
    record: str
    code: str
    asker: str
    is_mine: bool
    state: str
    asked_at: datetime
    ends_at: datetime | None


class GrantList(msgspec.Struct, frozen=True, kw_only=True):
    """Mine; what waits for me; what colleagues hold now; what is over. `may`: ask, break, decide."""

    mine: list[GrantRow]
    to_decide: list[GrantRow]
    held: list[GrantRow]
    past: list[GrantRow]
    may: list[str]


class NewGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What a request may say."""

    fields: list[str]
    purposes: list[str]
    hours_most: int
    resource: str = "incident"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Who decided what, when."""

    name: str
    what: str
    at: datetime


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done under broken glass."""

    at: datetime
    action: str
    classes: list[str]


class GrantView(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `link` leads a decider to the record; `may` are the verbs that fit its state and its reader."""

    id: UUID
    kind: str
    resource: str
    record: str
    link: str
    code: str
    asker: str
    asker_roles: list[str]
    is_mine: bool
    fields: list[str]
    purpose: str
    reason: str
    hours: int
    needed: int
    state: str
    asked_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    decided: list[Decided]
    seen: list[Seen] | None
    review: str | None
    may: list[str]
    reviewed: bool
    version: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What an open grant shows, once for each press."""

    id: UUID
    record: str
    code: str
    values: dict[str, str]
    ends_at: datetime
