"""What can be wrong with an identity."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class NumberTakenError(Conflict):
    """A state number belongs to a person of another kind."""

    code = "person.number_taken"
    title = N_("A number of the list belongs to an adult of this organisation")
