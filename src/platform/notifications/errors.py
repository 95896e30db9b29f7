"""What can go wrong with e-mail."""

from src.platform.kit.errors import Conflict, FieldError, Invalid, QorganError
from src.platform.kit.i18n import N_


class MailOffError(Conflict):
    """Nobody can be sent a code."""

    code = "mail.off"
    title = N_("This region sends no e-mail. Messages are on the page “Messages”")


class MailForStaffError(Conflict):
    """Addresses of families are not kept."""

    code = "mail.for_staff"
    title = N_("E-mail is for people who work here. Messages are on the pages themselves")


class TooManyCodesError(QorganError):
    """Somebody's letter box is not to be filled from here."""

    status = 429
    code = "mail.too_many_codes"
    title = N_("Too many codes were asked for. Wait an hour and try again")


class WrongMailCodeError(Invalid):
    """Wrong, spent, too old or never sent: one answer for all. The attempt is counted."""

    commits = True
    code = "mail.wrong_code"
    title = N_("This code is not right or is older than an hour. Ask for a new one")

    def __init__(self) -> None:
        """Complain at the field."""
        super().__init__(fields=[FieldError("code", "wrong_code", self.title)])


class AddressRefusedError(Exception):
    """The server will never take mail for this address; `number` is its reply code."""

    def __init__(self, number: int) -> None:
        """Without the server's text, which may hold anything."""
        super().__init__()
        self.number = number
