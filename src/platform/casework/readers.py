"""Who can see a case; a case in the chronology of its incident; and for the incident, who has a manager (R-263)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from src.platform.casework import repository
from src.platform.casework.models import ChildCase
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents import registry as incidents
from src.platform.incidents.reading import chronology
from src.platform.incidents.reading.chronology import Moment
from src.platform.notifications import readers as messages
from src.platform.readership import registry as readership
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


def _of_incident(unit: Unit, facts: Mapping[str, object], incident_id: UUID) -> Read[Any]:
    return repository.of_incident(unit, facts, incident_id)


async def _opened(unit: Unit, read: Read[Any]) -> list[Moment]:
    """When each case that the reader may see was opened, with the code that the child bears in the incident."""
    return [
        Moment(
            at=case.opened_at,
            kind="case_opened",
            who=await vault.code(unit, "child", case.participation_id),
            path=f"/cases/{case.id}",
        )
        for case in await together.rows(unit.session, read)
    ]


async def may_read(unit: Unit, members: list[Member], case_id: UUID) -> list[Member]:
    """The members that may read a case."""
    facts = await vault.facts_of_members(unit, members)
    return [one for one in members if await repository.readable_by(unit, one.roles, facts[one.membership_id], case_id)]


def _child(one: ChildCase) -> readership.Stands:
    return readership.Stands(one.id, "child", one.link)


readership.register(
    readership.Kind("child_case", ChildCase.id, people=readership.People(repository.standing_alone, _child))
)
chronology.register(chronology.Source(_of_incident, _opened))
messages.register("child_case", may_read)
incidents.register_managed(repository.managed)
