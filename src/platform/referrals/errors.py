"""What the law forbids about referrals and reports."""

from src.platform.kit.errors import Conflict, Invalid, NotFound
from src.platform.kit.i18n import N_


class NoAgreementError(Conflict):
    """An NGO, centre or private service without a valid agreement (R-145)."""

    code = "referral.no_agreement"
    title = N_("There is no agreement with this partner that is signed by both and valid today for this service")


class WrongStateError(Conflict):
    """The referral is not at that point."""

    code = "referral.wrong_state"
    title = N_("This step is not possible in the present state of the referral")


class DuplicateWeekError(Conflict):
    """One report a referral and week (R-148)."""

    code = "referral.week_reported"
    title = N_("This week has been reported already")


class NoManagerError(Conflict):
    """A case without a manager refers nobody."""

    code = "referral.no_manager"
    title = N_("Appoint a case manager before you refer the child")


class OpenedError(Conflict):
    """What the partner has opened cannot be recalled (decisions 8)."""

    code = "referral.opened"
    title = N_("The partner has opened this already, so it cannot be taken back. Talk to the partner")


class NeedsCaseError(Conflict):
    """Without a case only bodies that act by law are asked for help (R-145, R-262)."""

    code = "referral.needs_case"
    title = N_("This partner can be asked only for a child who has a case. Bodies that act by law can be asked now")


class OverlapError(Conflict):
    """Two agreements of one pair for one service on one day would be two contracts about one child."""

    code = "agreement.overlap"
    title = N_("There is an agreement with this partner for one of these services in this time already. End it first")


class AgreementOverError(Conflict):
    """What was ended, taken back or signed by both cannot be done again."""

    code = "agreement.over"
    title = N_("This step is not possible in the present state of the agreement")


class AttendanceKnownError(Conflict):
    """Who came on that day is recorded."""

    code = "referral.attendance_known"
    title = N_("It is recorded already whether the partner came on this day")


class UnknownLinkError(NotFound):
    """Foreign, used, expired, withdrawn and never made are one answer (decisions 21)."""

    code = "referral.unknown_link"
    title = N_(
        "This code opens nothing. If you have just sent the report, it has arrived; else ask the school for a new one"
    )


class TooManyLinkTriesError(Invalid):
    """More wrong codes in an hour than the region takes (S-28)."""

    status = 429
    code = "referral.too_many_tries"
    title = N_("Too many wrong codes were typed here. Try again in an hour")


class LinkNotOpenError(Conflict):
    """It was used or withdrawn already."""

    code = "referral.link_not_open"
    title = N_("This link was used or withdrawn already")
