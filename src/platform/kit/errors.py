"""Errors that a user may meet: each carries its HTTP status, a stable code and a title to translate (decisions 24).

422: another input would be accepted now. 409: no input would. 403: the role lacks the module. 404: everything else.
No error text carries a submitted or a stored value (S-57).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from src.platform.kit.i18n import N_


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint about one field. `message` is a msgid; `params` hold limits, never the value that was sent."""

    field: str
    code: str
    message: str
    params: tuple[tuple[str, str | int], ...] = ()


class QorganError(Exception):
    """An expected error. Subclasses set the class attributes; `fields` name all bad inputs at once."""

    status: ClassVar[int] = 500
    code: str = "internal"
    title: str = N_("Something went wrong on our side")
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same request may be accepted (the header of RFC 9110)."""
    commits: bool = False
    """Whether what the verb wrote before it refused is committed all the same: a counted attempt, its audit row."""

    def __init__(self, *, code: str | None = None, title: str | None = None, fields: Iterable[FieldError] = ()) -> None:
        """Name the complaint more closely than the class does."""
        self.code = code or self.code
        self.title = title or self.title
        self.fields = tuple(fields)
        super().__init__(self.code)


class NotFound(QorganError):
    """Nothing here for this reader; says nothing about existence."""

    status = 404
    code = "not_found"
    title = N_("This page does not exist or is not for you")


class Forbidden(QorganError):
    """The role does not have this module."""

    status = 403
    code = "forbidden"
    title = N_("Your role does not include this page")

    def __init__(self, permission: str = "") -> None:
        """`permission` is what no role of the person has; a page explains it by the policy alone."""
        super().__init__()
        self.permission = permission


class Unauthenticated(QorganError):
    """No live session."""

    status = 401
    code = "sign_in_needed"
    title = N_("Sign in to go on")
    asked_at: ClassVar[str] = "/sign-in"
    """Where a person gives the proof that is missing."""


class Invalid(QorganError):
    """Another input would be accepted now."""

    status = 422
    code = "invalid"
    title = N_("Check what you entered")


class Conflict(QorganError):
    """No input would be accepted in this state."""

    status = 409
    code = "conflict"
    title = N_("This cannot be done in the present state")
    lost_race: ClassVar[bool] = False
    """Whether somebody else may have been first: a form then shows what both wrote (`kit.merge`)."""


class StaleVersion(Conflict):
    """Somebody else wrote the row first."""

    code = "stale_version"
    lost_race = True
    title = N_("Someone changed this record while you were working. Look at the new state and try again")
