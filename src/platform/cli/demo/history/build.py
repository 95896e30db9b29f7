"""Makes the region: founds it as of some months ago, then tells what has happened since."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from src.platform.cli import calendar as calendars
from src.platform.cli.demo.history import cast, incidents, plots, yearly
from src.platform.cli.demo.history.cast import SchoolCast
from src.platform.cli.demo.history.region import History, Story
from src.platform.cli.demo.history.teller import Teller
from src.platform.cli.demo.people import COLLEAGUES, ORGANISATIONS, PEOPLE
from src.platform.cli.demo.region import PASSWORD, SignIn, ensure_region, hire, organisations
from src.platform.cli.demo.school_life import School, Seat, begin_school_year, load_classes, signed_in
from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.clock import local_date
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.workdays import service as workdays
from src.platform.workdays.calendar import WorkCalendar

_YEAR_BEFORE = Path(__file__).with_name("school_year_before.toml")
_SUMMER_SHARE = 0.05
_SHOWN = ("director", "coordinator", "psychologist")
_GARBAGE = 50_000
"""A telling makes few circles and many objects: looking for circles as often as a server does costs a tenth."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much region. `rate`: incidents of a school on a school day, on average."""

    pupils: int = 1200
    schools: int = 3
    rate: float = 0.36
    seed: str = "qorgan"


@dataclass(frozen=True, slots=True)
class Told:
    """How a telling ended: at its end or stopped, with every answer so far; `refused`: acts that were refused."""

    whole: bool
    answers: list[Any]
    refused: list[str]
    jobs: int


async def build(
    size: Size,
    first: date,
    until: datetime,
    answers: list[Any],
    *,
    say: Callable[[str], None],
    goes_on: Callable[[], bool],
) -> Told:
    """Tell everything from the morning of `first` up to a moment, or until `goes_on` says no.

    `answers` are those of a telling that was stopped. Raises KeyboardInterrupt for a no before the first act.
    """
    begun = time.monotonic()
    gc.set_threshold(_GARBAGE)
    _set_clock(first)
    await ensure_region()
    schools, places = await _found(size, first, goes_on, is_new=not answers)
    say(f"{len(schools)} schools with {size.pupils} pupils each are there ({time.monotonic() - begun:.0f} s)")
    async with Teller(PASSWORD, answers) as teller:
        days = {school.key: await _calendar(school) for school in schools}
        history = History(teller, schools, places, days)
        stories = _stories(history, size, first, local_date(until))
        month = 0

        def tick(day: date) -> bool:
            nonlocal month
            if day.year * 100 + day.month != month and not teller.is_remembering:
                month = day.year * 100 + day.month
                say(f"… {day:%Y-%m}: {len(history.incidents)} incidents so far ({time.monotonic() - begun:.0f} s)")
            return goes_on()

        whole = await history.tell(stories, until, tick)
    return Told(whole, teller.answers, history.refused, teller.jobs)


def _stories(history: History, size: Size, first: date, last: date) -> list[Story]:
    found: list[Story] = []
    for school in history.schools:
        seed = f"{size.seed} {school.key}"
        found += yearly.of_school(history, school, first, Random(seed))  # noqa: S311  # nothing is secret
        days = history.calendar(school)
        for day in plots.days_between(first, last):
            if day == first:
                continue
            rate = size.rate * (1 if days.is_instructional(day) else _SUMMER_SHARE * days.is_working(day))
            found += [incidents.tell(history, school, one) for one in plots.of_day(seed, day, school.pupils, rate)]
    return [*found, yearly.of_city(history, first)]


async def _found(
    size: Size, first: date, goes_on: Callable[[], bool], *, is_new: bool
) -> tuple[list[SchoolCast], dict[str, Any]]:
    """Everybody and everything that is there on the first morning; what is there already stays."""
    with psycopg.connect(settings().database_url) as admin:
        operator = found_operator(admin)
        admin.execute(calendars.YEAR, calendars.read(_YEAR_BEFORE))
    places = await organisations(operator, (*ORGANISATIONS, *cast.ORGANISATIONS))
    people = Random(f"{size.seed} people")  # noqa: S311  # nothing is secret
    for one in cast.outsiders(people):
        await hire(places[one.place], one)
    schools = []
    for key, slug, suffix in cast.SCHOOLS[: size.schools]:
        staff = cast.people_of(key, suffix, people)
        pupils = plots.pupils(Random(f"{size.seed} {key} pupils"), size.pupils)  # noqa: S311
        known = {one.sign_in: one for one in (*PEOPLE, *COLLEAGUES)}
        members = {who: await hire(places[key], known.get(one.sign_in, one)) for who, one in staff}
        school = SchoolCast(key, slug, suffix, places[key], members, pupils)
        schools.append(school)
        if not goes_on():
            raise KeyboardInterrupt
        if is_new:
            await _begin(school, places, first)
    await engine.dispose()
    return schools, places


async def _begin(school: SchoolCast, places: dict[str, Any], first: date) -> None:
    """The order, the class list, the public address; the small region has begun the first school."""
    content = cast.class_list(school.pupils, first.year)
    if not school.suffix:
        async with signed_in(school.sign_in("director"), PASSWORD) as mine:
            await load_classes(mine, content)
        return
    if school.key == cast.SIX_DAYS:
        async with unit(Inside(TenantContext(school.tenant_id))) as work:
            await tenants.change_setting(work, "school_week", 6)
    seats = [Seat(school.members[who], seat, leads) for who, _, seat, leads in cast.STAFF if seat]
    teacher = school.members["class"]
    wanted = School(
        school.tenant_id, school.sign_in("director"), seats, teacher, places["ngo"], "partner@demo.kz", content
    )
    await begin_school_year(wanted, PASSWORD)


async def _calendar(school: SchoolCast) -> WorkCalendar:
    async with unit(Inside(TenantContext(school.tenant_id))) as work:
        return await workdays.calendar(work)


def _set_clock(day: date) -> None:
    with psycopg.connect(settings().database_url) as admin:
        admin.execute("update platform_state set clock_offset = %s - clock_timestamp()", (plots.on_day(day, 8),))


def sign_ins() -> list[SignIn]:
    """Whom the region has beside the small one, for the table that is printed."""
    names = {one.key: one.name_kk for one in (*ORGANISATIONS, *cast.ORGANISATIONS)}
    known = {one.sign_in for one in PEOPLE}
    found = [SignIn(role, names[key], sign_in) for key, sign_in, role in cast.OUTSIDE]
    for key, _, suffix in cast.SCHOOLS[1:]:
        found += [
            SignIn(role, names[key], f"{who}{suffix}@demo.kz")
            for who, role, _, _ in cast.STAFF
            if who in _SHOWN and f"{who}{suffix}@demo.kz" not in known
        ]
    return found
