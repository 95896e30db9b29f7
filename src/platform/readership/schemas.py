"""What the owner of a record and a refused person are told."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague: the roles and relations (`is:…`) that open the record, and the classes of field they open."""

    name: str
    grounds: list[str]
    classes: list[str]


class Readership(msgspec.Struct, frozen=True, kw_only=True):
    """Who can see one record; `other_side` is the other organisation of a shared one, whose people are not named."""

    id: UUID
    resource: str
    label: str
    readers: list[Reader]
    other_side: str | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a colleague saw a record, or found some of its `people` (codes) by a search: how, which classes.

    `name` is empty for who has left.
    """

    at: datetime
    name: str
    action: str
    classes: list[str]
    people: list[str]


class AccessLog(msgspec.Struct, frozen=True, kw_only=True):
    """Who has looked at one record, the latest first; `earlier` is the next page, where there is one."""

    id: UUID
    resource: str
    label: str
    rows: list[Reading]
    page: int
    earlier: int | None


class BrowsedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that somebody opened, by its number or the child's code."""

    id: UUID
    resource: str
    label: str


class Browsing(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague opened outside their own work on a day, as far as the reader may ask; `name` as in `Reading`."""

    id: UUID
    name: str
    day: date
    searches: int
    rows: list[BrowsedRecord]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Which roles and relations have what was refused, and which roles the asker has. Speaks of no record."""

    permission: str
    open_to: list[str]
    my_roles: list[str]
