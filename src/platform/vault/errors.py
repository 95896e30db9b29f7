"""What can be wrong with an identity."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class NumberTakenError(Conflict):
    """A state number belongs to a person of another kind."""

    code = "person.number_taken"
    title = N_("A number of the list belongs to an adult of this organisation")


class ChangeNotDoneError(Conflict):
    """A change of keys is not at this step, or values still stand under the old version."""

    code = "keys.change_not_done"
    title = N_("The keys of this organisation are not yet changed")


class LastWrappingError(Conflict):
    """A key would open under no master key any more."""

    code = "keys.last_wrapping"
    title = N_("A key is wrapped under no other master key yet")
