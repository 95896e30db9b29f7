"""What can be refused about a report to the parents' committee."""

from src.platform.kit.errors import Conflict, Invalid
from src.platform.kit.i18n import N_


class NotOverError(Invalid):
    """The period goes on."""

    code = "committee_report.not_over"
    title = N_("This period is not over yet: its report can be made when it is over")


class NoSuchPeriodError(Invalid):
    """No month in which a period of this school begins."""

    code = "committee_report.no_such_period"
    title = N_("There is no report of this period")


class OverlapsError(Conflict):
    """Two reports of the same days could be subtracted from one another."""

    code = "committee_report.overlaps"
    title = N_("There is a report of a part of this period already: two of them would give small numbers away")


class ContentMovedError(Conflict):
    """What is about to be confirmed is not what the page showed."""

    code = "committee_report.moved"
    title = N_("The report has changed while you looked at it. Look at it again")


class NotConfirmedError(Conflict):
    """What was never confirmed is not taken along."""

    code = "committee_report.not_confirmed"
    title = N_("This report is not confirmed yet")
