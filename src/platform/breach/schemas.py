"""What is asked after a breach and what is answered."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when, and by whom; without an account everybody's doing counts."""

    since: datetime
    until: datetime
    user_id: UUID | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose data were opened: what the notice to them needs, what of them was opened, when, by whom."""

    organisation: str
    name: str
    birth_date: date | None
    iin: str
    phone: str
    email: str
    records: list[str]
    classes: list[str]
    first_at: datetime
    last_at: datetime
    accounts: list[str]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one organisation's chain says."""

    organisation: str
    rows: int
    accounts: int
    by_record: dict[str, int]
    subjects: list[Subject]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed for the responsible person."""

    since: datetime
    until: datetime
    made_at: datetime
    subjects: list[Subject]
