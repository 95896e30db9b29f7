"""What a nurse sees of an incident: fields by name, so that nothing else can come along (S-15)."""

from datetime import datetime
from uuid import UUID

import msgspec


class Injured(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody hurt, numbered on this page only: the code of an incident would join this page with others."""

    id: UUID
    number: int
    name: str | None = None


class Noted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Injuries as somebody noted them together; `number` is that of the person, none where nobody was named."""

    at: datetime
    regions: list[str]
    number: int | None = None
    note: str | None = None


class CareView(msgspec.Struct, frozen=True, kw_only=True):
    """The injury fields of Form D. Texts are absent until somebody has read them for identities."""

    id: UUID
    number: str
    version: int
    harmed: bool | None
    sent_to_medical: bool | None
    injured_count: int | None
    injured: list[Injured]
    noted: list[Noted]
    injuries: str | None
    medical_where: str | None
    texts_wait: bool
    may_note: bool


class CareRow(msgspec.Struct, frozen=True, kw_only=True):
    """One incident for which the nurse was asked."""

    id: UUID
    number: str
    reported_at: datetime
    sent_to_medical: bool | None


class CareList(msgspec.Struct, frozen=True, kw_only=True):
    """The latest first."""

    rows: list[CareRow]
