"""The schools' log of referrals as the commission's secretary sees it."""

from datetime import date
from uuid import UUID

import msgspec

from src.platform.commission.schemas import Choice


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A referral of a school; `case_id`, and `name` after a press, only where the commission has a case (R-152)."""

    id: UUID
    code: str
    school: str
    month: int
    service: str
    support: str
    sent_on: date
    checked_on: date | None
    name: str | None = None
    case_id: UUID | None = None


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    """One page; `total` is how many rows the schools gave that fit, `query` what the list was asked, `place` where."""

    rows: list[EntryRow]
    total: int
    schools: list[Choice]
    services: list[Choice]
    asked: dict[str, str]
    after: str | None = None
    query: str = ""
    place: str = ""
    may: list[str] = []
