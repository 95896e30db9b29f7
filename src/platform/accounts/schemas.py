"""What the sign-in and organisation pages show."""

from uuid import UUID

import msgspec


class SignInPage(msgspec.Struct, frozen=True):
    """The sign-in form; `next` is where the person wanted to go."""

    next: str = "/"


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own account; `changed` right after another password was taken."""

    must_change_password: bool
    changed: bool


class OrganisationChoice(msgspec.Struct, frozen=True):
    """One organisation that the person may go on in."""

    id: UUID
    name: str
    current: bool


class OrganisationChoices(msgspec.Struct, frozen=True):
    """Where the person works; `next` is where they go on after a change."""

    rows: list[OrganisationChoice]
    next: str = "/"
