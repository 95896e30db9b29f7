"""What stands in the way of giving somebody an account."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class EverybodyHasOneError(Conflict):
    """A code that was given is never shown again; a lost one is made anew for one person."""

    code = "families.everybody_has_one"
    title = N_("Everybody of this class has an account already. For a lost paper make a new code for that person")


class NoClassError(Conflict):
    """There is no class whose papers could be made."""

    code = "families.no_class"
    title = N_("There is no class here that you may open.")
