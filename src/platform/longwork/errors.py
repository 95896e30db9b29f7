"""What a piece of long work does not let happen."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class NotNowError(Conflict):
    """Cancelled twice, continued while it runs or when it is done."""

    code = "long_work.not_now"
    title = N_("This work has ended, or goes on already. Look at its state")


class NoneLeftError(Conflict):
    """Its files were taken away, or it never had any."""

    code = "long_work.none_left"
    title = N_("There are no files here any more")
