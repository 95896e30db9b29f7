"""A letter as its two sides see it: no person, no code, the two functions that sign (R-066)."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

import msgspec

from src.platform.kit.i18n import N_

SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "not_counted": N_("Work with the service"),
        "silent": N_("No reports for months"),
        "drop": N_("Far fewer reports"),
        "screened": N_("Screening in time"),
        "investigated": N_("Investigations in time"),
        "decided": N_("Decisions of the team in time"),
        "serious_signs": N_("Serious signs made known in time"),
        "meetings": N_("Weekly meetings of the team"),
        "form_e": N_("Form E"),
        "team": N_("The security team"),
        "agreement": N_("Agreements with partners"),
        "other": N_("Something else"),
    }
)
"""What a letter may be about: the questions of the city's pages, and anything else. The table holds the same list."""


class LetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list; `is_late`: the day has passed and the school has not answered."""

    id: UUID
    school: str
    subject: str
    month: int | None
    state: str
    sent_at: datetime
    answer_by: date
    is_late: bool


class LetterList(msgspec.Struct, frozen=True, kw_only=True):
    """Letters of my organisation, the newest first; `after` is where the next page begins."""

    rows: list[LetterRow]
    writes: bool
    group: str | None
    after: str | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One text; None where the city withdrew it."""

    kind: str
    signed_as: str
    at: datetime
    text: str | None


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `prepared` is what a colleague wrote for the one who answers; the city never has it."""

    id: UUID
    school: str
    city: str
    subject: str
    month: int | None
    state: str
    sent_at: datetime
    answer_by: date
    is_late: bool
    texts: list[Said]
    may: list[str]
    version: int
    default_day: date | None
    prepared: str | None
    prepared_by: str | None
    prepared_at: datetime | None
    school_is_suspended: bool


class NewLetter(msgspec.Struct, frozen=True, kw_only=True):
    """The page on which a letter is written."""

    schools: list["School"]
    subjects: list[str]
    months: list[int]
    default_day: date


class School(msgspec.Struct, frozen=True, kw_only=True):
    """Whom one may write to."""

    id: UUID
    name: str
