"""Meetings as one reader may see them: items of incidents that this reader may decide, nothing of the others."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents.meetings import repository as agendas
from src.platform.incidents.meetings.repository import Item
from src.platform.incidents.meetings.schemas import AgendaItem, MeetingList, MeetingRow, MeetingView, Waiting
from src.platform.incidents.models import Incident
from src.platform.incidents.schemas import Colleague
from src.platform.kit.errors import NotFound
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


async def listing(unit: Unit) -> MeetingList:
    """Meetings that have an item for the reader, and incidents that wait for one."""
    access.require(unit, agendas.DECIDES)
    sittings: dict[UUID, list[Item]] = {}
    for one in await agendas.mine(unit):
        sittings.setdefault(one.sitting.id, []).append(one)
    waiting = await agendas.waiting(unit)
    rows = [
        MeetingRow(
            id=sitting_id,
            planned_for=items[0].sitting.planned_for,
            numbers=[one.incident.number for one in items],
            decided=all(one.item.decided_at for one in items),
        )
        for sitting_id, items in sittings.items()
    ]
    seen = [one.incident.id for items in sittings.values() for one in items] + [one.id for one in waiting]
    if seen:
        audit.record(unit, "team_meeting.listed", "incident", list(dict.fromkeys(seen)), classes={"case-sensitive"})
    on_agenda = {one.incident.id for items in sittings.values() for one in items if one.item.decided_at is None}
    return MeetingList(rows=rows, waiting=[_waiting(one, planned=one.id in on_agenda) for one in waiting])


async def one(unit: Unit, sitting_id: UUID) -> MeetingView:
    """One meeting. Raises NotFound alike for an unknown one and one without an item for the reader."""
    items = await agendas.mine(unit, sitting_id)
    if not items:
        raise NotFound
    names = await _names(unit)
    audit.record(
        unit,
        "team_meeting.read",
        "team_meeting",
        [sitting_id, *(one.incident.id for one in items)],
        classes={"case-sensitive"},
    )
    invited = {member for one in items if one.item.decided_at is None for member in one.item.invited}
    return MeetingView(
        id=sitting_id,
        planned_for=items[0].sitting.planned_for,
        items=[_item(one, names) for one in items],
        invited=[Colleague(membership_id=member, name=name) for member, name in names.items() if member in invited],
        may=["attend", "invite"] if invited else [],
        version=max((one.item.version for one in items if one.item.decided_at is None), default=1),
    )


def _waiting(one: Incident, *, planned: bool) -> Waiting:
    return Waiting(id=one.id, number=one.number, urgency=one.urgency, reported_at=one.reported_at, planned=planned)


def _item(one: Item, names: dict[UUID, str]) -> AgendaItem:
    return AgendaItem(
        incident_id=one.incident.id,
        number=one.incident.number,
        state=one.incident.state,
        invited=[name for member, name in names.items() if member in one.item.invited],
        attended=[name for member, name in names.items() if member in one.item.attended],
        held_at=one.item.held_at,
        decided=one.item.decided_at is not None,
        outcome=one.incident.outcome if one.item.decided_at else None,
    )


async def _names(unit: Unit) -> dict[UUID, str]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [one.person_id for one in members])
    return {one.membership_id: known.get(one.person_id, "") for one in members}
