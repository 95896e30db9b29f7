"""What can be refused about a monthly form; who raises it says of which form in the code."""

from src.platform.kit.errors import Conflict, Invalid
from src.platform.kit.i18n import N_


class NotOverError(Invalid):
    """The month goes on."""

    code = "monthly.month_not_over"
    title = N_("This month is not over yet: its form opens on the first day of the next month")


class NoSuchMonthError(Invalid):
    """No month, or one before the school joined."""

    code = "monthly.no_such_month"
    title = N_("There is no form of this month")


class AlreadyConfirmedError(Conflict):
    """A confirmed form is not edited in place (R-056)."""

    code = "monthly.confirmed"
    title = N_("This form is confirmed and frozen. To correct it, open it again with a reason")


class NotConfirmedError(Conflict):
    """What was never confirmed is neither reopened nor taken along."""

    code = "monthly.not_confirmed"
    title = N_("This form is not confirmed yet")


class NumbersMovedError(Conflict):
    """What is about to be confirmed is not what the page showed."""

    code = "form_e.numbers_moved"
    title = N_("The numbers have changed while you looked at them. Look at them again")


class NoCityError(Conflict):
    """Nobody to send it to."""

    code = "form_e.no_city"
    title = N_("There is no education department in this region yet: nobody can take the form")


class RowsMovedError(Conflict):
    """What is about to be confirmed is not what the page showed."""

    code = "form_j.rows_moved"
    title = N_("The rows have changed while you looked at them. Look at them again")


class NoCommissionError(Conflict):
    """Nobody to keep the commission's copy."""

    code = "form_j.no_commission"
    title = N_("There is no commission in this region yet: nobody can keep its copy of the log")


class NothingToCheckError(Conflict):
    """Every row that the reader sees is checked."""

    code = "form_j.nothing_to_check"
    title = N_("Every row that you see here is checked already")
