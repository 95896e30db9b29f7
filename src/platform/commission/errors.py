"""What the law forbids about an assessment."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class NoCaseError(Conflict):
    """There is no case before the request is accepted (S4 mechanism, stage 1)."""

    code = "assessment.no_case"
    title = N_("Accept the request first: the assessment is part of a case")


class AlreadyOpenedError(Conflict):
    """One assessment a case."""

    code = "assessment.already_opened"
    title = N_("This case has a curator and an assessment already")


class ClosedError(Conflict):
    """A closed report is not written any more."""

    code = "assessment.closed"
    title = N_("This report is closed")


class NotClosedError(Conflict):
    """Only a closed report is given to somebody."""

    code = "assessment.not_closed"
    title = N_("Close the report before you give it to anybody")


class AlreadyGivenError(Conflict):
    """One copy an organisation."""

    code = "assessment.already_given"
    title = N_("This organisation has the report already")
