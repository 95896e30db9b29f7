"""S-4: ten thousand requests of three schools, mixed, through pools of one and of five connections: nobody's row strays."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg import sql
from sqlalchemy.ext.asyncio import create_async_engine

from src.platform.db import engine
from tests.support.http import Browser, Client
from tests.support.incidents import reported, rows, student
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.twins import twin

pytestmark = pytest.mark.trust

REQUESTS, AT_ONCE = 5_000, 24
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
READS = (("aigerim", "/incidents"), ("marat", "/my-reports"), ("saule", "/messages"), ("daulet", "/obligations"))


@pytest.fixture(scope="module")
async def schools(region: Region, browser: Browser, database: str) -> list[Region]:
    """Each has incidents, children and messages of its own."""
    made = [region, await twin(region, "pool2"), await twin(region, "pool3")]
    for one in made:
        for _ in range(3):
            await reported(browser, one)
        await student(one, "Бассейнов", "Бала")
        await (await browser(one.daulet)).get("/obligations")
    await drain()
    return made


@pytest.fixture
async def pool(
    request: pytest.FixtureRequest, schools: list[Region], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """The application's connections, exactly so many."""

    def narrow(url: str, **more: Any) -> Any:
        return create_async_engine(url, **more | {"pool_size": request.param, "max_overflow": 0, "pool_timeout": 120})

    await engine.dispose()
    monkeypatch.setattr(engine, "create_async_engine", narrow)
    yield request.param
    await engine.dispose()


def ids_of(database: str, tenant: Any) -> set[str]:
    """Every id of every row of an organisation."""
    query = (
        "select table_name from information_schema.columns where table_schema = 'public' and data_type = 'uuid' "
        "and column_name in ('id', 'tenant_id') group by table_name having count(*) = 2"
    )
    found = {str(tenant)}
    for (table,) in rows(database, query):
        every = sql.SQL("select id from {} where tenant_id = %s").format(sql.Identifier(table))
        found |= {str(one) for (one,) in rows(database, every, tenant)}
    return found


@pytest.mark.parametrize("pool", [1, 5], indirect=True)
async def test_s_4_mixed_requests_of_three_schools_never_bring_a_row_of_another(
    schools: list[Region], browser: Browser, database: str, pool: int
) -> None:
    every = [ids_of(database, one.organisations["school12"]) for one in schools]
    own_incidents = [
        [
            str(one)
            for (one,) in rows(database, "select id from incident where tenant_id = %s", s.organisations["school12"])
        ]
        for s in schools
    ]
    gate, dice, strays, told, statuses = asyncio.Semaphore(AT_ONCE), random.Random(pool), [], [0], dict[int, int]()  # noqa: S311  # a mixture, no secret
    clients = {(n, who): await browser(one.people[who]) for n, one in enumerate(schools) for who, _ in READS}

    async def one_request(number: int) -> None:
        place = dice.randrange(len(schools))
        foreign = set().union(*(ids for n, ids in enumerate(every) if n != place))
        async with gate:
            answer, asked = await _some_request(clients, place, dice, own_incidents)
        found = set(ID.findall(answer.text)) - asked
        told[0] += len(found & every[place])
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if found & foreign:
            strays.append((place, str(answer.url), sorted(found & foreign)))

    await asyncio.gather(*(one_request(n) for n in range(REQUESTS)))
    assert strays == []
    assert told[0] > REQUESTS
    assert statuses.keys() == {200, 404, 422}, statuses
    assert sum(statuses.values()) == REQUESTS


async def _some_request(
    clients: dict[tuple[int, str], Client], place: int, dice: random.Random, incidents: list[list[str]]
) -> tuple[httpx.Response, set[str]]:
    """A read, a record of another school, a wrong form: what ends in a commit and what ends in a rollback."""
    kind, (who, path) = dice.random(), dice.choice(READS)
    if kind < 0.7:
        return await clients[place, who].get(path), set()
    if kind < 0.9:
        other = dice.choice(incidents[dice.choice([n for n in range(3) if n != place])])
        at = dice.choice([other, str(uuid4())])
        return await clients[place, "aigerim"].get(f"/incidents/{at}"), {at}
    return await clients[place, "marat"].act("/report", {"description": ""}), set()
