"""Every query of meetings: an item of an agenda exists for a reader exactly when its incident does (S-31)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.incidents.models import Incident, SittingItem, TeamSitting
from src.platform.vault import service as vault

DECIDES = "incident.classify"
_MOST = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One incident of one agenda, as the reader's scope opens it."""

    sitting: TeamSitting
    item: SittingItem
    incident: Incident


async def mine(unit: Unit, sitting_id: UUID | None = None) -> list[Item]:
    """Items that the reader may see, of one sitting or of all, the newest sitting first."""
    query = (
        select(TeamSitting, SittingItem, Incident)
        .join(SittingItem, SittingItem.sitting_id == TeamSitting.id)
        .join(Incident, Incident.id == SittingItem.incident_id)
        .where(scope(unit.me.roles, DECIDES))
        .order_by(TeamSitting.planned_for.desc(), TeamSitting.id, Incident.reported_at, Incident.id)
    )
    query = query.limit(_MOST) if sitting_id is None else query.where(TeamSitting.id == sitting_id)
    return [Item(*row) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def incidents_of(unit: Unit, sitting_id: UUID) -> list[UUID]:
    """The incidents of an agenda, for who asks whether somebody may see one of them."""
    query = select(SittingItem.incident_id).where(SittingItem.sitting_id == sitting_id)
    return list((await unit.session.scalars(query)).all())


async def waiting(unit: Unit, incident_ids: Collection[UUID] | None = None) -> list[Incident]:
    """Investigated incidents that the reader may decide, all or some of them, the oldest first."""
    query = select(Incident).where(Incident.state == "investigated", scope(unit.me.roles, DECIDES))
    if incident_ids is not None:
        query = query.where(Incident.id.in_(incident_ids))
    query = query.order_by(Incident.reported_at, Incident.id).limit(_MOST)
    return list((await unit.session.scalars(query, await vault.facts(unit))).all())


async def open_items(unit: Unit, sitting_id: UUID) -> list[Item]:
    """Items of a sitting that the reader may see and nobody has decided, locked in one order."""
    query = (
        select(TeamSitting, SittingItem, Incident)
        .join(SittingItem, SittingItem.sitting_id == TeamSitting.id)
        .join(Incident, Incident.id == SittingItem.incident_id)
        .where(TeamSitting.id == sitting_id, SittingItem.decided_at.is_(None), scope(unit.me.roles, DECIDES))
        .order_by(SittingItem.id)
        .with_for_update(of=SittingItem)
    )
    return [Item(*row) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def open_item(unit: Unit, incident_id: UUID) -> SittingItem | None:
    """The place of an incident on the agenda that is still to be decided, the latest one, locked."""
    query = (
        select(SittingItem)
        .join(TeamSitting, TeamSitting.id == SittingItem.sitting_id)
        .where(SittingItem.incident_id == incident_id, SittingItem.decided_at.is_(None))
        .order_by(TeamSitting.planned_for.desc(), SittingItem.id.desc())
        .limit(1)
        .with_for_update(of=SittingItem)
    )
    return (await unit.session.scalars(query)).one_or_none()


async def end_items(unit: Unit, incident_id: UUID, at: datetime) -> None:
    """An incident is decided: it waits on no agenda any more."""
    query = select(SittingItem).where(SittingItem.incident_id == incident_id, SittingItem.decided_at.is_(None))
    for item in (await unit.session.scalars(query.with_for_update())).all():
        item.decided_at = at
