"""Every query of the module; what others decide is found through the scope of the record itself (S-31)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update

from src.platform.access import service as access
from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.grants import registry
from src.platform.grants.models import AccessGrant
from src.platform.grants.states import WAITS
from src.platform.incidents.models import CODE_WORDS, Incident, Participation, Report
from src.platform.tenants.models import Membership
from src.platform.vault import service as vault

MOST = 100


async def listed(unit: Unit) -> list[AccessGrant]:
    """My requests, and those that I may decide, the latest first."""
    query = select(AccessGrant).where(_visible(unit)).order_by(AccessGrant.asked_at.desc(), AccessGrant.id).limit(MOST)
    return list((await unit.session.scalars(query, await vault.facts(unit))).all())


async def one(unit: Unit, grant_id: UUID) -> AccessGrant | None:
    """One of them."""
    query = select(AccessGrant).where(AccessGrant.id == grant_id, _visible(unit))
    return (await unit.session.scalars(query, await vault.facts(unit))).one_or_none()


async def decidable(unit: Unit, grant_id: UUID) -> AccessGrant | None:
    """One that I may decide, locked."""
    query = select(AccessGrant).where(AccessGrant.id == grant_id, _decidable(unit)).with_for_update(of=AccessGrant)
    return (await unit.session.scalars(query, await vault.facts(unit))).one_or_none()


async def mine(unit: Unit, grant_id: UUID) -> AccessGrant | None:
    """One that I asked for, locked."""
    query = select(AccessGrant).where(AccessGrant.id == grant_id, AccessGrant.asked_by == unit.me.membership_id)
    return (await unit.session.scalars(query.with_for_update())).one_or_none()


async def of_grant(unit: Unit, grant_id: UUID) -> AccessGrant | None:
    """One request for a job, which has no reader."""
    return (await unit.session.scalars(select(AccessGrant).where(AccessGrant.id == grant_id))).one_or_none()


async def waiting(unit: Unit, now: datetime) -> int:
    """How many requests of mine nobody has decided."""
    query = select(func.count()).where(
        AccessGrant.asked_by == unit.me.membership_id,
        AccessGrant.starts_at.is_(None),
        AccessGrant.refused_at.is_(None),
        AccessGrant.withdrawn_at.is_(None),
        AccessGrant.asked_at > now - WAITS,
    )
    return int((await unit.session.execute(query)).scalar_one())


async def opens_to_me(unit: Unit, kind: registry.Kind, record_id: UUID) -> bool:
    """Whether I may still ask about a record: a conflict since then ends it."""
    query = select(kind.id_column).where(kind.id_column == record_id, scope(unit.me.roles, kind.asking))
    return (await unit.session.execute(query, await vault.facts(unit))).one_or_none() is not None


async def numbers(unit: Unit, ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of incidents."""
    query = select(Incident.id, Incident.number).where(Incident.id.in_(ids))
    return {row.id: row.number for row in (await unit.session.execute(query)).all()}


async def user_of(unit: Unit, membership_id: UUID) -> UUID:
    """Whose membership it is or was."""
    query = select(Membership.user_id).where(Membership.id == membership_id)
    return (await unit.session.scalars(query)).one()


async def people(unit: Unit, incident_id: UUID) -> list[tuple[UUID, str]]:
    """(id, kind) of everybody of an incident, and of its reports that somebody signed."""
    named = select(Participation.id, Participation.kind).where(Participation.incident_id == incident_id)
    told = select(Report.id).where(Report.incident_id == incident_id, Report.reporter_sealed.is_not(None))
    found = [(row.id, CODE_WORDS[row.kind]) for row in await unit.session.execute(named)]
    return found + [(row.id, "reporter") for row in await unit.session.execute(told)]


async def participation(unit: Unit, owner_id: UUID) -> Participation | None:
    """The person of an incident whom a request is about."""
    return (await unit.session.scalars(select(Participation).where(Participation.id == owner_id))).one_or_none()


async def report(unit: Unit, owner_id: UUID) -> Report | None:
    """The report whose author a request is about."""
    return (await unit.session.scalars(select(Report).where(Report.id == owner_id))).one_or_none()


async def persons(unit: Unit, memberships: Collection[UUID]) -> dict[UUID, UUID]:
    """Who stands behind memberships, ended ones too: one person is two eyes, however often they were hired."""
    query = select(Membership.id, Membership.person_id).where(Membership.id.in_(memberships))
    return {row.id: row.person_id for row in (await unit.session.execute(query)).all()}


async def write(unit: Unit, row: AccessGrant, version: int, **changes: object) -> bool:
    """Change a request if nobody did since `version`."""
    done = await unit.session.execute(
        update(AccessGrant)
        .where(AccessGrant.id == row.id, AccessGrant.version == version)
        .values(version=AccessGrant.version + 1, **changes)
        .returning(AccessGrant.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


def _visible(unit: Unit) -> ColumnElement[bool]:
    return or_(AccessGrant.asked_by == unit.me.membership_id, _decidable(unit))


def _decidable(unit: Unit) -> ColumnElement[bool]:
    found = [
        and_(
            AccessGrant.kind == one.kind,
            AccessGrant.resource == one.resource,
            AccessGrant.record_id.in_(select(one.id_column).where(scope(unit.me.roles, one.deciding))),
        )
        for one in registry.kinds()
        if access.has_module(unit.me.roles, one.reading)
    ]
    return or_(false(), *found)
