"""Every query of triage: what is like an incident, what is linked to it, what follows a link, who was told of signs."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from src.platform.access.policy import table
from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.base import Base
from src.platform.db.prepared import once
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents.models import (
    FamilyNotice,
    Forwarding,
    Incident,
    IncidentLink,
    Injury,
    Interview,
    NarrativeToken,
    Participation,
    Report,
)
from src.platform.incidents.states import LINKABLE
from src.platform.kit import clock
from src.platform.vault import service as vault

_MOST_SIMILAR = 5


_FORWARDINGS = select(Forwarding).where(Forwarding.incident_id == bindparam("incident")).order_by(Forwarding.id)


def forwardings_of(incident_id: UUID) -> Read[Forwarding]:
    """The same, to be read with others."""
    return Read(("forwarding", incident_id), _FORWARDINGS, {"incident": incident_id})


async def forwardings(unit: Unit, incident_id: UUID) -> list[Forwarding]:
    """To whom the serious signs of one incident were made known, and why not."""
    return await together.rows(unit.session, forwardings_of(incident_id))


def similar_to(unit: Unit, incident: Incident, facts: Mapping[str, object]) -> Read[Incident]:
    """Open incidents that may be the same: a child named in both, or the same day with place and kind not apart."""
    roles = unit.me.roles
    asked = {
        "incident": incident.id,
        "day": incident.happened_on or clock.local_date(incident.reported_at),
        "place": incident.place,
        "violence": incident.violence_types,
        "behaviours": incident.problem_behaviours,
        "is_new": incident.state == "reported",
    }
    query = once(("similar", roles), table(), lambda: _similar(roles))
    return Read(("similar", incident.id), query, {**facts, **asked})


def _similar(roles: frozenset[str]) -> Select[Incident]:
    other = aliased(Participation)
    shared = exists().where(
        Participation.incident_id == Incident.id,
        Participation.kind == "student",
        Participation.link_blind == other.link_blind,
        other.incident_id == bindparam("incident"),
    )
    on = func.coalesce(Incident.happened_on, cast(func.timezone(clock.LOCAL_ZONE.key, Incident.reported_at), Date))
    place = bindparam("place", type_=Text)
    same_kind = or_(
        Incident.violence_types.overlap(bindparam("violence", type_=ARRAY(Text))),
        Incident.problem_behaviours.overlap(bindparam("behaviours", type_=ARRAY(Text))),
    )
    unknown = or_(place.is_(None), Incident.place.is_(None))
    alike = and_(on == bindparam("day", type_=Date), or_(unknown, Incident.place == place, same_kind))
    return (
        select(Incident)
        .where(scope(roles, "incident.screen"), scope(roles, "incident.read"))
        .where(Incident.id != bindparam("incident"), Incident.state.in_(LINKABLE), or_(shared, alike))
        .where(bindparam("is_new", type_=Boolean))
        .order_by(Incident.reported_at, Incident.id)
        .limit(_MOST_SIMILAR)
    )


def beside_of(unit: Unit, incident: Incident, facts: Mapping[str, object]) -> Read[Incident]:
    """The incidents that are linked to this one and the one that it is linked to, as far as the reader may see them."""
    roles = unit.me.roles
    query = once(("beside", roles), table(), lambda: _beside(roles))
    asked = {"incident": incident.id, "lives_on": incident.linked_into}
    return Read(("beside", incident.id), query, {**facts, **asked})


def _beside(roles: frozenset[str]) -> Select[Incident]:
    return select(Incident).where(
        scope(roles, "incident.read"),
        or_(Incident.linked_into == bindparam("incident"), Incident.id == bindparam("lives_on")),
    )


async def similar(unit: Unit, incident: Incident) -> list[Incident]:
    """Open incidents that may tell of the same, for the team only."""
    return await together.rows(unit.session, similar_to(unit, incident, await vault.facts(unit)))


async def beside(unit: Unit, incident: Incident) -> list[Incident]:
    """What is linked to an incident, and where it is linked to."""
    return await together.rows(unit.session, beside_of(unit, incident, await vault.facts(unit)))


async def link_of(unit: Unit, incident_id: UUID) -> IncidentLink | None:
    """The link that an incident stands in now."""
    query = select(IncidentLink).where(IncidentLink.incident_id == incident_id, IncidentLink.undone_at.is_(None))
    return (await unit.session.scalars(query)).one_or_none()


async def move_reports(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """Reports become those of another incident."""
    await unit.session.execute(_moved(Report, Report.id.in_(ids), incident_id=incident_id))


async def move_people(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """People become those of another incident."""
    await unit.session.execute(_moved(Participation, Participation.id.in_(ids), incident_id=incident_id))


async def move_tokens(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """Marked names follow the texts that they stand in."""
    await unit.session.execute(_moved(NarrativeToken, NarrativeToken.id.in_(ids), incident_id=incident_id))


async def move_interviews(unit: Unit, from_id: UUID, into_id: UUID) -> None:
    """Every talk of one incident becomes one of another."""
    await unit.session.execute(_moved(Interview, Interview.incident_id == from_id, incident_id=into_id))


async def move_forwardings(unit: Unit, from_id: UUID, into_id: UUID) -> None:
    """What police and commission know of one incident they know of another."""
    await unit.session.execute(_moved(Forwarding, Forwarding.incident_id == from_id, incident_id=into_id))


async def move_injuries(unit: Unit, from_id: UUID, into_id: UUID) -> bool:
    """Every injury noted in one incident is noted in another; whether there was one."""
    query = _moved(Injury, Injury.incident_id == from_id, incident_id=into_id).returning(Injury.id)
    return bool((await unit.session.scalars(query)).all())


async def stand_for(unit: Unit, incident_id: UUID, old: UUID, new: UUID) -> None:
    """Talks, injuries and marked names of an incident mean the same person under another row."""
    for moved in (Interview, Injury, NarrativeToken):
        mine = and_(moved.incident_id == incident_id, moved.participation_id == old)
        await unit.session.execute(_moved(moved, mine, participation_id=new))


async def move_notices(unit: Unit, people: Collection[UUID], incident_id: UUID) -> None:
    """What the parents of children were told is told of another incident."""
    await unit.session.execute(_moved(FamilyNotice, FamilyNotice.participation_id.in_(people), incident_id=incident_id))


async def join_notices(unit: Unit, twice: Mapping[UUID, UUID], incident_id: UUID) -> bool:
    """The same of children who stand in the other incident under another row; what was told there already stays.

    Whether any did.
    """
    both = {*twice, *twice.values()}
    found = (await unit.session.scalars(select(FamilyNotice).where(FamilyNotice.participation_id.in_(both)))).all()
    known = {one.participation_id for one in found}
    joined = [one for one in found if one.participation_id in twice and twice[one.participation_id] not in known]
    for one in joined:
        one.incident_id, one.participation_id = incident_id, twice[one.participation_id]
    return bool(joined)


async def follow(unit: Unit, from_id: UUID, into_id: UUID) -> list[UUID]:
    """What was linked to one incident is linked to another; which they are."""
    query = _moved(Incident, Incident.linked_into == from_id, linked_into=into_id).returning(Incident.id)
    return list((await unit.session.scalars(query)).all())


def _moved(table: type[Base], which: ColumnElement[bool], **values: object) -> Update:
    return update(table).where(which).values(**values).execution_options(synchronize_session=False)
