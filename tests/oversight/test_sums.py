"""Sums of districts are kept by what changes (ADR 47): whatever happens, they are what adding everything up gives."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.deadlines.schemas import Kept, Took
from src.platform.kit.settings import settings
from src.platform.oversight import counters, repository
from tests.oversight.test_city import as_city
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region

MONTHS = (202403, 202404)
CLOCKS = sorted(counters.TIMED)[:3]
_KEPT = """
select month, district_id, clock, met_in_time, met_late, missed, reached_city, schools from oversight_sum
where schools <> 0 order by 1, 2, 3"""
_ADDED = """
select p.month, t.district_id, p.clock, sum(p.met_in_time)::int, sum(p.met_late)::int, sum(p.missed)::int,
       sum(p.reached_city)::int, count(*)::int
from oversight_process p join tenants t on t.id = p.tenant_id and t.kind = 'school' group by 1, 2, 3 order by 1, 2, 3"""
_EVERYTHING = (
    "select * from oversight_sum where schools <> 0 or paced <> 0 order by 1, 2, 3",
    "select * from oversight_pace_sum where number <> 0 order by 1, 2, 3, 4",
)
_MEDIANS = """
select p.clock, percentile_disc(0.5) within group (order by p.hours) from oversight_pace p
join tenants t on t.id = p.tenant_id cross join generate_series(1, p.number)
where p.month = %(month)s and (%(district)s::uuid is null or t.district_id = %(district)s)
group by p.clock having count(*) >= 10 and count(distinct p.tenant_id) >= 3 order by 1"""


@pytest.fixture(scope="module")
def schools(region: Region, database: str) -> Iterator[list[UUID]]:
    """Six schools of two districts."""
    found, districts = [uuid4() for _ in range(6)], [uuid4(), uuid4()]
    with psycopg.connect(database) as admin:
        for one, called in zip(districts, ("Наурызбай", "Түрксіб"), strict=True):
            admin.execute("insert into district values (%s, %s, %s, %s)", (one, called, called, called))
        for number, school in enumerate(found):
            code = f"z{school.hex[:8]}"
            admin.execute(
                "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, district_id, recipient_key, created_at) "
                "values (%s, 'school', %s, %s, %s, %s, %s, %s, '', now())",
                (school, code, code, code, code, code, districts[number % 2]),
            )
    yield found
    rows(database, "delete from oversight_process where month in (202403, 202404) returning 1")
    rows(database, "delete from oversight_pace where month in (202403, 202404) returning 1")


async def count(school: UUID, month: int, chance: random.Random) -> None:
    """What a school's job writes when it has counted a month."""
    some = [clock for clock in CLOCKS if chance.random() < 0.7]
    names = ("met_in_time", "met_late", "missed", "reached_city")
    kept = [Kept(code=one, **{name: chance.randrange(5) for name in names}) for one in some]
    told = {(one, chance.randrange(6)) for one in some for _ in range(3)}
    took = [Took(code=code, hours=hours, number=chance.randrange(1, 5)) for code, hours in sorted(told)]
    async with unit(Inside(TenantContext(school))) as work:
        await repository.lock_month(work, month)
        await repository.replace(work, month, kept)
        await repository.replace_paces(work, month, took)


def everything(database: str) -> list[list[Any]]:
    return [rows(database, query) for query in _EVERYTHING]


def summed_anew(database: str) -> list[list[Any]]:
    """What the sums are when all of it is added up again."""
    with psycopg.connect(database) as admin:
        admin.execute("update tenants set kind = kind where false")
    return everything(database)


async def test_s_60_sums_of_schools_that_count_at_once_are_what_adding_all_of_it_up_gives(
    region: Region, database: str, schools: list[UUID]
) -> None:
    chance = random.Random(20261122)  # noqa: S311  # the same numbers every time
    for _ in range(6):
        await asyncio.gather(*(count(one, month, chance) for one in schools for month in MONTHS))
        assert rows(database, _KEPT) == rows(database, _ADDED)
    before = everything(database)
    assert all(before)
    assert summed_anew(database) == before
    rows(database, "update oversight_process set missed = missed + 1 where month = 202403 returning 1")
    assert rows(database, _KEPT) == rows(database, _ADDED)
    with psycopg.connect(database) as admin:
        for month in MONTHS:
            for district in [None, *(one for (one,) in admin.execute("select id from district").fetchall())]:
                told = admin.execute("select * from oversight_medians(%s, %s) order by 1", (month, district)).fetchall()
                assert told == admin.execute(_MEDIANS, {"month": month, "district": district}).fetchall()


async def test_s_60_a_school_that_moves_takes_its_numbers_along_and_the_state_has_another_number(
    browser: Browser, region: Region, database: str, schools: list[UUID]
) -> None:
    asel = await browser(region.asel)
    for one in schools:
        await count(one, MONTHS[0], random.Random(1))  # noqa: S311  # the same numbers every time

    async def state(query: str = "") -> str:
        return str((await asel.get(f"/city?month={MONTHS[0]}{query}")).json()["state"])

    (before,), whole = rows(database, "select district_id from tenants where id = %s", schools[0]), await state()
    (other,) = rows(database, "select district_id from tenants where id = %s", schools[1])
    there = await state(f"&district={other[0]}")
    assert len({whole, there, await state()}) == 2
    try:
        rows(database, "update tenants set district_id = %s where id = %s returning 1", other[0], schools[0])
        assert rows(database, _KEPT) == rows(database, _ADDED)
        assert len({whole, there, await state(), await state(f"&district={other[0]}")}) == 4
    finally:
        rows(database, "update tenants set district_id = %s where id = %s returning 1", before[0], schools[0])
    assert (await state(), await state(f"&district={other[0]}")) == (whole, there)


async def test_s_60_a_number_that_changes_changes_the_state_and_back(
    browser: Browser, region: Region, database: str, schools: list[UUID]
) -> None:
    asel = await browser(region.asel)
    for one in schools[:2]:
        await count(one, MONTHS[1], random.Random(2))  # noqa: S311  # the same numbers every time

    async def state() -> str:
        return str((await asel.get(f"/city?month={MONTHS[1]}")).json()["state"])

    before = await state()
    more = "update oversight_process set {0} where month = 202404 and tenant_id = %s returning 1"
    rows(database, more.format("met_late = met_late + 1"), schools[0])
    rows(database, more.format("met_late = met_late - 1"), schools[1])
    assert await state() != before, "the sum is the same, and the schools are not"
    rows(database, more.format("met_late = met_late - 1"), schools[0])
    rows(database, more.format("met_late = met_late + 1"), schools[1])
    assert await state() == before


@pytest.mark.parametrize("role", ["qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight"])
async def test_s_36_nobody_writes_a_sum_and_only_the_city_reads_one(region: Region, role: str) -> None:
    address = settings().role_url(role).replace("+psycopg", "")
    refused = [
        "insert into oversight_sum (month, clock) values (202403, 'clk_investigation')",
        "update oversight_sum set missed = 0",
        "delete from oversight_sum",
        "select * from oversight_pace_sum",
        "delete from oversight_pace_sum",
        "select oversight_process_summed()",
        "select oversight_summed_anew()",
    ]
    refused += ["select * from oversight_sum"] if role != "qorgan_oversight" else []
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]  # constants above
    with as_city() as city:
        city.execute("select * from oversight_sum")
