"""What the pages of families ask: through the same scope as everything else of an incident (S-31)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select, update
from sqlalchemy.orm import aliased

from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.incidents.models import FamilyNotice, Incident, Participation
from src.platform.incidents.policy import is_told
from src.platform.tenants.events import member_since
from src.platform.vault import service as vault

FOLLOW = "incident.follow"
_MOST = 50
_since = member_since(bindparam("me_membership", type_=Uuid))
_notice, _child = aliased(FamilyNotice), aliased(Participation)  # the relations of the scope have their own
ToldRow = tuple[Incident, FamilyNotice, bytes]
"""An incident, what was told of a child of mine in it, the fingerprint of the child."""


def _told(unit: Unit) -> "Select[Incident, FamilyNotice, bytes]":
    query = (
        select(Incident, _notice, _child.link_blind)
        .join(_notice, (_notice.tenant_id == Incident.tenant_id) & (_notice.incident_id == Incident.id))
        .join(_child, (_child.tenant_id == _notice.tenant_id) & (_child.id == _notice.participation_id))
        .where(scope(unit.me.roles, FOLLOW), is_told(_notice, _child))
    )
    return query.order_by(_notice.told_at.desc(), _notice.id).limit(_MOST)


async def told(unit: Unit) -> list[ToldRow]:
    """What the reader was told, the latest first."""
    rows = (await unit.session.execute(_told(unit), await vault.facts(unit))).all()
    return [(row[0], row[1], row[2]) for row in rows]


async def told_of(unit: Unit, incident_id: UUID) -> list[ToldRow]:
    """The same of one incident; empty for whoever may not know of it."""
    query = _told(unit).where(Incident.id == incident_id)
    rows = (await unit.session.execute(query, await vault.facts(unit))).all()
    return [(row[0], row[1], row[2]) for row in rows]


async def notices(unit: Unit, incident_id: UUID) -> dict[UUID, FamilyNotice]:
    """Participation -> what the parents were told."""
    query = select(FamilyNotice).where(FamilyNotice.incident_id == incident_id)
    return {one.participation_id: one for one in (await unit.session.scalars(query)).all()}


async def write_notice(unit: Unit, notice_id: UUID, version: int, told_at: datetime, measures: bytes | None) -> bool:
    """Tell once more if nobody did since `version`."""
    done = await unit.session.execute(
        update(FamilyNotice)
        .where(FamilyNotice.id == notice_id, FamilyNotice.version == version)
        .values(told_at=told_at, measures=measures, version=FamilyNotice.version + 1)
        .returning(FamilyNotice.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None
