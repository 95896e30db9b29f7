"""What stands in the way of getting in, and of changing who works here."""

from src.platform.kit.errors import Conflict, FieldError, Forbidden, Invalid
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


class OwnFactorError(Conflict):
    """Nobody starts or confirms it for themselves."""

    code = "recovery.own"
    title = N_("Two other people have to do this for you: you neither start nor confirm it")


class TwoPeopleError(Conflict):
    """Who started it is nobody else, whatever other account they have."""

    code = "recovery.two_people"
    title = N_("Somebody else must confirm this: it takes two people")


class NothingLostError(Conflict):
    """There is no second factor that could be lost."""

    code = "recovery.nothing_lost"
    title = N_("This person has no second factor yet. They set one up when they next sign in")


class AlreadyStartedError(Conflict):
    """One at a time."""

    code = "recovery.already_started"
    title = N_("This has been started already and waits for the second person")


class NobodyToConfirmError(Conflict):
    """Two people are needed, and there is one."""

    code = "recovery.nobody_to_confirm"
    title = N_("Nobody is there who could be the second person. Invite one more head of the organisation first")


class NotOnlyHeadError(Conflict):
    """Where others head the organisation, they do it."""

    code = "recovery.not_only_head"
    title = N_("This is for an organisation with exactly one head. Where there are others, they start it")


class RecoveryOverError(Conflict):
    """Confirmed, withdrawn or past its hour."""

    code = "recovery.over"
    title = N_("This is confirmed, withdrawn or over. If it is still needed, start it anew")


class SecondFactorFirstError(Forbidden):
    """Four eyes with two passwords would be weaker than what they take away."""

    code = "recovery.second_factor_first"
    title = N_("Set up a second factor on “My account” first, and sign in with it")
