"""What the people of the demo region have done before anybody looks at it, each through the verbs of the pages."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from src.platform.accounts import service as accounts
from src.platform.accounts import tokens
from src.platform.db.binding import Inside, SignedIn
from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit, unit
from src.platform.doors import service as doors
from src.platform.kit import clock
from src.platform.referrals import agreements
from src.platform.referrals import views as referral_pages
from src.platform.roster import service as roster
from src.platform.roster import views as roster_pages
from src.platform.teams import service as teams
from src.platform.teams import views as team_pages
from src.platform.teams.schemas import NewOrder, TeamView
from src.platform.workdays import calendar

_CLASS_LIST = Path(__file__).with_name("class_list.csv")
_SERVICES = ["counselling", "victim_support", "parent_support"]
_FIELDS = ["given_name", "phone"]
_PROCEDURE = "Кейс-менеджер жолдайды, серіктес бес жұмыс күні ішінде жауап береді."
_CONTACTS = "Кейс-менеджер, 112-кабинет"


class Seat(NamedTuple):
    """A place in the team; `leads` is empty, leader or deputy. The leader is on duty first."""

    membership_id: UUID
    kind: str
    leads: str


class School(NamedTuple):
    """A school of the demo: who acts in it, and what it wants to have."""

    tenant_id: UUID
    director: str
    seats: list[Seat]
    class_teacher: UUID
    partner: UUID
    partner_worker: str
    class_list: bytes = _CLASS_LIST.read_bytes()


async def begin_school_year(school: School, password: str) -> None:
    """Classes loaded, one given to its teacher, an agreement signed, then the team ordered, its public address opened.

    Once the team is ordered everything is done, whatever the director's password has become since.
    """
    async with unit(Inside(TenantContext(school.tenant_id))) as work:
        if await teams.active_team(work) is not None:
            return
    async with signed_in(school.director, password) as mine:
        await load_classes(mine, school.class_list)
        async with unit(mine) as work:
            await _give_class(work, school.class_teacher)
        async with unit(mine) as work:
            await _agree(work, school.partner)
        async with signed_in(school.partner_worker, password) as theirs, unit(theirs) as work:
            await _sign(work)
        async with unit(mine) as work:
            await order_team(work, school.seats)
        async with unit(mine) as work:  # a seat gives its rights to the next request
            leader = next(seat.membership_id for seat in school.seats if seat.leads == "leader")
            await teams.hand_over_duty(work, leader)
        async with unit(mine) as work:
            await doors.keep(work, contact=leader, reach="112-кабинет, 9:00–17:00", is_on=True)


@asynccontextmanager
async def signed_in(sign_in: str, password: str) -> AsyncIterator[SignedIn]:
    """Somebody signed in for the block."""
    opened = await accounts.sign_in(sign_in, password)
    mine = SignedIn(tokens.token_hash(opened.token))
    yield mine
    async with unit(mine) as work:
        await accounts.sign_out(work, opened.token)


async def load_classes(mine: SignedIn, content: bytes) -> None:
    """A class list, as it is uploaded and confirmed; a second time changes nothing."""
    async with unit(mine) as work:
        draft = await roster.upload(work, content)
    async with unit(mine) as work:
        await roster.load(work, draft)


async def _agree(work: Unit, partner: UUID) -> None:
    """For twelve months from today, so that a child can be referred at once."""
    if not (await referral_pages.listing(work)).agreements:
        await agreements.sign(work, await agreements.draft(work, partner, terms(months=12)))


def terms(*, months: int, services: Sequence[str] = _SERVICES) -> agreements.Terms:
    """What an agreement says that holds from today."""
    today = clock.local_date(clock.now())
    return agreements.Terms(
        service_types=list(services),
        contract_fields=_FIELDS,
        procedure=_PROCEDURE,
        contacts=_CONTACTS,
        weekly_report_duty=True,
        biweekly_attendance_duty=True,
        confidentiality=True,
        valid_from=today,
        valid_to=calendar.add_months(today, months),
    )


async def _sign(work: Unit) -> None:
    for one in (await referral_pages.listing(work)).agreements:
        if not one.signed_by_both:
            await agreements.sign(work, one.id)


async def _give_class(work: Unit, teacher: UUID) -> None:
    classes = (await roster_pages.classes(work)).rows
    if not any(one.teacher for one in classes):
        first = await roster_pages.one(work, classes[0].id)
        await roster.appoint_teacher(work, first.id, first.version, teacher)


async def order_team(work: Unit, seats: list[Seat], order_no: str = "112-н") -> None:
    """The order of this school year, with everybody in their seats, in force."""
    today = clock.local_date(clock.now())
    order = NewOrder(school_year=teams.school_years()[0], order_no=order_no, order_date=today)
    team = await teams.draft_team(work, order)
    for seat in seats:
        await teams.add_member(work, team, seat.membership_id, seat.kind, today.replace(day=1))
    placed = {one.membership_id: one.id for one in (await _page_of(work, team)).seats}
    for seat in seats:
        if seat.leads:
            await teams.appoint(work, team, placed[seat.membership_id], leader=seat.leads == "leader")
    await teams.activate(work, team, (await _page_of(work, team)).version)


async def _page_of(work: Unit, team: UUID) -> TeamView:
    return next(one for one in (await team_pages.page(work)).teams if one.id == team)
