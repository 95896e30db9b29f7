"""S-12, whole: every route, every id in its address, body and query, for every kind of person: foreign is as random."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from litestar.handlers import HTTPRouteHandler
from psycopg import sql

from src.platform.kit import clock
from src.platform.kit.payload import Field
from src.platform.workdays.calendar import week_of
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.referrals import agreed, managed_case, referred
from tests.support.specs import heard
from tests.support.strangers import strangers
from tests.support.twins import twin
from tests.support.typing import open_form, press
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.trust

PARAMETER = re.compile(r"\{(\w+):uuid\}")
UUID_OF = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r'name="csrf_token" value="[^"]*"')
MOVING = {"content-length", "set-cookie"}
"""Headers that follow from a body with a number of its page; both are compared without it."""
MOST_APART = 0.005
TRIES = 200
TIMED = ("incidents.one", "incidents.chronology", "casework.one", "referrals.one", "letters.one", "incidents.open_file")
USERS = 2
"""So many people of the school try ids in each form."""
ENDS_THE_SESSION = {"accounts.switch", "accounts.sign_out"}


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    """With a link of a week and a form that a dead session kept, which no other test of all routes needs."""
    made = await lived(region, browser, database)
    week = {"week": week_of(clock.local_date(clock.now()))}
    ((asked,),) = rows(database, "select id from referral where id <> %s", made.ids["referral_id"])
    link = await (await browser(region.aigerim)).act(f"/referrals/{asked}/links", week)
    assert link.status_code == 200, link.text
    marat = await browser.fresh(region.marat)
    number = await open_form(marat, "/report")
    marat.cookies.clear()
    kept = (await press(marat, "/report", number, description="сақталған")).headers["location"]
    ids = {"stash_id": UUID(kept[-36:])}
    for name, table in (("report_id", "report"), ("link_id", "report_link")):
        ids[name] = rows(database, sql.SQL("select id from {}").format(sql.Identifier(table)))[0][0]
    return World(made.ids | ids)


def with_ids() -> list[tuple[str, str, HTTPRouteHandler]]:
    return [one for one in routes() if PARAMETER.search(one[1])]


def of(answer: httpx.Response) -> tuple[Any, ...]:
    """All of an answer that a reader can compare; the ids are those of its own address."""
    own = re.compile("|".join(UUID_OF.findall(answer.request.url.path)) or "$^")
    headers = sorted((name, own.sub("", value)) for name, value in answer.headers.items() if name not in MOVING)
    return answer.status_code, own.sub("", NUMBER.sub("", answer.text)), headers


def addresses(path: str, world: World) -> Iterator[tuple[str, str]]:
    """The address with foreign ids beside one with random ones: all, and each parameter by itself."""
    names = PARAMETER.findall(path)
    for chosen in [names, *([name] for name in names if len(names) > 1)]:
        random = World(world.ids | {name: uuid4() for name in chosen})
        yield world.fill(path), random.fill(path)


async def asked(client: Client, method: str, path: str, *, html: bool = False) -> httpx.Response:
    headers = {"X-CSRF-Token": client.csrf} | (HTML if html else {})
    return await client.request(method, path, json=None if method == "GET" else {}, headers=headers)


async def test_s_12_every_address_answers_a_stranger_of_every_kind_as_if_nothing_were_there(
    region: Region, browser: Browser, world: World
) -> None:
    """No right of a stranger opens anything here: a head of another school stands where a passer-by stands."""
    apart, tried, closed = [], 0, dict[tuple[str, ...], set[str]]()
    for who, person in (await strangers(region)).items():
        client, is_new = await browser(person), person.roles not in closed
        shut = closed.setdefault(person.roles, set())  # to the role, whatever the kind of organisation
        for method, path, handler in with_ids():
            for foreign, random in addresses(path, world) if str(handler.name) not in shut else ():
                for html in (False, True) if method == "GET" and is_new else (False,):
                    there, nowhere = [of(await asked(client, method, one, html=html)) for one in (foreign, random)]
                    tried += 1
                    if there != nowhere or there[0] not in (403, 404, 422):
                        apart.append((who, method, path, html, there[0], nowhere[0]))
                    if there[0] == 403:
                        shut.add(str(handler.name))
    assert apart == []
    assert tried > 3_000
    assert not any("{" in world.fill(path) for _, path, _ in with_ids())  # no parameter is left out


async def test_s_12_a_record_that_is_hidden_inside_its_own_school_answers_as_a_random_id(
    region: Region, browser: Browser, world: World
) -> None:
    apart, hidden = [], 0
    for who, person in region.people.items():
        client = await browser(person)
        for method, path, _ in with_ids():
            for foreign, random in addresses(path, world) if method == "GET" else ():
                for html in (False, True):
                    there = await asked(client, method, foreign, html=html)
                    if there.status_code != 404:
                        continue
                    hidden += 1
                    if of(there) != of(await asked(client, method, random, html=html)):
                        apart.append((who, path))
    assert apart == []
    assert hidden > 100


@dataclass(frozen=True)
class Other:
    """A school that works as well: the region as seen from there, and one id of every kind of its rows."""

    region: Region
    ids: tuple[UUID, ...]


@pytest.fixture(scope="module")
async def other(region: Region, browser: Browser, database: str, world: World) -> Other:
    seen = await twin(region, "mek77")
    case = await managed_case(browser, seen, database)
    await agreed(browser, seen)
    assert (await referred(browser, seen, case)).status_code == 303
    await drain()
    return Other(seen, tuple(rows_of(database, seen.organisations["school12"])))


def rows_of(database: str, tenant: UUID) -> Iterator[UUID]:
    """An id of every table that has a row of this organisation; organisations themselves are known to everybody."""
    query = (
        "select table_name from information_schema.columns where table_schema = 'public' and data_type = 'uuid' "
        "and column_name in ('id', 'tenant_id') group by table_name having count(*) = 2"
    )
    with psycopg.connect(database) as admin:
        for (table,) in admin.execute(query).fetchall():
            one = sql.SQL("select id from {} where tenant_id = %s limit 1").format(sql.Identifier(table))
            yield from (row[0] for row in admin.execute(one, (tenant,)).fetchall())


def filled(fields: list[Field], version: int) -> dict[str, Any]:
    """A body in which every field holds something that passes as what it is."""
    return {one.name: _something(one, version) for one in fields if one.kind not in ("file", "groups", "uuid", "uuids")}


def _something(field: Field, version: int) -> Any:
    day = clock.local_date(clock.now()).isoformat()
    known: dict[str, Any] = {"bool": True, "date": day, "datetime": f"{day}T10:00", "time": "10:00"}
    if field.name in ("version", "seen"):
        return version
    if field.kind in ("enum", "multi_enum"):
        return min(field.options) if field.kind == "enum" else sorted(field.options)[:1]
    return known.get(field.kind, 1 if field.kind == "int" else "мәтін")


async def version_of(client: Client, address: str) -> int:
    """The version of the record that an address begins with."""
    answer = await client.get("/".join(address.split("/")[:3]))
    is_record = answer.status_code == 200 and "json" in answer.headers["content-type"]
    return int(answer.json().get("version", 1)) if is_record else 1


async def test_s_12_an_id_in_a_body_or_a_question_answers_as_a_random_one(
    region: Region, browser: Browser, world: World, other: Other
) -> None:
    """Whoever may use a form finds out nothing with ids of another school, whatever they are ids of."""
    apart, tried = [], set()
    for method, path, handler in sorted(routes(), key=lambda one: str(one[2].name)):
        users = 0
        for who, person in region.people.items():
            if person.tenant_id != region.organisations["school12"]:
                continue
            client, address = (
                await (browser.fresh if handler.name in ENDS_THE_SESSION else browser)(person),
                world.fill(path),
            )
            with heard() as fields:
                first = await asked(client, method, address)
            ids = [one for one in fields if one.kind in ("uuid", "uuids")]
            if first.status_code in (403, 404) or not ids or users == USERS:
                continue
            users += 1
            sent = filled(fields, await version_of(client, address))
            sent |= {one.name: [str(uuid4())] if one.kind == "uuids" else str(uuid4()) for one in ids if one.required}
            for field in ids:
                tried.add((method, path, field.name))
                for foreign in other.ids:
                    answers = [
                        await _with(client, method, address, sent, field, one) for one in (uuid4(), foreign, uuid4())
                    ]
                    if answers[1] not in (answers[0], answers[2]):
                        apart.append((who, method, path, field.name, [one[0] for one in answers]))
    assert apart == []
    assert len(tried) > 40, sorted(tried)


async def _with(
    client: Client, method: str, address: str, sent: dict[str, Any], field: Field, value: UUID
) -> tuple[Any, ...]:
    one = [str(value)] if field.kind == "uuids" else str(value)
    if method == "GET":
        given = await client.get(address, params={field.name: one})
    else:
        given = await client.act(address, sent | {field.name: one})
    status, text, headers = of(given)
    is_told = given.headers.get("content-type", "").startswith("application/problem")
    return (status, text.replace(str(value), ""), headers) if is_told else (status,)


async def test_s_12_the_time_of_an_answer_does_not_tell_a_foreign_id_from_a_random_one(
    region: Region, browser: Browser, world: World, other: Other
) -> None:
    """The head and the psychologist of another school ask; interleaved, so that both meet the same machine."""
    apart = {}
    for method, path, handler in routes():
        if handler.name not in TIMED:
            continue
        for person in (other.region.daulet, other.region.aigerim):
            client, took = await browser(person), ([], [])  # type: tuple[list[float], list[float]]
            for _ in range(TRIES):
                for place, address in enumerate(next(addresses(path, world))):
                    began = time.perf_counter()
                    await asked(client, method, address)
                    took[place].append(time.perf_counter() - began)
            apart[handler.name, person.name] = abs(median(took[0]) - median(took[1]))
    assert len(apart) == len(TIMED) * 2
    assert max(apart.values()) < MOST_APART, apart
