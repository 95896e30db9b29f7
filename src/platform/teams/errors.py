"""What the rules refuse about a security team."""

from src.platform.kit.errors import Conflict
from src.platform.kit.i18n import N_


class DraftExistsError(Conflict):
    """One order is written at a time for a school year."""

    code = "team.draft_exists"
    title = N_("A team for this school year is being put together already")


class AlreadyActiveError(Conflict):
    """Exactly one team a school year (R-001)."""

    code = "team.already_active"
    title = N_("This school year already has an active security team")


class TeamIncompleteError(Conflict):
    """Minima that the team does not meet; `fields` name all of them at once (R-002 … R-005)."""

    code = "team.incomplete"
    title = N_("The team cannot be activated yet")


class WrongTeamStateError(Conflict):
    """The verb does not fit the state of the team."""

    code = "team.wrong_state"
    title = N_("The team is in another state now. Reload the page")


class AlreadyInTeamError(Conflict):
    """One seat a person."""

    code = "team.already_in_team"
    title = N_("This person is in the team already")


class LeaderStaysError(Conflict):
    """An active team is never without leader and deputy."""

    code = "team.leader_stays"
    title = N_("Appoint another leader or deputy first")
