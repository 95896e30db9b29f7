"""What the law forbids in an incident, by name."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class WrongStateError(Conflict):
    """The incident is not at that point."""

    code = "incident.wrong_state"
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


class WordGoneError(Conflict):
    """A word that was proposed is no longer written there."""

    code = "incident.word_gone"
    title = N_("One of these words is no longer written in the texts. Look for names again")


class MedicalHelpMissingError(Conflict):
    """Somebody is hurt and nobody noted whether a doctor has seen them (R-048)."""

    code = "incident.medical_help_missing"
    title = N_("Somebody was harmed: note first whether they were sent for medical help")
