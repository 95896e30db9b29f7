"""Verbs of the security team: draft, fill, train, lead, activate, end, hand over duty."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.base import Base
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, QorganError, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.teams import events, repository, states
from src.platform.teams.errors import (
    AlreadyActiveError,
    AlreadyInTeamError,
    DraftExistsError,
    LeaderStaysError,
    TeamIncompleteError,
    WrongTeamStateError,
)
from src.platform.teams.models import SecurityTeam, TeamDuty, TeamSeat
from src.platform.teams.schemas import NewOrder, Team, TeamMember
from src.platform.teams.states import ACTIVE, DRAFT, ENDED, OPEN, Count, Least
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.workdays import calendar

all_active_seats = repository.all_active_seats
"""A read that a page may ask for together with its own."""


async def draft_team(unit: Unit, order: NewOrder) -> UUID:
    """Begin the order of a school year (R-001). Raises DraftExistsError, Invalid."""
    access.require(unit, "team.order")
    if order.school_year not in school_years():
        raise _invalid("school_year")
    team = SecurityTeam(
        tenant_id=unit.tenant_id,
        id=new_id(),
        school_year=order.school_year,
        order_no=order.order_no,
        order_date=order.order_date,
        status=DRAFT,
        version=1,
    )
    await _add(unit, team, DraftExistsError)
    audit.record(unit, "team.drafted", "security_team", [team.id])
    return team.id


async def add_member(unit: Unit, team_id: UUID, membership_id: UUID, kind: str, trained_on: date | None = None) -> None:
    """Give an employee a seat; in an active team it counts at once. Raises Invalid, AlreadyInTeamError."""
    team = await _team(unit, team_id, "team.compose", OPEN)
    members = await _members(unit)
    if membership_id not in members or not is_employee(members[membership_id]):
        raise _invalid("membership_id")
    if kind == "director" and not is_director(members[membership_id]):
        raise Invalid(fields=[FieldError("kind", "not_director", N_("Only the director of the school has this seat"))])
    _check_past("trained_on", trained_on)
    seat = TeamSeat(
        tenant_id=unit.tenant_id,
        id=new_id(),
        team_id=team.id,
        membership_id=membership_id,
        kind=kind,
        trained_on=trained_on,
        is_leader=False,
        is_deputy=False,
        added_at=clock.now(),
    )
    await _add(unit, seat, AlreadyInTeamError)
    await _settle_roles(unit, team, {})
    _changed(unit, team, "team.member_added")


async def remove_member(unit: Unit, team_id: UUID, seat_id: UUID) -> None:
    """Take a seat away, and what it gave. Raises LeaderStaysError for a leader of an active team."""
    team = await _team(unit, team_id, "team.compose", OPEN)
    await _vacate(unit, team, await _seat(unit, team, seat_id))


async def hold_still(unit: Unit, leaving: UUID) -> None:
    """Nobody changes a team until somebody has left; called before memberships are locked, as the verbs do.

    Raises LeaderStaysError for a leader of an active team.
    """
    for team, seat in await _seats_of(unit, leaving):
        _check_no_leader(team, seat)


async def let_go(unit: Unit, membership_id: UUID) -> None:
    """Somebody has left the school: every seat and the duty end. Raises LeaderStaysError."""
    for team, seat in await _seats_of(unit, membership_id):
        await _vacate(unit, team, seat)


async def record_training(unit: Unit, team_id: UUID, seat_id: UUID, trained_on: date) -> None:
    """Note the programme training of a member (R-006). Raises Invalid for a day to come."""
    team = await _team(unit, team_id, "team.train", OPEN)
    seat = await _seat(unit, team, seat_id)
    _check_past("trained_on", trained_on)
    seat.trained_on = trained_on
    _changed(unit, team, "team.training_recorded")


async def appoint(unit: Unit, team_id: UUID, seat_id: UUID, *, leader: bool) -> None:
    """Make a member leader or deputy from now on; who had the place stays a member. Raises LeaderStaysError."""
    team = await _team(unit, team_id, "team.order", OPEN)
    seat = await _seat(unit, team, seat_id)
    if team.status == ACTIVE and (seat.is_deputy if leader else seat.is_leader):
        raise LeaderStaysError
    before = await _roles_given(unit, team)
    await repository.take_place(unit, team.id, seat.id, leader=leader)
    await _settle_roles(unit, team, before)
    _changed(unit, team, "team.leader_appointed" if leader else "team.deputy_appointed")


async def activate(unit: Unit, team_id: UUID, version: int) -> None:
    """Put the order in force; the team of another year ends (R-001 … R-005).

    Raises TeamIncompleteError with everything that is missing, AlreadyActiveError, StaleVersion.
    """
    team = await _team(unit, team_id, "team.order", {DRAFT})
    if team.version != version:
        raise StaleVersion
    missing = list(states.complaints(counts(await repository.seats(unit, [team.id]), await least(unit))))
    if missing:
        raise TeamIncompleteError(fields=missing)
    before: dict[UUID, str] = {}
    for other in await repository.teams(unit, {ACTIVE}):
        if other.school_year == team.school_year:
            raise AlreadyActiveError
        before |= await _roles_given(unit, other)
        _end(other)
    await unit.session.flush()  # an ended team makes room for this one
    team.status, team.activated_at = ACTIVE, clock.now()
    await unit.session.flush()  # the seats count from here on
    await _settle_roles(unit, team, before)
    await outbox.emit(unit, events.IN_FORCE, {"month": calendar.month_of(clock.local_date(team.activated_at))})
    _changed(unit, team, "team.activated")


async def end(unit: Unit, team_id: UUID, version: int) -> None:
    """The order is no longer in force; what the seats gave is taken back. Raises StaleVersion."""
    team = await _team(unit, team_id, "team.order", {ACTIVE})
    if team.version != version:
        raise StaleVersion
    before = await _roles_given(unit, team)
    _end(team)
    await repository.end_duty(unit, clock.now())
    await _settle_roles(unit, team, before)
    _changed(unit, team, "team.ended")


async def hand_over_duty(unit: Unit, membership_id: UUID) -> None:
    """From now on another member of the active team takes reports first. Raises Invalid."""
    access.require(unit, "team.hand_over")
    if membership_id not in {seat.membership_id for seat in await repository.active_seats(unit)}:
        raise _invalid("membership_id")
    at = clock.now()
    await repository.end_duty(unit, at)
    duty = TeamDuty(tenant_id=unit.tenant_id, id=new_id(), membership_id=membership_id, from_at=at)
    await _add(unit, duty, WrongTeamStateError)
    audit.record(unit, "team.duty_handed_over", "team_duty", [duty.id, membership_id])


async def active_team(unit: Unit) -> Team | None:
    """The team in force."""
    for team in await repository.teams(unit, {ACTIVE}):
        return Team(
            id=team.id,
            school_year=team.school_year,
            order_no=team.order_no,
            order_date=team.order_date,
            activated_at=team.activated_at,
        )
    return None


async def had_team(unit: Unit, month: int) -> bool:
    """Whether a team was in force in a month (YYYYMM)."""
    return await repository.was_in_force(unit, *calendar.month_bounds(month))


async def active_members(unit: Unit) -> list[TeamMember]:
    """Who sits in the team in force and still works here."""
    members = await _members(unit)
    return [
        _member(seat, members[seat.membership_id])
        for seat in await repository.active_seats(unit)
        if seat.membership_id in members
    ]


async def contacts(unit: Unit) -> list[UUID]:
    """The people whom everybody may turn to: leader and deputy of the team in force (R-033). Reads settings along."""
    seats = repository.all_active_seats()
    await together.prefetch(unit.session, seats, tenants.all_members(), tenants.all_settings())
    members = await _members(unit)
    leading = [one for one in await together.rows(unit.session, seats) if one.is_leader or one.is_deputy]
    leading.sort(key=lambda one: one.is_deputy)
    return [members[one.membership_id].person_id for one in leading if one.membership_id in members]


async def duty_member(unit: Unit, at: datetime) -> TeamMember | None:
    """Who is on duty at a moment, if they sit in the team in force."""
    duty = await repository.duty(unit, at)
    members = await active_members(unit) if duty else []
    return next((one for one in members if duty and one.membership_id == duty.membership_id), None)


async def least(unit: Unit) -> Least:
    """The smallest team that this school may activate."""
    return Least(
        members=await tenants.setting(unit, "team_members_at_least"),
        specialists=await tenants.setting(unit, "team_specialists_at_least"),
        teachers=await tenants.setting(unit, "team_teachers_at_least"),
    )


def counts(seats: Collection[TeamSeat], smallest: Least) -> list[Count]:
    """The checklist of a team with these seats."""
    places = {name for seat in seats for name, taken in _places(seat) if taken}
    return states.checklist([seat.kind for seat in seats], places, smallest)


def school_years() -> list[str]:
    """The years that an order may name: this one and the next."""
    today = clock.local_date(clock.now())
    return [states.school_year(today), states.school_year(today, ahead=1)]


def is_employee(member: Member) -> bool:
    """Whether the member works for the school: every employee reports (R-030)."""
    return bool(member.roles & access.roles_with("report.submit"))


def is_director(member: Member) -> bool:
    """Whether the member is who orders the team (R-003)."""
    return bool(member.roles & access.roles_with("team.order"))


async def _team(unit: Unit, team_id: UUID, permission: str, allowed: Collection[str]) -> SecurityTeam:
    team = await repository.locked(unit, team_id)
    if team is None:
        raise NotFound
    access.demand(unit.me, permission, (), reading="team.read")
    if team.status not in allowed:
        raise WrongTeamStateError
    return team


async def _seats_of(unit: Unit, membership_id: UUID) -> list[tuple[SecurityTeam, TeamSeat]]:
    return [
        (team, seat)
        for team in await repository.open_locked(unit, OPEN)
        for seat in await repository.seats(unit, [team.id])
        if seat.membership_id == membership_id
    ]


async def _vacate(unit: Unit, team: SecurityTeam, seat: TeamSeat) -> None:
    _check_no_leader(team, seat)
    before = await _roles_given(unit, team)
    seat.ended_at = clock.now()
    await unit.session.flush()  # the seats are read again
    if team.status == ACTIVE:
        await repository.end_duty(unit, clock.now(), of=seat.membership_id)
    await _settle_roles(unit, team, before)
    _changed(unit, team, "team.member_removed")


def _check_no_leader(team: SecurityTeam, seat: TeamSeat) -> None:
    if team.status == ACTIVE and (seat.is_leader or seat.is_deputy):
        raise LeaderStaysError


async def _seat(unit: Unit, team: SecurityTeam, seat_id: UUID) -> TeamSeat:
    for seat in await repository.seats(unit, [team.id]):
        if seat.id == seat_id:
            return seat
    raise NotFound


async def _members(unit: Unit) -> dict[UUID, Member]:
    return {member.membership_id: member for member in await tenants.members(unit)}


async def _roles_given(unit: Unit, team: SecurityTeam) -> dict[UUID, str]:
    """Membership -> role that the seats of an active team give."""
    if team.status != ACTIVE:
        return {}
    return {seat.membership_id: seat.gives_role for seat in await repository.seats(unit, [team.id])}


async def _settle_roles(unit: Unit, team: SecurityTeam, before: Mapping[UUID, str]) -> None:
    """Take back what seats gave before and give what they give now."""
    now, members = await _roles_given(unit, team), await _members(unit)
    for membership_id, role in before.items():
        if membership_id in members and now.get(membership_id) != role:
            await tenants.revoke_role(unit, membership_id, role)
    for membership_id, role in now.items():
        if membership_id in members:
            await tenants.grant_role(unit, membership_id, role)
    await outbox.emit(unit, events.CHANGED, {})


async def _add(unit: Unit, row: Base, complaint: Callable[[], QorganError]) -> None:
    """Add a row whose uniqueness is the database's word; a savepoint keeps the transaction fit for the form."""
    try:
        async with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError as error:
        raise complaint() from error


def _end(team: SecurityTeam) -> None:
    team.status, team.ended_at, team.version = ENDED, clock.now(), team.version + 1


def _changed(unit: Unit, team: SecurityTeam, verb: str) -> None:
    team.version += 1
    audit.record(unit, verb, "security_team", [team.id])


def _places(seat: TeamSeat) -> tuple[tuple[str, bool], tuple[str, bool]]:
    return ("leader", seat.is_leader), ("deputy", seat.is_deputy)


def _member(seat: TeamSeat, member: Member) -> TeamMember:
    return TeamMember(
        membership_id=member.membership_id,
        user_id=member.user_id,
        person_id=member.person_id,
        kind=seat.kind,
        trained_on=seat.trained_on,
        is_leader=seat.is_leader,
        is_deputy=seat.is_deputy,
    )


def _check_past(field: str, day: date | None) -> None:
    if day is not None and day > clock.local_date(clock.now()):
        raise Invalid(fields=[FieldError(field, "in_future", N_("This day is still to come"))])


def _invalid(field: str) -> Invalid:
    return Invalid(fields=[FieldError(field, "not_an_option", N_("Choose one of the answers"))])
