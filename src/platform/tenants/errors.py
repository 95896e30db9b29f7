"""What can be wrong with an organisation."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class CodeTakenError(Conflict):
    """Another organisation has this code or address."""

    code = "tenant.code_taken"
    title = N_("Another organisation already has this code or address")


class DistrictExistsError(Conflict):
    """A name stands for one district."""

    code = "district.exists"
    title = N_("Another district already has one of these names")


class NotSuspendedError(Conflict):
    """Only what is suspended can go on."""

    code = "tenant.not_suspended"
    title = N_("This organisation is not suspended")


class OperatorStaysError(Conflict):
    """Without its operator nobody could resume anything."""

    code = "tenant.operator_stays"
    title = N_("The region operator cannot be suspended")


class AlreadySuspendedError(Conflict):
    """Suspending twice changes nothing."""

    code = "tenant.already_suspended"
    title = N_("This organisation is already suspended")
