"""The person behind a request."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """One signed-in person in one organisation, as `begin_request()` found them; no name of a person.

    `organisation` is the name of theirs, in their language; `unread` counts their messages, up to a hundred.
    With a token of a program that this person made: which one, and what it was made for (`access.scopes`).
    """

    user_id: UUID
    tenant_id: UUID
    tenant_kind: str
    membership_id: UUID
    person_id: UUID
    roles: frozenset[str]
    language: str
    csrf: bytes = field(repr=False)
    second_factor_at: datetime | None
    has_second_factor: bool
    must_change_password: bool
    organisations: int
    organisation: str = ""
    unread: int = 0
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None
