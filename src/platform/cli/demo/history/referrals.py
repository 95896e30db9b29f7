"""The story of one referral: sent by the manager, answered or not, reported on week by week in the partner's way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from src.platform.cli.demo.history.cast import SchoolCast
from src.platform.cli.demo.history.plots import in_days, later, on_day, texts
from src.platform.cli.demo.history.region import History
from src.platform.cli.demo.history.teller import asked
from src.platform.commission import service as commission
from src.platform.db.unit import Unit
from src.platform.kit.clock import local_date
from src.platform.referrals import attendance, endings, notes, opening, referring, service, views, weekly
from src.platform.referrals.referring_schemas import Asked, Help, Preview, Recipient
from src.platform.workdays.calendar import add_days, monday_of, week_after, week_of

Story = AsyncIterator[datetime]
_HELP = Help(
    registered_address="Абай даңғылы, 1-үй",
    office="112-кабинет, 9:00–17:00",
    destination=["commission"],
    needed_actions="Отбасымен жұмыс",
    previous_measures="Мектеп психологымен бес кездесу",
)
_FRIDAY, _LATE_DAY = 4, 9
"""Days after Monday of the week: a report in time, and one that comes late."""


class Manner(NamedTuple):
    """How a partner works: shares of the referrals that it declines, and of the weeks it reports late or never."""

    key: str
    sign_in: str
    services: tuple[str, ...]
    declines: float = 0.0
    late: float = 0.0
    silent: float = 0.0


PARTNERS = (
    Manner("ngo", "partner@demo.kz", ("counselling", "victim_support", "parent_support"), 0.05, 0.06, 0.02),
    Manner("tirek", "partner2@demo.kz", ("counselling", "behaviour_correction"), 0.15, 0.5, 0.12),
    Manner("family", "family@demo.kz", ("parent_support", "relations_change"), 0.1, 0.1, 0.45),
    Manner("health", "health@demo.kz", ("medical_care",), 0.1, 0.15, 0.05),
    Manner("social", "protection@demo.kz", ("targeted_service",), 0.45, 0.2, 0.2),
    Manner("commission", "commission@demo.kz", ("targeted_service",), 0.0, 0.2, 0.1),
)
_WEIGHTS = (34, 20, 16, 14, 10, 6)


class Service:
    """One referral and the two who have to do with it."""

    def __init__(self, history: History, school: SchoolCast, manager: str, rng: Random) -> None:
        self.history, self.school, self.manager = history, school, manager
        self.rng = rng
        self.partner = rng.choices(PARTNERS, _WEIGHTS)[0]
        self.calendar = history.calendar(school)
        self.id = UUID(int=0)

    async def ours(self, verb: Callable[[Unit], Awaitable[Any]]) -> Any:
        """An act of the case manager."""
        return await self.history.teller.act(self.school.sign_in(self.manager), verb)

    async def theirs(self, verb: Callable[[Unit], Awaitable[Any]]) -> Any:
        """An act of the partner."""
        return await self.history.teller.act(self.partner.sign_in, verb)

    def text(self, kind: str) -> str:
        """One of the sentences of a kind."""
        return self.rng.choice(texts()[kind])

    def wait(self, days: int) -> datetime:
        """A moment so many working days from now."""
        return in_days(self.calendar, self.history.now, days, self.rng)


async def tell(history: History, school: SchoolCast, case_id: UUID, manager: str, rng: Random) -> Story:
    """From the manager's desk to the final report."""
    one = Service(history, school, manager, Random(rng.random()))  # noqa: S311  # a seed decides
    yield one.wait(1)
    await _send(one, case_id)
    if one.rng.random() < 0.06:  # noqa: PLR2004
        yield later(history.now, 30)
        await one.ours(lambda work: _recall(work, one.id))
        return
    if one.rng.random() < 0.05:  # noqa: PLR2004
        return  # nobody there looks into the inbox
    yield one.wait(one.rng.randrange(1, 8))
    await one.theirs(lambda work: _open(work, one.id))
    if one.rng.random() < one.partner.declines:
        yield one.wait(1)
        await one.theirs(lambda work: _decline(work, one.id))
        return
    await one.theirs(lambda work: _accept(work, one.id))
    if one.partner.key == "commission":
        yield one.wait(1)
        await history.teller.settle()
        await one.theirs(lambda work: _to_curator(work, one.id))
    async for moment in _weeks(one):
        yield moment


async def _send(one: Service, case_id: UUID) -> None:
    recipient = Recipient(one.history.tenants[one.partner.key], one.rng.choice(one.partner.services))
    reason = one.text("reason")

    async def looked_and_sent(work: Unit) -> UUID:
        child = await referring.of_case(work, case_id)
        wanted = Asked(
            recipients=[recipient], reason=reason, read_for_identities=True, sure=True, consent=True, help=_HELP
        )
        shown = await referring.refer(work, child, wanted)
        if not isinstance(shown, Preview):
            raise TypeError
        sent = await referring.refer(work, child, msgspec.structs.replace(wanted, seen=shown.seen))
        if isinstance(sent, Preview):
            raise TypeError
        return sent[0]

    one.id = UUID(await one.ours(looked_and_sent))
    await one.history.teller.settle()


async def _weeks(one: Service) -> Story:
    """Week by week: what the partner writes, when it writes, and whether both meet every other week."""
    week, often = week_of(local_date(one.history.now)), one.rng.randrange(4, 12)
    for number in range(often):
        monday = monday_of(week)
        luck = one.rng.random()
        day = _LATE_DAY if luck < one.partner.silent + one.partner.late else _FRIDAY
        at = max(on_day(add_days(monday, day), one.rng.randrange(10, 17), one.rng.randrange(60)), one.history.now)
        yield at
        if luck >= one.partner.silent:
            await _report(one, week)
        if number % 2 and one.rng.random() < 0.8:  # noqa: PLR2004  # some meetings are forgotten
            came = one.rng.random() < 0.85  # noqa: PLR2004
            today = local_date(one.history.now)
            await one.ours(asked(attendance.record, one.id, met_on=today, attended=came))
        week = week_after(week)
    yield one.wait(2)
    ending = "completed" if one.rng.random() < 0.65 else "family_refused"  # noqa: PLR2004
    text = one.text("ending")
    await one.theirs(lambda work: _end(work, one.id, ending, text))


async def _report(one: Service, week: str) -> None:
    if one.rng.random() < 0.12:  # noqa: PLR2004  # nothing new, said in one press
        await one.theirs(lambda work: weekly.no_change(work, one.id, week))
        return
    held = one.rng.randrange(1, 4)
    filed = weekly.Filed(
        week=week,
        sessions_count=held,
        attended_count=one.rng.randrange(held + 1),
        progress=one.rng.choice(("good", "good", "slight", "none", "worse")),
        work_done=one.text("weekly"),
    )
    note = one.text("notes") if one.rng.random() < 0.2 else ""  # noqa: PLR2004

    async def written(work: Unit) -> None:
        await weekly.submit(work, one.id, filed)
        if note:
            await notes.write(work, one.id, note)

    await one.theirs(written)


async def _open(work: Unit, referral_id: UUID) -> None:
    await opening.opened(work, referral_id)
    await views.opened(work, referral_id)


async def _version(work: Unit, referral_id: UUID) -> int:
    return (await views.one(work, referral_id)).version


async def _recall(work: Unit, referral_id: UUID) -> None:
    await service.recall(work, referral_id, await _version(work, referral_id))


async def _accept(work: Unit, referral_id: UUID) -> None:
    await service.accept(work, referral_id, await _version(work, referral_id))


async def _decline(work: Unit, referral_id: UUID) -> None:
    await service.decline(work, referral_id, await _version(work, referral_id), "no_capacity")


async def _end(work: Unit, referral_id: UUID, ending: str, text: str) -> None:
    await endings.end(work, referral_id, await _version(work, referral_id), ending=ending, text=text)


async def _to_curator(work: Unit, referral_id: UUID) -> None:
    curators = await commission.curators(work)
    await commission.open_case(work, referral_id, membership_id=min(one.membership_id for one in curators))
