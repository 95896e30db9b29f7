"""What may be counted of incidents: the children about whom the team decided that something happened."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from src.platform.db.unit import Unit
from src.platform.incidents.models import Incident, Participation
from src.platform.kit import clock

_INVOLVED = ("victim", "alleged_offender", "both")


class DecidedChild(NamedTuple):
    """A child of a decided incident, behind its sealed link."""

    participation_id: UUID
    link: bytes
    decided_on: date
    outcome: str
    violence_types: list[str]


async def decided_children(unit: Unit, since: datetime, until: datetime) -> list[DecidedChild]:
    """Students directly involved in incidents decided in a span of time; of `not_confirmed` nobody is counted."""
    query = (
        select(
            Participation.id,
            Participation.link,
            Incident.classified_at,
            Incident.outcome,
            Incident.violence_types,
        )
        .join(Incident, Incident.id == Participation.incident_id)
        .where(
            Incident.classified_at >= since,
            Incident.classified_at < until,
            Incident.outcome.in_(("confirmed_violence", "confirmed_problem_behaviour")),
            Incident.linked_into.is_(None),
            Participation.kind == "student",
            Participation.involvement.in_(_INVOLVED),
        )
    )
    return [
        DecidedChild(row.id, row.link, clock.local_date(row.classified_at), row.outcome, row.violence_types)
        for row in await unit.session.execute(query)
    ]
