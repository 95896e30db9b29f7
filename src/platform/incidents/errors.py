"""What the law forbids in an incident, by name."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class WrongStateError(Conflict):
    """The incident is not at that point."""

    code = "incident.wrong_state"
    lost_race = True
    title = N_("This step is not possible in the present state of the incident")


class NamedPersonError(Conflict):
    """A person named in the incident, or who reported it, works on it (R-064, R-078)."""

    code = "incident.named_person"
    title = N_("A person who is named in the incident or reported it cannot investigate or decide it")


class InterviewsMissingError(Conflict):
    """Somebody was neither heard nor excused (R-040)."""

    code = "incident.interviews_missing"
    title = N_("The reporter, everyone involved and every witness must be heard, or the reason noted")


class NotFullTeamError(Conflict):
    """Not everybody was invited, or not more than half came (R-044)."""

    code = "incident.not_full_team"
    title = N_("The full team decides: every member invited and more than half present")


class AlreadyNamedError(Conflict):
    """The person stands in the incident already."""

    code = "incident.already_named"
    title = N_("This person is already named in the incident")


class UrgencyLoweredError(Conflict):
    """Urgency is never lowered once the team has answered (R-038)."""

    code = "incident.urgency_lowered"
    title = N_("An urgent report stays urgent")


class SafetyMissingError(Conflict):
    """A victim without written protection (R-047)."""

    code = "incident.safety_missing"
    title = N_("Write down how the victim and the reporter are protected before closing")


class NotYoursToReadError(Conflict):
    """Somebody without every identity class would mark names (decisions 15)."""

    code = "incident.names_hidden"
    title = N_("Only somebody who may read every name can mark names in the texts")


class LinkedError(Conflict):
    """The incident only points to another one, where the work goes on (decisions 10)."""

    code = "incident.linked"
    title = N_("This report is linked to another incident: the work goes on there")


class NotLinkableError(Conflict):
    """One of the two is past its investigation, or the other one has come further."""

    code = "incident.not_linkable"
    title = N_("Link the report that has come less far to the other one; both must be under way")


class LinkContradictsError(Conflict):
    """The incident would lie after the first report about it (R-050)."""

    code = "incident.link_contradicts"
    title = N_("These are not the same: the date of the incident is later than the first report")


class LinkIsFinalError(Conflict):
    """Something was screened, marked or merged since, which cannot be taken apart again."""

    code = "incident.link_is_final"
    title = N_("This link can no longer be undone: work has been done on both together")


class NoSeriousSignError(Conflict):
    """There is nothing that would have to be forwarded."""

    code = "incident.no_serious_sign"
    title = N_("No serious sign is recorded")


class AlreadyForwardedError(Conflict):
    """The police and the commission know."""

    code = "incident.already_forwarded"
    title = N_("The serious sign has been made known already")


class MustBeForwardedError(Conflict):
    """A weapon, a sexual act, an injury that needed medical help, an adult: no reason excuses silence (R-256)."""

    code = "incident.must_be_forwarded"
    title = N_(
        "This must be made known: a weapon, a sexual act, an injury that may need medical help, an adult or somebody "
        "who is not known yet"
    )


class NotYourNameError(Conflict):
    """One of the two names of a waiver is not this person's to give (R-256)."""

    code = "incident.not_your_name"
    title = N_("Two people decide this: the director and the coordinator, or the deputy when one of them is implicated")


class NoContactOwedError(Conflict):
    """No sign of self-harm is recorded, or the child has been talked to (R-257)."""

    code = "incident.no_contact_owed"
    title = N_("No talk with the psychologist is due")


class NoCouncilOwedError(Conflict):
    """No criminal offence is recorded, or the session has been started (R-209)."""

    code = "incident.no_council_owed"
    title = N_("No session of the council is due")


class NothingGoesBackError(Conflict):
    """The family account of a child of a residential institution is the institution's (R-170)."""

    code = "incident.nothing_goes_back"
    title = N_(
        "This child lives in a residential institution, or nobody has said that it does not: inform the "
        "guardianship body, nothing goes back to the institution"
    )


class WordGoneError(Conflict):
    """A word that was proposed is no longer written there."""

    code = "incident.word_gone"
    title = N_("One of these words is no longer written in the texts. Look for names again")


class MedicalHelpMissingError(Conflict):
    """Somebody is hurt and nobody noted whether a doctor has seen them (R-048)."""

    code = "incident.medical_help_missing"
    title = N_("Somebody was harmed: note first whether they were sent for medical help")


class TooManyFiltersError(Conflict):
    """A list of filters that nobody can look through helps nobody."""

    code = "incident.too_many_filters"
    title = N_("You have as many filters as can be kept. Delete one first")


class VictimAloneError(Conflict):
    """A victim has neither a case manager nor a named support person (R-263)."""

    code = "incident.victim_alone"
    title = N_("Every victim needs a case manager or a support person before the incident is closed")


class ReconciliationRefusedError(Conflict):
    """Reconciliation is not used here (R-268)."""

    code = "incident.no_reconciliation"
    title = N_(
        "There is no reconciliation after sexual violence, a weapon, an injury that needed medical help, "
        "or with a child at high risk"
    )


class NoEmployeeError(Conflict):
    """There is nobody of the staff to take measures against (R-049)."""

    code = "incident.no_employee"
    title = N_("No employee is an alleged offender in this incident")


class TooManyFilesError(Conflict):
    """Who reported has brought as many files as one report holds."""

    code = "report.too_many_files"
    title = N_(
        "You have sent as many files as one report can hold. Show further ones to somebody of the security team."
    )


class OutOfNumbersError(RuntimeError):
    """So many numbers were taken in a row that something else is wrong: an alarm, nobody's mistake."""
