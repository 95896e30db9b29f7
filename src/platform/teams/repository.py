"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, exists, or_, select, update

from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.teams.models import SecurityTeam, TeamDuty, TeamSeat
from src.platform.teams.states import ACTIVE
from src.platform.tenants import service as tenants

_IN_FORCE = TeamSeat.team_id.in_(select(SecurityTeam.id).where(SecurityTeam.status == ACTIVE))


async def locked(unit: Unit, team_id: UUID) -> SecurityTeam | None:
    """One team if the reader may see it, locked: changes of a team come one after the other."""
    query = select(SecurityTeam).where(SecurityTeam.id == team_id, scope(unit.me.roles, "team.read"))
    return (await unit.session.scalars(query.with_for_update())).one_or_none()


async def open_locked(unit: Unit, statuses: Collection[str]) -> list[SecurityTeam]:
    """Teams in some states, locked in one order, for somebody who leaves."""
    query = select(SecurityTeam).where(SecurityTeam.status.in_(statuses)).order_by(SecurityTeam.id)
    return list((await unit.session.scalars(query.with_for_update())).all())


async def teams(unit: Unit, statuses: Collection[str]) -> list[SecurityTeam]:
    """Teams in some states, the active one first."""
    return await together.rows(unit.session, _teams(statuses))


_TEAMS = (
    select(SecurityTeam)
    .where(SecurityTeam.status == any_(bindparam("statuses", type_=ARRAY(Text))))
    .order_by(SecurityTeam.status, SecurityTeam.school_year)
)
_SEATS_IN_FORCE = (
    select(TeamSeat).where(_IN_FORCE, TeamSeat.ended_at.is_(None)).order_by(TeamSeat.added_at, TeamSeat.id)
)


def _teams(statuses: Collection[str]) -> Read[SecurityTeam]:
    return Read(("team", *sorted(statuses)), _TEAMS, {"statuses": [*statuses]})


async def prefetch(unit: Unit, statuses: Collection[str]) -> None:
    """Teams in some states with what their page needs of the organisation, in one statement."""
    reads = (_teams(statuses), tenants.all_members(), tenants.all_settings())
    await together.prefetch(unit.session, *reads)


async def was_in_force(unit: Unit, since: datetime, until: datetime) -> bool:
    """Whether an order was in force on some day of a span."""
    lasted = SecurityTeam.ended_at.is_(None) | (SecurityTeam.ended_at > since)
    return bool(await unit.session.scalar(select(exists().where(SecurityTeam.activated_at < until, lasted))))


async def seats(unit: Unit, team_ids: Collection[UUID]) -> list[TeamSeat]:
    """Living seats, those first who came first."""
    return await _living(unit, TeamSeat.team_id.in_(team_ids))


async def active_seats(unit: Unit) -> list[TeamSeat]:
    """Living seats of the active team."""
    return await _living(unit, _IN_FORCE)


def all_active_seats() -> Read[TeamSeat]:
    """The same, to be read together with other lists."""
    return Read(("active_seat",), _SEATS_IN_FORCE, {})


async def take_place(unit: Unit, team_id: UUID, seat_id: UUID, *, leader: bool) -> None:
    """Make a seat that of the leader or the deputy; whoever had the place keeps a plain seat."""
    place = TeamSeat.is_leader if leader else TeamSeat.is_deputy
    living = (TeamSeat.team_id == team_id, TeamSeat.ended_at.is_(None))
    quietly = {"synchronize_session": False}
    await unit.session.execute(
        update(TeamSeat).where(*living, place).values({place.key: False}).execution_options(**quietly)
    )
    await unit.session.execute(
        update(TeamSeat)
        .where(*living, TeamSeat.id == seat_id)
        .values(is_leader=leader, is_deputy=not leader)
        .execution_options(**quietly)
    )


async def duty(unit: Unit, at: datetime) -> TeamDuty | None:
    """Who is on duty at a moment."""
    query = select(TeamDuty).where(TeamDuty.from_at <= at, or_(TeamDuty.to_at.is_(None), TeamDuty.to_at > at))
    return (await unit.session.scalars(query.order_by(TeamDuty.from_at.desc()).limit(1))).one_or_none()


async def end_duty(unit: Unit, at: datetime, *, of: UUID | None = None) -> None:
    """End the running duty, or only that of one member."""
    query = update(TeamDuty).where(TeamDuty.to_at.is_(None))
    if of is not None:
        query = query.where(TeamDuty.membership_id == of)
    await unit.session.execute(query.values(to_at=at).execution_options(synchronize_session=False))


async def _living(unit: Unit, condition: ColumnElement[bool]) -> list[TeamSeat]:
    query = select(TeamSeat).where(condition, TeamSeat.ended_at.is_(None)).order_by(TeamSeat.added_at, TeamSeat.id)
    return list((await unit.session.scalars(query.execution_options(populate_existing=True))).all())
