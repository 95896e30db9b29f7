"""What the city may not do with releases."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class ReleasedAlreadyError(Conflict):
    """A quarter has one release and never a second: two of the same children could be subtracted (ADR 21)."""

    code = "oversight.released_already"
    title = N_("This quarter has its release already, and a release never changes")
