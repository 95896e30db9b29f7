"""What the law forbids about case managers."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class BothSidesError(Conflict):
    """One person would handle a victim and an offender of the same incident (R-075, R-077)."""

    code = "case.both_sides"
    title = N_("One person never handles a victim and an offender of the same incident")


class ManagerNamedError(Conflict):
    """The manager stands in the incident."""

    code = "case.manager_named"
    title = N_("A person who is named in the incident cannot manage a case of it")


class NotMonitoredError(Conflict):
    """The monitoring of this victim has not begun, or has ended."""

    code = "case.not_monitored"
    title = N_("This child is not being monitored: the incident is not closed, or violence has stopped")
