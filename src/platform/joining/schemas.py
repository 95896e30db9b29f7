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


class MembersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who works here and who is invited; whether programs may have a token here."""

    members: list[MemberRow]
    invitations: list[InvitationRow]
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
