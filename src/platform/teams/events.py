"""What other modules may know of the team: inside their own queries, and that somebody else leads it now."""

from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, exists

from src.platform.teams.models import SecurityTeam, TeamSeat
from src.platform.teams.states import ACTIVE

CHANGED = "incidents.team_changed"
"""The actor that hears of it; it stands above this module, so only its name is known here."""
IN_FORCE = "oversight.refresh"
"""The actor that counts a school's month for the city: that a team was formed is one of its numbers."""


def is_deputy(membership: BindParameter[UUID]) -> ColumnElement[bool]:
    """Whether a member is the deputy of the leader of the team in force."""
    return exists().where(
        TeamSeat.membership_id == membership,
        TeamSeat.is_deputy,
        TeamSeat.ended_at.is_(None),
        TeamSeat.team_id == SecurityTeam.id,
        SecurityTeam.status == ACTIVE,
    )
