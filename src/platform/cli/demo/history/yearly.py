"""What happens whether or not anything happens to a child: orders, agreements, Form E, absences, messages, letters."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from src.platform.cli.demo.history.cast import STAFF, SchoolCast
from src.platform.cli.demo.history.plots import days_between, in_days, on_day
from src.platform.cli.demo.history.referrals import PARTNERS
from src.platform.cli.demo.history.region import History
from src.platform.cli.demo.history.teller import asked
from src.platform.cli.demo.school_life import Seat, order_team, terms
from src.platform.db.unit import Unit
from src.platform.deadlines import absences
from src.platform.kit.clock import local_date
from src.platform.monthly import service as monthly
from src.platform.monthly import views as monthly_pages
from src.platform.notifications import service as notifications
from src.platform.oversight import releases
from src.platform.oversight.letters import service as letters
from src.platform.referrals import agreement_views, agreements
from src.platform.teams import service as teams
from src.platform.workdays.calendar import (
    add_days,
    days_of_quarter,
    first_of,
    month_after,
    month_of,
    school_year_start,
    statistical_quarter,
)

Story = AsyncIterator[datetime]
_CITY = "city@demo.kz"
_READS = ("coordinator", "psychologist", "social")
_SIGNED = ("tirek", "family")
"""With the first NGO every school has an agreement from the beginning."""
_LETTERS = (
    (
        "Өткен айда топтың апталық жиналыстары өтпей қалды. Не кедергі болды?",
        "Сабақ кестесі ауысты, енді бейсенбі сайын.",
    ),
    ("Апталық жиналыстар кеш өтті. Қандай көмек керек?", "Топ мүшелері түгел болмады, орынбасар тағайындалды."),
)
"""What the city asks and what a head of a school answers."""
_RELEASED_AFTER = 11
"""Working days after a quarter: one more than the city has to wait."""


def of_school(history: History, school: SchoolCast, first: date, rng: Random) -> list[Story]:
    """The stories of one school."""
    style = history.schools.index(school)
    return [
        _agreements(history, school, first, Random(rng.random())),  # noqa: S311  # a seed decides, as everywhere here
        _form_e(history, school, first, style, Random(rng.random())),  # noqa: S311
        _absences(history, school, first, Random(rng.random())),  # noqa: S311
        _messages(history, school, first),
        _new_order(history, school, first),
        _letters(history, school, first, style, Random(rng.random())),  # noqa: S311
    ]


async def of_city(history: History, first: date) -> Story:
    """The city asks for the release of each quarter as soon as it may."""
    school = history.schools[0]
    quarter = statistical_quarter(first)
    while True:
        ready = history.calendar(school).add_working(days_of_quarter(quarter)[1], _RELEASED_AFTER)
        yield on_day(ready, 11)
        await history.teller.act(_CITY, asked(releases.ask, quarter))
        await history.teller.settle()
        quarter = statistical_quarter(add_days(days_of_quarter(quarter)[1], 1))


async def _agreements(history: History, school: SchoolCast, first: date, rng: Random) -> Story:
    """One in force with each partner that needs one; in time one runs out, one is ended, one waits, one is a draft."""
    by = _director(history, school)
    yield on_day(first, 10, 30)
    for partner in (one for one in PARTNERS if one.key in _SIGNED):
        months = 12 if partner.key != "tirek" else 3
        services = partner.services
        made = await by(asked(_draft, history, partner.key, months, services))
        await by(_signing(made))
        await history.teller.act(partner.sign_in, _signing(made))
    yield in_days(history.calendar(school), on_day(first, 12), 45, rng)
    ended = UUID(await _signed_by_both(history, "family", "legal_help", by))
    yield in_days(history.calendar(school), history.now, 20, rng)

    async def over(work: Unit) -> None:
        version = (await agreement_views.one(work, ended)).version
        await agreements.end(work, ended, version, "Маман жұмыстан кетті.")

    await by(over)
    yield in_days(history.calendar(school), history.now, 15, rng)
    await _signed_by_both(history, "tirek", "counselling", by, *("behaviour_correction",))
    await by(asked(_draft, history, "family", 12, ("legal_help",)))
    waits = await by(asked(_draft, history, "tirek", 12, ("shelter",)))
    await by(_signing(waits))


def _signing(agreement: str) -> Callable[[Unit], Awaitable[None]]:
    return lambda work: agreements.sign(work, UUID(agreement))


async def _signed_by_both(
    history: History, partner: str, service: str, by: Callable[..., Awaitable[Any]], *more: str
) -> str:
    made: str = await by(asked(_draft, history, partner, 12, (service, *more)))
    await by(_signing(made))
    sign_in = next(one.sign_in for one in PARTNERS if one.key == partner)
    await history.teller.act(sign_in, _signing(made))
    return made


async def _draft(work: Unit, history: History, partner: str, months: int, services: Sequence[str]) -> UUID:
    return await agreements.draft(work, history.tenants[partner], terms(months=months, services=services))


async def _form_e(history: History, school: SchoolCast, first: date, style: int, rng: Random) -> Story:
    """The first school is punctual, the second often late, the third misses months; one form is opened once more."""
    month, calendar = month_of(first), history.calendar(school)
    for number in range(10**6):
        opens, month_now = first_of(month_after(month)), month
        month = month_after(month)
        days = rng.randrange(2, 5) if style == 0 or rng.random() < 0.4 else rng.randrange(6, 11)  # noqa: PLR2004
        yield in_days(calendar, on_day(add_days(opens, -1), 12), days, rng)
        if style > 1 and number % 3 == 1:
            continue
        await _confirm(history, school, month_now)
        if style == 0 and number == 1:
            yield in_days(calendar, history.now, 2, rng)
            await history.teller.act(school.sign_in("coordinator"), asked(_open_again, month_now))
            await _confirm(history, school, month_now)


async def _confirm(history: History, school: SchoolCast, month: int) -> None:
    async def confirmed(work: Unit) -> None:
        row = next(one for one in (await monthly_pages.listing(work)).rows if one.month == month)
        view = await monthly_pages.one(work, row.id)
        await monthly.confirm(work, row.id, view.version, seen=view.seen)

    await history.teller.act(school.sign_in("coordinator"), confirmed)


async def _open_again(work: Unit, month: int) -> None:
    row = next(one for one in (await monthly_pages.listing(work)).rows if one.month == month)
    view = await monthly_pages.one(work, row.id)
    await monthly.FORM.reopen(work, row.id, view.version, reason="Бір жазба кеш түсті.")


async def _letters(history: History, school: SchoolCast, first: date, style: int, rng: Random) -> Story:
    """The city asks now and then; the first school answers in days, the second late, the third not at all."""
    calendar, days = history.calendar(school), (3, 8)
    yield in_days(calendar, on_day(first, 12), 40 + 5 * style, rng)
    while True:
        text, said = rng.choice(_LETTERS)
        month = month_after(month_of(local_date(history.now)), -1)
        asking = {"school": school.tenant_id, "subject": "meetings", "month": month, "text": text, "read": True}
        sent = UUID(await history.teller.act(_CITY, asked(letters.write, **asking)))
        await history.teller.settle()
        if style >= len(days):
            return
        yield in_days(calendar, history.now, days[style], rng)
        answer = asked(letters.answer, sent, 1, text=said, read=True)
        await _director(history, school)(answer)
        yield in_days(calendar, history.now, 2, rng)
        await history.teller.act(_CITY, asked(letters.close, sent, 2))
        yield in_days(calendar, history.now, 45, rng)


async def _absences(history: History, school: SchoolCast, first: date, rng: Random) -> Story:
    """Somebody of the team is away for some days; a colleague stands in."""
    yield in_days(history.calendar(school), on_day(first, 12), 9, rng)
    while True:
        who, deputy = rng.sample(("psychologist", "nurse", "social-worker", "teacher2", "inspector"), 2)
        today = local_date(history.now)
        last = history.calendar(school).add_working(today, rng.randrange(1, 5))
        member, stands_in = school.members[who], school.members[deputy]

        away = asked(absences.note, membership_id=member, first_day=today, last_day=last, deputy=stands_in)
        await history.teller.act(school.sign_in(who), away)
        yield in_days(history.calendar(school), history.now, rng.randrange(14, 30), rng)


async def _messages(history: History, school: SchoolCast, first: date) -> Story:
    """Every other Monday those with the most to do read what has come; the others have not found the time."""
    mondays = (day for day in days_between(first, date.max) if not day.weekday())
    for day in islice(mondays, 1, None, 2):
        yield on_day(day, 8, 20)
        for who in _READS:
            await history.teller.act(school.sign_in(who), notifications.read_all)


async def _new_order(history: History, school: SchoolCast, first: date) -> Story:
    """On the first of September the team of the new school year takes over."""
    begins = school_year_start(add_days(first, 366))
    if begins <= first:
        return
    yield on_day(begins, 8, 30)
    by = _director(history, school)
    seats = [Seat(school.members[who], seat, leads) for who, _, seat, leads in STAFF if seat]

    await by(lambda work: order_team(work, seats, "118-н"))
    leader = school.members["coordinator"]
    await by(lambda work: teams.hand_over_duty(work, leader))


def _director(history: History, school: SchoolCast) -> Callable[[Callable[[Unit], Awaitable[Any]]], Awaitable[Any]]:
    async def act(verb: Callable[[Unit], Awaitable[Any]]) -> Any:
        return await history.teller.act(school.sign_in("director"), verb)

    return act
