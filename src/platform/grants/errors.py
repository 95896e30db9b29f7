"""What a request for sight may be refused with."""

from src.platform.kit.errors import Conflict, Forbidden
from src.platform.kit.i18n import N_


class NotNowError(Conflict):
    """Decided, withdrawn or over."""

    code = "grant.not_now"
    title = N_("This request is decided or over. Look at its state")


class FourEyesError(Conflict):
    """Who asked, and who has agreed already, is nobody else, whatever other role they have."""

    code = "grant.four_eyes"
    title = N_("Somebody else must decide: nobody agrees to what they asked for, and nobody agrees twice")


class TooManyWaitError(Conflict):
    """Questions that nobody answers are not asked without end."""

    code = "grant.too_many_wait"
    title = N_("Too many of your requests wait already. Withdraw one, or speak to the security team")


class ClosedError(Forbidden):
    """Whatever is not an open grant of one's own: not agreed to, over, withdrawn, somebody else's."""

    code = "grant.closed"
    title = N_("This opens nothing: it is not yours, not agreed to, withdrawn or over")


class SecondFactorFirstError(Forbidden):
    """Names are shown after a second factor only (decisions 21)."""

    code = "grant.second_factor_first"
    title = N_("Set up a second factor on “My account” first, and sign in with it")
