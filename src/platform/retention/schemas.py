"""What the pages show, already cut for their reader."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class DueRow(msgspec.Struct, frozen=True):
    """A record whose term is over."""

    id: UUID
    number: str
    closed_on: date
    kept_until: date


class HoldRow(msgspec.Struct, frozen=True):
    """A record that must not be destroyed."""

    id: UUID
    number: str
    reason: str
    until: date | None
    placed_by: str
    placed_at: datetime


class DestructionRow(msgspec.Struct, frozen=True):
    """A list that was confirmed."""

    id: UUID
    confirmed_at: datetime
    total: int


class RetentionPage(msgspec.Struct, frozen=True):
    """What falls due, what is held, what was destroyed."""

    years: int
    rules: tuple[str, ...]
    due: list[DueRow]
    holds: list[HoldRow]
    destroyed: list[DestructionRow]


class Ended(msgspec.Struct, frozen=True):
    """One record of a certificate: its number, the day it was closed, when it was destroyed."""

    number: str
    closed_on: date
    erased_at: datetime | None
    is_kept: bool


class Certificate(msgspec.Struct, frozen=True):
    """What was destroyed, by which rule, when, and who confirmed it; no identity of those it was about."""

    id: UUID
    organisation: str
    kind: str
    rules: list[str]
    years: int
    confirmed_by: str
    confirmed_at: datetime
    records: list[Ended]
    parts: int
    is_done: bool
    keys_are_gone: bool
