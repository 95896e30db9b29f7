"""The public pages as programs see them; nothing in them is about a visitor."""

import msgspec

from src.platform.incidents.schemas import Progress


class Whom(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the security team who can be spoken to, and where (R-033)."""

    name: str
    reach: str


class DoorPage(msgspec.Struct, frozen=True, kw_only=True):
    """What every public page has; `number` is that of the form on it, empty where there is none."""

    slug: str
    school: str
    is_open: bool
    emergency_numbers: list[str]
    whom: Whom | None = None
    number: str = ""


class Receipt(DoorPage, frozen=True, kw_only=True):
    """The answer to a report that was taken: the code, shown here and on no other page."""

    code: str


class OpenedReceipt(DoorPage, frozen=True, kw_only=True):
    """What a code opens: how far the report is, and the questions of the team (R-057)."""

    code: str
    progress: Progress
    was_sent: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the security team who may be named."""

    membership_id: str
    name: str


class DoorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The public address as those see it who keep it; `answers` says whether it takes reports now."""

    address: str
    is_on: bool
    answers: bool
    contact: str
    reach: str
    team: list[Choice]
