"""What can go wrong with signing in."""

from src.platform.kit.errors import Conflict, FieldError, Invalid, QorganError, Unauthenticated
from src.platform.kit.i18n import N_


class WrongSignInError(Invalid):
    """Unknown name, wrong password, blocked user: one answer for all (S-27)."""

    code = "account.wrong_sign_in"
    title = N_("The sign-in name or the password is not right")


class TooManyAttemptsError(QorganError):
    """Guessing is slowed down, by name."""

    commits = True
    status = 429
    code = "account.too_many_attempts"
    title = N_("Too many attempts. Wait 15 minutes and try again")


class WrongPasswordError(Invalid):
    """The password that should say who is at the keyboard is not theirs."""

    code = "account.wrong_password"
    title = N_("The present password is not right")


class PasswordChangeNeededError(QorganError):
    """Nothing else opens until a password of one's own is chosen."""

    status = 403
    code = "account.password_change_needed"
    title = N_("Choose a password of your own before you go on")
    asked_at = "/account"


class WrongCodeError(Invalid):
    """A code of the second factor that is wrong, spent or of another time: one answer for all."""

    commits = True
    code = "account.wrong_code"
    title = N_("This code is not right or was used already")

    def __init__(self) -> None:
        """Complain at the field."""
        super().__init__(fields=[FieldError("code", "wrong_code", self.title)])


class SecondFactorNeededError(Unauthenticated):
    """A session that knows the password only, where more is asked: 401, because another proof opens it (decisions 24).

    403 would say that the role does not have the page, and it does.
    """

    code = "account.second_factor_needed"
    title = N_("Enter the code of your second factor to go on")
    asked_at = "/second-factor"


class NameTakenError(Conflict):
    """Somebody signs in with this name already."""

    code = "account.name_taken"
    title = N_("This sign-in name is already in use")
