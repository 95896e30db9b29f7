"""Lists of incidents and kept filters as readers see them."""

from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.deadlines.service import Due


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list; `names` are there once somebody asked, in the order of the codes, "" where one is hidden."""

    id: UUID
    number: str
    state: str
    urgency: str
    reported_at: datetime
    people: list[str]
    clock: Due | None
    names: list[str] = []


class ClassChoice(msgspec.Struct, frozen=True):
    """A class of the school."""

    id: UUID
    label: str


class KeptFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter under the name that its owner gave it; `query` is what stands behind the ? of the list's address."""

    id: UUID
    name: str
    query: str
    version: int


class FilterList(msgspec.Struct, frozen=True, kw_only=True):
    """My filters."""

    rows: list[KeptFilter]


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of incidents; `after` leads to the next one, `query` is what the list was asked.

    `classes` are there for who may ask for one; a list that was asked wrongly has no rows. `hides_names`: the reader
    may press for the names of people in it.
    """

    rows: list[IncidentRow]
    after: str | None
    query: str = ""
    narrowed: bool = False
    filters: list[KeptFilter] = []
    classes: list[ClassChoice] = []
    hides_names: bool = False
