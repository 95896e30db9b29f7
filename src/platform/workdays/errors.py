"""What can be wrong with a calendar."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class SchoolYearUnknown(Conflict):
    """A term needs school days of a year that nobody has entered."""

    code = "workdays.school_year_unknown"
    title = N_("The dates of this school year are not entered yet")
