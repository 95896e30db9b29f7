"""Assessments as readers see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """One question of Form L with its answer: a text, or rows of texts under the labels of their columns."""

    key: str
    label: str
    columns: list[tuple[str, str]] = []
    value: Any = None


class AssessmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: the child as a code."""

    id: UUID
    code: str
    curator: str
    opened_at: datetime
    closed_at: datetime | None


class AssessmentList(msgspec.Struct, frozen=True):
    """What the reader may see, the newest first."""

    rows: list[AssessmentRow]


class Choice(msgspec.Struct, frozen=True):
    """Somebody who may be chosen."""

    id: UUID
    name: str


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """A case that has no assessment yet, and who may be its curator."""

    referral_id: UUID
    curators: list[Choice]


class AssessmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One report for one reader."""

    id: UUID
    code: str
    curator: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    filled: list[Filled]
    family_answer: str | None
    may: list[str]
    given_to: list[str] = []
    organisations: list[Choice] = []


class CopyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A report that the commission gave to the reader's organisation."""

    id: UUID
    code: str
    from_whom: str
    given_at: datetime


class CopyList(msgspec.Struct, frozen=True):
    """The same, the newest first."""

    rows: list[CopyRow]


class CopyView(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, opened."""

    id: UUID
    code: str
    from_whom: str
    given_at: datetime
    filled: list[Filled]
