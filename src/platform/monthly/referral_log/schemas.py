"""Form J as its readers see it: rows that they may read, and never how many there are besides."""

from datetime import date
from uuid import UUID

import msgspec

from src.platform.deadlines.service import Due
from src.platform.monthly.schemas import Revision


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One referral with the six fields of Annex J; `name` on a paper for whom the case opens it."""

    id: UUID
    referral_id: UUID
    case_id: UUID | None
    code: str
    service: str
    support: str
    sent_on: date
    contact_person: str
    checked_on: date | None
    name: str | None = None


class LogMonth(msgspec.Struct, frozen=True, kw_only=True):
    """One month. `seen` says which rows a confirmation is about; `moved` that frozen rows are not what is so now."""

    id: UUID
    month: int
    state: str
    revision: int
    shown: int
    clock: Due | None
    rows: list[LogRow]
    history: list[Revision]
    is_frozen: bool
    moved: bool
    seen: str
    may: list[str]
    version: int
