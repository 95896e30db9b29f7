"""Invitations and members as heads, newcomers and programs see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says who comes in with a code."""

    code: str
    account: str
    family_name: str
    given_name: str
    patronymic: str = ""
    phone: str = ""
    sign_in: str
    password: str
    language: str


class JoinPage(msgspec.Struct, frozen=True):
    """The page on which a code is typed."""

    languages: list[str]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """The one showing of an invitation. `link` carries the code behind the #, which no server is ever sent."""

    invitation_id: UUID
    organisation: str
    roles: list[str]
    code: str
    link: str
    personal_name: str
    expires_at: datetime


class InvitationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that waits for somebody, or has ended while it waited."""

    id: UUID
    roles: list[str]
    made_at: datetime
    made_by: str
    expires_at: datetime
    ended: bool
    version: int


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here; `me` is the reader."""

    id: UUID
    name: str
    roles: list[str]
    since: datetime
    me: bool


class RecoveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor that was lost and waits for the second person; `name` or, from elsewhere, the organisation."""

    id: UUID
    name: str
    organisation: str
    number: str
    expires_at: datetime


class RecoveryView(msgspec.Struct, frozen=True, kw_only=True):
    """One of them. Names and reason of another organisation are empty; `may` are the verbs of the reader."""

    id: UUID
    number: str
    name: str
    organisation: str
    roles: list[str]
    reason: str
    started_by: str
    started_at: datetime
    expires_at: datetime
    state: str
    may: list[str]
    version: int


class RecoveryStart(msgspec.Struct, frozen=True, kw_only=True):
    """The form that starts one: of a colleague, or of the only head of an organisation; who will be the second."""

    at: str
    back: str
    name: str
    second: str


class LostRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague started about the reader, and the reader may stop."""

    id: UUID
    started_at: datetime
    expires_at: datetime
    version: int


class LostPage(msgspec.Struct, frozen=True):
    """What was started here about the reader and waits, or nothing."""

    rows: list[LostRow]


class MembersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who works here and who is invited; lost second factors that wait; whether programs may have a token here."""

    members: list[MemberRow]
    invitations: list[InvitationRow]
    recoveries: list[RecoveryRow]
    programs: bool


class InvitePage(msgspec.Struct, frozen=True, kw_only=True):
    """The roles that an invitation may carry."""

    roles: list[str]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """One member, with what may be given. `by_order` are roles that an order gives and this page does not touch."""

    id: UUID
    name: str
    roles: list[str]
    by_order: list[str]
    since: datetime
    version: int
    me: bool
    may_give: list[str]


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """One invitation, to be made anew or revoked."""

    id: UUID
    roles: list[str]
    made_at: datetime
    expires_at: datetime
    ended: bool
    version: int
