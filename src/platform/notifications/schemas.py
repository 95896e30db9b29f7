"""Messages as pages and programs see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Mode = Literal["at_once", "digest"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message: no name of a person, no content; `organisation` where it is about a whole organisation."""

    id: UUID
    kind: str
    link: str
    at: datetime
    unread: bool
    organisation: str | None = None


class Messages(msgspec.Struct, frozen=True):
    """The newest first."""

    rows: list[Message]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """When e-mail comes, in full local hours; equal quiet hours are none."""

    mode: Mode
    digest_at: int
    quiet_from: int
    quiet_to: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is to be confirmed, with the code that was mailed to it."""

    address: str
    code: str


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """E-mail of one person.

    `state` is `off` (the region sends none), `family` (for staff only), `none`, `unconfirmed` (an address that nobody
    proved), `waiting` (a code is on its way to `waiting`), `confirmed` or `refused` (by the server, with its number).
    """

    state: Literal["off", "family", "none", "unconfirmed", "waiting", "confirmed", "refused"]
    address: str
    waiting: str
    code_refused: int | None
    refused: int | None
    refused_at: datetime | None
    choice: Choice


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work that failed for good: where, what kind of work, since when, and the kind of the failure."""

    id: UUID
    organisation: str
    actor: str
    attempts: int
    since: datetime
    failure: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server refused an address for good; its owner knows and can give another one."""

    organisation: str
    at: datetime


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """The queue of the region; `weaknesses` are of the doorbell (S-47), `mail` whether e-mail is sent."""

    open: int
    oldest: datetime | None
    rows: list[Stopped]
    refused: list[Refused]
    weaknesses: list[str]
    mail: bool
