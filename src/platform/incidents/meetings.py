"""Meetings of the full team: an agenda of several incidents, who is invited and comes for each, what is decided.

Everything stands with the item of the agenda, so that somebody who is in conflict with one incident finds a meeting
that simply lacks it (R-044, R-064).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import agendas, events, members, repeats, repository, service, states
from src.platform.incidents.agendas import Item
from src.platform.incidents.errors import NotFullTeamError
from src.platform.incidents.models import OFFENDERS, Incident, Participation, SittingItem, TeamMeeting, TeamSitting
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.workdays import calendar

_INVOLVED = frozenset({"alleged_offender", "victim", "both"})


async def plan(unit: Unit, *, planned_for: datetime, incident_ids: Collection[UUID]) -> UUID:
    """Put investigated incidents on the agenda of one meeting and invite everybody who is free (R-043, R-044)."""
    access.require(unit, agendas.DECIDES)
    if planned_for < clock.now():
        raise Invalid(fields=[FieldError("planned_for", "in_past", N_("This time has passed"))])
    waiting = {one.id for one in await agendas.waiting(unit, incident_ids)}
    if waiting != set(incident_ids):
        message = N_("Choose incidents whose investigation is finished")
        raise Invalid(fields=[FieldError("incident_ids", "not_waiting", message)])
    sitting = TeamSitting(tenant_id=unit.tenant_id, id=new_id(), planned_for=planned_for)
    unit.session.add(sitting)
    await unit.session.flush()  # its items refer to it
    free = await members.free_for(unit, waiting)
    for incident_id in sorted(waiting):
        item = SittingItem(
            tenant_id=unit.tenant_id,
            id=new_id(),
            sitting_id=sitting.id,
            incident_id=incident_id,
            invited=sorted(free[incident_id]),
            attended=[],
        )
        unit.session.add(item)
    invited = frozenset[UUID]().union(*free.values())
    await _invite(unit, sitting.id, invited)
    audit.record(unit, "team_meeting.planned", "team_meeting", [sitting.id, *sorted(waiting)])
    return sitting.id


async def invite(unit: Unit, sitting_id: UUID) -> None:
    """Invite who has become a member since; a member who was never invited makes a meeting less than full (R-044)."""
    items = await _open_items(unit, sitting_id)
    known = {member for one in items for member in one.item.invited}
    free = await members.free_for(unit, [one.incident.id for one in items])
    for one in items:
        one.item.invited = sorted({*one.item.invited, *free[one.incident.id]})
    await _invite(unit, sitting_id, frozenset[UUID]().union(*free.values()) - known)
    audit.record(unit, "team_meeting.invited", "team_meeting", [sitting_id, *(one.incident.id for one in items)])


async def attend(unit: Unit, sitting_id: UUID, *, held_at: datetime, attended: Collection[UUID]) -> None:
    """Note who came. Whoever is in conflict with an item is not counted for it, whoever ticks the name (R-044)."""
    if held_at > clock.now():
        raise Invalid(fields=[FieldError("held_at", "in_future", N_("This time is still to come"))])
    items = await _open_items(unit, sitting_id)
    free = await members.free_for(unit, [one.incident.id for one in items])
    for one in items:
        one.item.attended = sorted(set(attended) & set(one.item.invited) & free[one.incident.id])
        one.item.held_at = held_at
    audit.record(unit, "team_meeting.attended", "team_meeting", [sitting_id, *(one.incident.id for one in items)])


async def classify(
    unit: Unit,
    incident_id: UUID,
    version: int,
    *,
    outcome: str,
    levels: Mapping[UUID, str],
    safety_measures: str = "",
    minutes: str = "",
    mode: str = "consensus",
    held_at: datetime | None = None,
    attended: Collection[UUID] = (),
) -> UUID | None:
    """The full team decides: outcome, and a risk level for every child directly involved (R-043 … R-045).

    The incident may stand on an agenda, whose sitting is returned; without one it is a meeting of its own, to which
    everybody who is free was called.
    """
    incident = await service.for_verb(unit, incident_id, agendas.DECIDES)
    after = states.advance(incident.state, "classify")
    item, free = await agendas.open_item(unit, incident.id), await members.free_members(unit, incident.id)
    people = await repository.participations(unit, [incident.id])
    meeting = await _held(unit, incident, item, free, held_at=held_at, attended=attended, mode=mode, minutes=minutes)
    _check_levels(people, levels)
    unit.session.add(meeting)
    for person in people:
        if person.id in levels:
            person.risk_level, person.version = levels[person.id], person.version + 1
    at = clock.now()
    changes = {
        "safety_measures": await service.sealed(unit, safety_measures, "incident.safety_measures", incident.id),
        "identities_read_at": None,
    }
    await service.write(unit, incident, version, state=after, classified_at=at, outcome=outcome, **changes)
    await agendas.end_items(unit, incident.id, at)
    await deadlines.meet(unit, "clk_team_classification", incident.id, at, period=service.period_of(incident))
    await repeats.look(unit, incident, people, outcome)
    await outbox.emit(unit, events.CLASSIFIED, {"incident": incident.id})
    await outbox.emit(unit, events.DECIDED, {"quarter": calendar.statistical_quarter(clock.local_date(at))})
    if outcome != "not_confirmed" and any(one.kind == "employee" and one.involvement in OFFENDERS for one in people):
        await outbox.emit(unit, "incidents.ask_for_measures", {"incident": incident.id})
    await service.moved(unit, incident, "incident.classified")
    return meeting.sitting_id


async def _held(
    unit: Unit,
    incident: Incident,
    item: SittingItem | None,
    free: set[UUID],
    *,
    held_at: datetime | None,
    attended: Collection[UUID],
    mode: str,
    minutes: str,
) -> TeamMeeting:
    """The meeting as it was for this incident. Raises Invalid without a time, NotFullTeamError (R-044)."""
    held_at, came = held_at or (item.held_at if item else None), attended or (item.attended if item else ())
    missing = [name for name, given in (("held_at", held_at), ("attended", came)) if not given]
    if held_at is None or missing:
        raise Invalid(fields=[FieldError(name, "required", N_("Fill this in")) for name in missing])
    present = free & set(came)
    if (item is not None and not free <= set(item.invited)) or len(present) * 2 <= len(free):
        raise NotFullTeamError
    meeting_id = new_id()
    return TeamMeeting(
        tenant_id=unit.tenant_id,
        id=meeting_id,
        incident_id=incident.id,
        sitting_id=item.sitting_id if item else None,
        held_at=held_at,
        mode=mode,
        invited=sorted(free),
        attended=sorted(present),
        minutes=await service.sealed(unit, minutes, "team_meeting.minutes", meeting_id),
    )


def _check_levels(people: Collection[Participation], levels: Mapping[UUID, str]) -> None:
    wanted = {p.id for p in people if p.kind == "student" and p.involvement in _INVOLVED}
    missing = [
        FieldError(f"level-{i}", "required", N_("Set a level for every child involved")) for i in wanted - levels.keys()
    ]
    if missing or levels.keys() - wanted:
        raise Invalid(fields=missing)


async def _open_items(unit: Unit, sitting_id: UUID) -> list[Item]:
    """What of a sitting this person may see and is undecided. Raises NotFound when that is nothing."""
    items = await agendas.open_items(unit, sitting_id)
    if not items:
        raise NotFound
    return items


async def _invite(unit: Unit, sitting_id: UUID, invited: Collection[UUID]) -> None:
    others = sorted(set(invited) - {unit.me.membership_id})
    await notifications.notify(unit, others, "meeting_planned", "team_meeting", sitting_id)
