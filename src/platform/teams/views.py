"""The page of the security team."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.i18n import sort_key
from src.platform.teams import repository, service
from src.platform.teams.models import SecurityTeam, TeamDuty, TeamSeat
from src.platform.teams.schemas import Candidate, Minimum, Seat, TeamPage, TeamView
from src.platform.teams.states import ACTIVE, DRAFT, OPEN, Least
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

_VERBS = {
    "compose": ("team.compose", OPEN),
    "train": ("team.train", OPEN),
    "lead": ("team.order", OPEN),
    "activate": ("team.order", frozenset({DRAFT})),
    "end": ("team.order", frozenset({ACTIVE})),
    "hand_over": ("team.hand_over", frozenset({ACTIVE})),
}


async def page(unit: Unit) -> TeamPage:
    """The active team and the one in preparation. Names of colleagues are school-internal."""
    access.require(unit, "team.read")
    await repository.prefetch(unit, OPEN)
    teams = await repository.teams(unit, OPEN)
    seats = await repository.seats(unit, [team.id for team in teams])
    duty = await repository.duty(unit, clock.now())
    members = {member.membership_id: member for member in await tenants.members(unit)}
    may_compose = access.may_enter(unit.me, "team.compose")
    shown = [m for m in members.values() if may_compose and service.is_employee(m)]
    people = {m.person_id for m in shown} | {
        members[s.membership_id].person_id for s in seats if s.membership_id in members
    }
    names = _by_membership(members, await vault.staff_names(unit, people))
    smallest = await service.least(unit)
    return TeamPage(
        teams=[_view(unit, team, seats, duty, names, smallest) for team in teams],
        candidates=sorted(
            (Candidate(m.membership_id, names.get(m.membership_id, "")) for m in shown), key=lambda c: sort_key(c.name)
        ),
        school_years=service.school_years(),
        may_draft=access.may_enter(unit.me, "team.order"),
    )


def _view(
    unit: Unit,
    team: SecurityTeam,
    seats: Sequence[TeamSeat],
    duty: TeamDuty | None,
    names: Mapping[UUID, str],
    smallest: Least,
) -> TeamView:
    own = [seat for seat in seats if seat.team_id == team.id]
    counts = service.counts(own, smallest)
    on_duty = duty.membership_id if duty is not None and team.status == ACTIVE else None
    return TeamView(
        id=team.id,
        school_year=team.school_year,
        order_no=team.order_no,
        order_date=team.order_date,
        status=team.status,
        version=team.version,
        seats=[_seat(seat, names.get(seat.membership_id, ""), on_duty=seat.membership_id == on_duty) for seat in own],
        checklist=[Minimum(code=c.code, have=c.have, least=c.least, met=c.met) for c in counts],
        ready=all(count.met for count in counts) and all(seat.trained_on for seat in own),
        may=[v for v, (permission, fits) in _VERBS.items() if team.status in fits and access.may(unit.me, permission)],
    )


def _seat(seat: TeamSeat, name: str, *, on_duty: bool) -> Seat:
    return Seat(
        id=seat.id,
        membership_id=seat.membership_id,
        name=name,
        kind=seat.kind,
        trained_on=seat.trained_on,
        is_leader=seat.is_leader,
        is_deputy=seat.is_deputy,
        on_duty=on_duty,
    )


def _by_membership(members: Mapping[UUID, Member], names: Mapping[UUID, str]) -> dict[UUID, str]:
    return {i: names[m.person_id] for i, m in members.items() if m.person_id in names}
