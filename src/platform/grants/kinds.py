"""The kinds of requests about incidents."""

from uuid import UUID

from sqlalchemy import select

from src.platform.access import service as access
from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.grants import policy as glass
from src.platform.grants import registry, repository
from src.platform.grants.registry import GLASS, NAMES, Kind
from src.platform.incidents import policy
from src.platform.incidents import repository as incidents
from src.platform.incidents.models import Incident
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__, glass.__name__
FOLLOW = "access_grant.follow"
BREAK = "incident.break_glass"
ASK, DECIDE, READ = "incident.ask_name", "incident.grant_name", "incident.read"


async def _find(unit: Unit, typed: str, permission: str) -> UUID | None:
    query = select(Incident.id).where(Incident.number == typed, scope(unit.me.roles, permission))
    return (await unit.session.execute(query, await vault.facts(unit))).scalar_one_or_none()


async def _named(unit: Unit, typed: str) -> UUID | None:
    return await _find(unit, typed, ASK)


async def _whose_glass(unit: Unit, typed: str) -> UUID | None:
    return await _find(unit, typed, BREAK)


async def deciders(unit: Unit, members: list[Member], record_id: UUID, permission: str) -> list[Member]:
    """Whom a permission opens an incident to, of those whose role has incidents at all."""
    asked = [one for one in members if access.has_module(one.roles, READ)]
    found = {membership for membership, _ in await incidents.readable_to(unit, asked, [record_id], permission)}
    return [one for one in asked if one.membership_id in found]


for _kind, _asking, _deciding, _finds in (
    (NAMES, ASK, DECIDE, _named),
    (GLASS, BREAK, BREAK, _whose_glass),
):
    registry.register(
        Kind(
            _kind,
            "incident",
            asking=_asking,
            deciding=_deciding,
            reading=READ,
            id_column=Incident.id,
            deciders=deciders,
            find=_finds,
            answering=DECIDE,
            codes=repository.numbers,
        )
    )
