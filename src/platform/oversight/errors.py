"""What the city may not do with releases."""

from src.platform.kit.errors import Conflict, Invalid
from src.platform.kit.i18n import N_


class ReleasedAlreadyError(Conflict):
    """A quarter has one release and never a second: two of the same children could be subtracted (ADR 21)."""

    code = "oversight.released_already"
    title = N_("This quarter has its release already, and a release never changes")


class NotOverError(Invalid):
    """Numbers of a running month would tell on which day something was reported (ADR 28)."""

    code = "oversight.month_not_over"
    title = N_("This month is not over yet: the city sees its numbers from the first day of the next month")


class NoSuchMonthError(Invalid):
    """No month, or one before everything."""

    code = "oversight.no_such_month"
    title = N_("There are no numbers of this month")


class LetterStateError(Conflict):
    """The letter is not at that point."""

    code = "letter.wrong_state"
    title = N_("This step is not possible in the present state of the letter")


class SchoolSuspendedError(Conflict):
    """Nobody of the school can sign in and read a letter."""

    code = "letter.school_suspended"
    title = N_("This school is suspended: nobody there can read a letter. Write when it works again")
