"""What stops the end of a record."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class HeldError(Conflict):
    """A record on hold, or one whose term runs, is not destroyed."""

    code = "retention.not_due"
    lost_race = True
    title = N_("One of these records is on hold or its term still runs")


class OnHoldError(Conflict):
    """A hold stands already."""

    code = "retention.on_hold"
    title = N_("This record is on hold already")


class LiftedError(Conflict):
    """A hold was lifted before."""

    code = "retention.lifted"
    lost_race = True
    title = N_("This hold was lifted already")
