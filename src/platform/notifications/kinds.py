"""Every kind of message: what its e-mail may say, and whether it comes at any hour.

An e-mail crosses machines that are not ours and is read in other people's rooms. It tells that something waits, and
nothing that only a sealed record knows: who reported, what happened, whom it is about (R-059, R-074). A kind has words
of its own only where they tell no more than the duty that stands on its reader's door.
"""

from typing import NamedTuple

from src.platform.deadlines.catalogue import clocks
from src.platform.kit.i18n import N_

WAITING = N_("Something in Qorgan is waiting for you")
TODAY = N_("Something in Qorgan needs you today")
_TERM_NEAR = N_("A term comes near")
_TERM_PASSED = N_("A term has passed")
_MEETING = N_("You are invited to a meeting")
_REFERRAL = N_("There is news about a referral")
_AGREEMENT = N_("There is news about an agreement")
_SIGN_IN = N_("Your sign-in was changed. Was it not you? Go to the head of your organisation at once")
_LOST = N_("Somebody says that you lost your phone and codes. Is it not so? Sign in and stop it")
_RESTORED = N_("Qorgan was restored from a backup: look whether your latest entries are there")
_QUEUE = N_("Work of the service has stopped and needs the operator")


class Kind(NamedTuple):
    """What an e-mail says in its one line, and whether it waits for no quiet hours and no digest."""

    words: str = WAITING
    urgent: bool = False


_TERMS = frozenset({"clock_overdue", "clock_target"})
_ORDINARY, _URGENT = Kind(), Kind(TODAY, urgent=True)
KINDS = {
    "address_refused": _ORDINARY,
    "agreement_ended": Kind(_AGREEMENT),
    "retention_due": _ORDINARY,
    "agreement_ends_soon": Kind(_AGREEMENT),
    "agreement_signed": Kind(_AGREEMENT),
    "agreement_to_sign": Kind(_AGREEMENT),
    "assessment_given": _ORDINARY,
    "browsing": _URGENT,
    "care_asked": _URGENT,
    "case_given": _ORDINARY,
    "case_waits": _ORDINARY,
    "case_without_manager": _ORDINARY,
    "clock_change_asked": _ORDINARY,
    "clock_overdue": Kind(_TERM_PASSED),
    "clock_target": Kind(_TERM_NEAR),
    "council_today": _URGENT,
    "curator_given": _ORDINARY,
    "deputy_acts": _ORDINARY,
    "duty_given": _ORDINARY,
    "form_e_opened": _ORDINARY,
    "form_j_opened": _ORDINARY,
    "form_j_unchecked": _ORDINARY,
    "forward_today": _URGENT,
    "glass_asked": _URGENT,
    "glass_broken": _URGENT,
    "glass_to_review": _ORDINARY,
    "grant_asked": _URGENT,
    "grant_decided": _ORDINARY,
    "grant_given": _ORDINARY,
    "grant_over": _ORDINARY,
    "grant_withdrawn": _ORDINARY,
    "help_prepared": _ORDINARY,
    "incident_reported": _ORDINARY,
    "investigator_conflicted": _URGENT,
    "letter_answered": _ORDINARY,
    "letter_due": Kind(_TERM_NEAR),
    "letter_over": _ORDINARY,
    "letter_overdue": Kind(_TERM_PASSED),
    "letter_received": _ORDINARY,
    "mail_refused": _ORDINARY,
    "measures_wait": _ORDINARY,
    "meeting_planned": Kind(_MEETING),
    "partner_absent": Kind(_REFERRAL),
    "protective_task": _URGENT,
    "queue_dead": Kind(_QUEUE, urgent=True),
    "recovery_confirmed": Kind(_SIGN_IN, urgent=True),
    "recovery_started": Kind(_LOST, urgent=True),
    "recovery_waits": _URGENT,
    "recovery_withdrawn": _ORDINARY,
    "referral_answered": Kind(_REFERRAL),
    "referral_contact": Kind(_REFERRAL),
    "referral_danger": _URGENT,
    "referral_ended": Kind(_REFERRAL),
    "referral_given": Kind(_REFERRAL),
    "referral_recalled": Kind(_REFERRAL),
    "referral_received": Kind(_REFERRAL),
    "region_restored": Kind(_RESTORED),
    "repeat_mandatory": _ORDINARY,
    "repeat_proposed": _ORDINARY,
    "report_answered": _ORDINARY,
    "report_moved": _ORDINARY,
    "report_question": _ORDINARY,
    "residential_report": _URGENT,
    "residential_today": _URGENT,
    "school_alert": _URGENT,
    "second_factor_changed": Kind(_SIGN_IN, urgent=True),
    "serious_sign": _URGENT,
    "staff_named": _ORDINARY,
    "urgent_report": _URGENT,
    "urgent_task": _URGENT,
    "victim_monitored": _ORDINARY,
    "waiver_asked": _URGENT,
    "work_ended": _ORDINARY,
}
"""By the name before the dot; a message of another kind cannot be written."""


def of(kind: str) -> Kind:
    """The kind of a message. Raises KeyError."""
    name, _, detail = kind.partition(".")
    found = KINDS[name]
    return Kind(found.words, urgent=_is_of_the_day(detail)) if name in _TERMS else found


def _is_of_the_day(code: str) -> bool:
    """A term of the same day is over before quiet hours are (R-219, R-256)."""
    clock = clocks().get(code)
    return clock is not None and clock.day == "calendar" and clock.limit == 0 and clock.period is None
