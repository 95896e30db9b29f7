"""What the sign-in and organisation pages show."""

from datetime import datetime
from uuid import UUID

import msgspec


class SignInPage(msgspec.Struct, frozen=True):
    """The sign-in form; `next` is where the person wanted to go."""

    next: str = "/"


class MySession(msgspec.Struct, frozen=True, kw_only=True):
    """Somewhere where a person is signed in; last used now where that is here.

    What kind of device it is nobody knows: nothing of it is kept.
    """

    is_here: bool
    since: datetime
    used_at: datetime | None


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own account; `changed` right after another password was taken, `ended` after sessions were ended."""

    must_change_password: bool
    changed: bool
    ended: bool
    sessions: list[MySession]


class SecondFactorPage(msgspec.Struct, frozen=True, kw_only=True):
    """A person's second factor: whether there is one, whether its code is asked now, what it consists of."""

    next: str
    set_up: bool
    asked: bool
    app: bool
    codes_left: int


class AppOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of an application: in groups for typing, and as an `otpauth:` address. Nothing is stored yet."""

    next: str
    account: str
    secret: str
    address: str


class CodesOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Ten codes to print; what is there already: an `app`, codes that they replace. Nothing is stored yet."""

    next: str
    codes: list[str]
    app: bool
    replaces: bool


class OrganisationChoice(msgspec.Struct, frozen=True):
    """One organisation that the person may go on in."""

    id: UUID
    name: str
    current: bool


class OrganisationChoices(msgspec.Struct, frozen=True):
    """Where the person works; `next` is where they go on after a change."""

    rows: list[OrganisationChoice]
    next: str = "/"
