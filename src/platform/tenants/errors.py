"""What can be wrong with an organisation."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class CodeTakenError(Conflict):
    """Another organisation has this code or address."""

    code = "tenant.code_taken"
    title = N_("Another organisation already has this code or address")


class AlreadySuspendedError(Conflict):
    """Suspending twice changes nothing."""

    code = "tenant.already_suspended"
    title = N_("This organisation is already suspended")
