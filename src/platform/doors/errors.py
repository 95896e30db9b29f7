"""What stands in the way at the public address, in words for a child."""

from src.platform.kit.errors import Conflict, FieldError, Invalid
from src.platform.kit.i18n import N_

_NO_SUCH_CODE = N_("No report of this school has this code. Check every character")
_MISTYPED = N_("There is a typing mistake in the code. Compare every character with your paper")


class OutOfDateError(Invalid):
    """The page was opened too long ago, or is not ours; it is shown again with everything in it."""

    code = "door.out_of_date"
    title = N_("This page was open for a long time. Nothing is lost: send it once more")


class ClosedError(Conflict):
    """The school takes no reports here now."""

    code = "door.closed"
    title = N_("This school does not take reports here at the moment")


class TooManyReportsError(Invalid):
    """More reports in an hour than the school, or the region, takes (S-28)."""

    status = 429
    code = "door.too_many_reports"
    title = N_(
        "Very many reports are coming in just now. Your text is still here: send it again later. If it is urgent, call"
    )


class TooManyTriesError(Invalid):
    """More wrong codes in an hour than the school, or the region, takes (S-28)."""

    status = 429
    code = "door.too_many_tries"
    title = N_("Too many wrong codes were typed here. Try again in an hour. If it is urgent, call")


class MistypedCodeError(Invalid):
    """The characters do not fit together: told at once, and counted nowhere."""

    code = "door.mistyped_code"
    title = _MISTYPED

    def __init__(self) -> None:
        """The complaint stands at the code."""
        super().__init__(fields=[FieldError("code", "mistyped", _MISTYPED)])


class UnknownCodeError(Invalid):
    """Never given out, or by another school: one answer (S-12). The try is counted."""

    code = "door.unknown_code"
    title = _NO_SUCH_CODE
    commits = True

    def __init__(self) -> None:
        """The complaint stands at the code."""
        super().__init__(fields=[FieldError("code", "unknown", _NO_SUCH_CODE)])


class NobodyToSpeakToError(Conflict):
    """A form without a name is never the only way (R-033)."""

    code = "door.nobody_to_speak_to"
    title = N_("Name first a member of the security team whom children can speak to, and where")
