"""What stands in the way of getting in, and of changing who works here."""

from src.platform.kit.errors import Conflict, FieldError, Invalid
from src.platform.kit.i18n import N_

_NO_SUCH_CODE = N_("This code lets nobody in. Check every character, or ask who invited you for a new one")


class UnknownCodeError(Invalid):
    """Never made, used, revoked, expired, or of a suspended organisation: one answer for all (S-12)."""

    code = "joining.unknown_code"
    title = _NO_SUCH_CODE

    def __init__(self) -> None:
        """The complaint stands at the code."""
        super().__init__(fields=[FieldError("code", "unknown", _NO_SUCH_CODE)])


class SignInRefusedError(Invalid):
    """A new account under a known name, an unknown name, a wrong password, a blocked user: one answer (S-27)."""

    code = "joining.sign_in_refused"
    title = N_(
        "Sign-in name and password do not fit together. If you have an account, say so and give its password; "
        "if not, choose another name"
    )


class AlreadyMemberError(Conflict):
    """One membership a person."""

    code = "joining.already_member"
    title = N_("You work in this organisation already. Sign in; the invitation stays open")


class FamilyAccountError(Invalid):
    """Work and family are two accounts: one session is never both."""

    code = "joining.family_account"
    title = N_("This is the account of a student or parent. Take a new account for work")

    def __init__(self) -> None:
        """The complaint stands at the choice of an account."""
        super().__init__(fields=[FieldError("account", "of_family", self.title)])


class HasPeopleError(Conflict):
    """The region operator lets in the first person, and nobody after."""

    code = "joining.has_people"
    title = N_("People work in this organisation already. Its head invites them")


class SuspendedError(Conflict):
    """Nobody is invited into an organisation that is suspended."""

    code = "joining.suspended"
    title = N_("This organisation is suspended. Resume it first")


class NotWaitingError(Conflict):
    """What was used or revoked cannot be taken back."""

    code = "joining.not_waiting"
    title = N_("Somebody has used or revoked this invitation")


class OwnMembershipError(Conflict):
    """Nobody gives themselves roles, or takes them."""

    code = "member.own"
    title = N_("Your own roles are changed by another head of the organisation")


class LastHeadError(Conflict):
    """Somebody must be able to let people in."""

    code = "member.last_head"
    title = N_("The organisation must keep a head. Make somebody else head first")
