"""A piece of long work as its reader sees it."""

from datetime import datetime
from uuid import UUID

import msgspec


class WorkView(msgspec.Struct, frozen=True, kw_only=True):
    """`said` is how far it is and `failure` what stands in its way, both in the reader's language.

    `files_until` is set while there are files to take along; `keeps_steps` says that cancelling undoes nothing.
    """

    id: UUID
    kind: str
    title: str
    state: str
    done: int
    total: int
    said: str
    failure: str
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None
    files_until: datetime | None
    leads_to: str
    goes_on: bool
    keeps_steps: bool
    may_go_on: bool


class WorkList(msgspec.Struct, frozen=True, kw_only=True):
    """My pieces of work, those that go on first."""

    rows: list[WorkView]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a piece in one archive."""

    name: str
    content: bytes
