"""What can be refused about a Form E."""

from src.platform.kit.errors import Conflict, Invalid
from src.platform.kit.i18n import N_


class NotOverError(Invalid):
    """The month goes on."""

    code = "form_e.month_not_over"
    title = N_("This month is not over yet: its form opens on the first day of the next month")


class NoSuchMonthError(Invalid):
    """No month, or one before the school joined."""

    code = "form_e.no_such_month"
    title = N_("There is no form of this month")


class AlreadyConfirmedError(Conflict):
    """A confirmed form is not edited in place (R-056)."""

    code = "form_e.confirmed"
    title = N_("This form is confirmed and frozen. To correct it, open it again with a reason")


class NotConfirmedError(Conflict):
    """What was never confirmed is neither reopened nor taken along."""

    code = "form_e.not_confirmed"
    title = N_("This form is not confirmed yet")


class NumbersMovedError(Conflict):
    """What is about to be confirmed is not what the page showed."""

    code = "form_e.numbers_moved"
    title = N_("The numbers have changed while you looked at them. Look at them again")


class NoCityError(Conflict):
    """Nobody to send it to."""

    code = "form_e.no_city"
    title = N_("There is no education department in this region yet: nobody can take the form")
