"""What can go wrong with what was typed and not sent."""

from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import N_


class NothingKeptError(NotFound):
    """Gone after its hour, taken already, somebody else's, or never there: one answer for all."""

    code = "draft.nothing_kept"
    title = N_("Nothing is kept for you here. A form is kept for one hour, for the person who filled it in")
