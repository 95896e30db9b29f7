"""Why an organisation's part of the catalogue cannot be confirmed."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class IncompleteError(Conflict):
    """A service, or how to reach the office, is missing (R-270)."""

    code = "catalogue.incomplete"
    title = N_(
        "Address, telephone, contact person and hours, and at least one service, must stand here before it is confirmed"
    )
