"""Every query of the module."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, SQLColumnExpression, bindparam, select, tuple_, update

from src.platform.access.policy import table
from src.platform.access.relations import my_relations, scope
from src.platform.casework import policy
from src.platform.casework.models import ChildCase, MonitoringNote
from src.platform.db import together
from src.platform.db.prepared import once
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit.cursor import Place
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

RELATIONS = policy.__name__


@dataclass(frozen=True, slots=True)
class Tied:
    """A case with the relations that tie the reader to it."""

    case: ChildCase
    relations: list[str]


def _scoped(roles: frozenset[str]) -> Select[ChildCase, list[str]]:
    return select(ChildCase, my_relations("child_case")).where(scope(roles, "child_case.read"))


async def one(unit: Unit, case_id: UUID) -> Tied | None:
    """One case if the reader may."""
    roles = unit.me.roles
    query = once(("case", roles), table(), lambda: _scoped(roles).where(ChildCase.id == bindparam("case")))
    row = (await unit.session.execute(query, {**await vault.facts(unit), "case": case_id})).one_or_none()
    return Tied(row[0], row[1]) if row else None


async def some(unit: Unit, case_ids: Collection[UUID]) -> list[Tied]:
    """Those of these cases that the reader may see."""
    query = _scoped(unit.me.roles).where(ChildCase.id.in_(case_ids))
    return [Tied(row[0], row[1]) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def plain(unit: Unit, case_id: UUID) -> ChildCase:
    """One case for a job, which has no reader."""
    return (await unit.session.scalars(select(ChildCase).where(ChildCase.id == case_id))).one()


_ALONE = select(ChildCase).where(ChildCase.id == bindparam("case"))


def standing_alone(case_id: UUID) -> Read[ChildCase]:
    """A case as the one child that stands in it; the caller has asked the scope."""
    return Read(("case_alone", case_id), _ALONE, {"case": case_id})


async def page(unit: Unit, *, after: Place | None, state: str | None, most: int) -> list[Tied]:
    """Cases that the reader may see, the newest first."""
    query = _scoped(unit.me.roles).order_by(ChildCase.opened_at.desc(), ChildCase.id.desc()).limit(most)
    if state is not None:
        query = query.where(ChildCase.state == state)
    if after is not None:
        query = query.where(tuple_(ChildCase.opened_at, ChildCase.id) < after)
    return [Tied(row[0], row[1]) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


def of_incident(unit: Unit, facts: Mapping[str, object], incident_id: UUID) -> Read[ChildCase]:
    """Cases of an incident that the reader may see, by the scope of the list: the incident opens none (R-051)."""
    roles = unit.me.roles
    query = once(("cases_of", roles), table(), lambda: _of_incident(roles))
    return Read(("cases_of", incident_id), query, {**facts, "incident": incident_id})


def _of_incident(roles: frozenset[str]) -> Select[ChildCase]:
    query = select(ChildCase).where(ChildCase.incident_id == bindparam("incident"), scope(roles, "child_case.read"))
    return query.order_by(ChildCase.opened_at, ChildCase.id)


async def readable_by(
    unit: Unit, roles: frozenset[str], facts: dict[str, object], case_id: UUID, permission: str = "child_case.read"
) -> bool:
    """Whether somebody with these roles and facts may read a case, or more: the same scope as their own list."""
    query = select(ChildCase.id).where(scope(roles, permission), ChildCase.id == case_id)
    return (await unit.session.execute(query, facts)).one_or_none() is not None


def participation_of(case_id: SQLColumnExpression[Any]) -> ScalarSelect[UUID]:
    """The participation that a case is about, inside another statement."""
    return select(ChildCase.participation_id).where(ChildCase.id == case_id).scalar_subquery()


async def of_participation(unit: Unit, participation_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The case that is about a participation, and its manager."""
    query = select(ChildCase.id, ChildCase.manager).where(ChildCase.participation_id == participation_id)
    row = (await unit.session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else (None, None)


async def of_incident_locked(unit: Unit, incident_id: UUID) -> list[ChildCase]:
    """All cases of an incident, locked in one order: two appointments cannot pass each other (R-075)."""
    query = select(ChildCase).where(ChildCase.incident_id == incident_id).order_by(ChildCase.id).with_for_update()
    return list((await unit.session.scalars(query)).all())


async def leave_without(unit: Unit, manager: UUID) -> list[UUID]:
    """Running cases of a manager wait for another one; the cases."""
    done = await unit.session.execute(
        update(ChildCase)
        .where(ChildCase.manager == manager, ChildCase.state == "active")
        .values(manager=None, state="opened", version=ChildCase.version + 1)
        .returning(ChildCase.id)
        .execution_options(synchronize_session=False)
    )
    return list(done.scalars().all())


async def appoint(unit: Unit, case_id: UUID, version: int, manager: UUID) -> bool:
    """Set the manager if nobody changed the case since `version`."""
    done = await unit.session.execute(
        update(ChildCase)
        .where(ChildCase.id == case_id, ChildCase.version == version)
        .values(manager=manager, state="active", version=ChildCase.version + 1)
        .returning(ChildCase.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def managed(unit: Unit, incident_id: UUID) -> set[UUID]:
    """Participations of an incident whose case has a manager."""
    query = select(ChildCase.participation_id).where(
        ChildCase.incident_id == incident_id, ChildCase.manager.is_not(None)
    )
    return set((await unit.session.scalars(query)).all())


async def one_locked(unit: Unit, case_id: UUID) -> Tied | None:
    """One case if the reader may, locked for a write."""
    query = _scoped(unit.me.roles).where(ChildCase.id == case_id).with_for_update(of=ChildCase)
    row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Tied(row[0], row[1]) if row else None


_NOTES = (
    select(MonitoringNote)
    .where(MonitoringNote.case_id == bindparam("case"))
    .order_by(MonitoringNote.noted_at, MonitoringNote.id)
)


def _notes(case_id: UUID) -> Read[MonitoringNote]:
    return Read(("monitoring_note", case_id), _NOTES, {"case": case_id})


async def notes(unit: Unit, case_id: UUID) -> list[MonitoringNote]:
    """What was seen of a victim, the earliest first."""
    return await together.rows(unit.session, _notes(case_id))


async def prefetch(unit: Unit, case_id: UUID) -> None:
    """What the page of a case shows, in one statement."""
    await together.prefetch(unit.session, _notes(case_id), tenants.all_members())
