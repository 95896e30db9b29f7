"""Why a clock is not stopped or extended, and a calendar not given."""

from src.platform.kit.errors import Conflict, QorganError
from src.platform.kit.i18n import N_


class FixedClockError(Conflict):
    """A safety term ends only when the facts do."""

    code = "clock.fixed"
    title = N_("A safety term of the same day is neither extended nor stopped")


class NotRunningError(Conflict):
    """The clock has ended."""

    code = "clock.not_running"
    title = N_("This term runs no longer")


class MissedError(Conflict):
    """A miss stays on record."""

    code = "clock.missed"
    title = N_("This term has passed. What was missed stays on record: do it now, the real time is kept")


class ChangeWaitsError(Conflict):
    """One wish at a time."""

    code = "clock.change_waits"
    title = N_("A change of this term waits for the second look already")


class TooOftenExtendedError(Conflict):
    """The organisation's own limit."""

    code = "clock.too_often_extended"
    title = N_("This term has been extended as often as it may be")


class NobodyForSecondLookError(Conflict):
    """Everybody who could decide is concerned."""

    code = "clock.nobody_for_second_look"
    title = N_("This term concerns you, and nobody else here may decide on it")


class OwnChangeError(Conflict):
    """Two different people."""

    code = "clock.own_change"
    title = N_("The second look is taken by somebody whom the term does not concern and who did not ask")


class TooOftenError(QorganError):
    """A calendar that asks without pause."""

    status = 429
    code = "feed.too_often"
    title = N_("This calendar is asked for too often. Try again in an hour")
