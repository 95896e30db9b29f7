"""What a program may be answered, and the person who makes its token."""

from src.platform.kit.errors import Conflict, Forbidden, Invalid, QorganError, Unauthenticated
from src.platform.kit.i18n import N_


class TokenRefusedError(Unauthenticated):
    """Unknown, expired, revoked, its maker gone, its organisation suspended: one answer for all."""

    code = "api.token_refused"
    title = N_("This token opens nothing. Make a new one")


class OutOfScopeError(Forbidden):
    """A route that the token was not made for, whatever its maker may do on pages."""

    code = "api.out_of_scope"
    title = N_("The token was not made for this")


class TooManyRequestsError(QorganError):
    """The hour of this token is full (S-28)."""

    status = 429
    code = "api.too_many_requests"
    title = N_("Too many requests with this token. Wait until the next full hour")


class TwoProofsError(Invalid):
    """A token and a session together: whose request is it?"""

    code = "api.two_proofs"
    title = N_("Send a token or a session, not both")


class BadKeyError(Invalid):
    """An Idempotency-Key that is none."""

    code = "api.bad_key"
    title = N_("The key of a request has 8 to 100 Latin letters, digits, hyphens or underscores")


class KeyReusedError(Invalid):
    """The key belongs to another request."""

    code = "api.key_reused"
    title = N_("This key was sent with another request. Use a new key")


class TokenEndedError(Conflict):
    """Nothing to revoke."""

    code = "api.token_ended"
    title = N_("This token has ended already")
