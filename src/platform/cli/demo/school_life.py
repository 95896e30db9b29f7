"""What the director of the demo school has done before anybody signs in: the classes loaded, the team ordered."""

from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from src.platform.accounts import service as accounts
from src.platform.accounts import tokens
from src.platform.db.binding import SignedIn
from src.platform.db.unit import Unit, unit
from src.platform.kit import clock
from src.platform.roster import service as roster
from src.platform.teams import service as teams
from src.platform.teams import views as team_pages
from src.platform.teams.schemas import NewOrder

_CLASS_LIST = Path(__file__).with_name("class_list.csv")


class Seat(NamedTuple):
    """A place in the team; `leads` is empty, leader or deputy. The leader is on duty first."""

    membership_id: UUID
    kind: str
    leads: str


async def begin_school_year(director: str, password: str, seats: list[Seat]) -> None:
    """Do as the director what is not done yet, through the same verbs as the pages."""
    opened = await accounts.sign_in(director, password)
    mine = SignedIn(tokens.token_hash(opened.token))
    async with unit(mine) as work:
        ordered = await teams.active_team(work) is not None
    if not ordered:
        async with unit(mine) as work:
            draft = await roster.upload(work, _CLASS_LIST.read_bytes())
        async with unit(mine) as work:
            await roster.load(work, draft)  # a second time changes nothing
            await _order_team(work, seats)
        async with unit(mine) as work:  # a seat gives its rights to the next request
            await teams.hand_over_duty(work, next(seat.membership_id for seat in seats if seat.leads == "leader"))
    async with unit(mine) as work:
        await accounts.sign_out(work, opened.token)


async def _order_team(work: Unit, seats: list[Seat]) -> None:
    today = clock.local_date(clock.now())
    order = NewOrder(school_year=teams.school_years()[0], order_no="112-н", order_date=today)
    team = await teams.draft_team(work, order)
    for seat in seats:
        await teams.add_member(work, team, seat.membership_id, seat.kind, today.replace(day=1))
    placed = {one.membership_id: one.id for one in (await team_pages.page(work)).teams[0].seats}
    for seat in seats:
        if seat.leads:
            await teams.appoint(work, team, placed[seat.membership_id], leader=seat.leads == "leader")
    await teams.activate(work, team, (await team_pages.page(work)).teams[0].version)
