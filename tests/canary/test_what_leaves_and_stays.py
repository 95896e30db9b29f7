"""S-16, S-17, whole: everybody of every kind of organisation uses everything; no planted word leaves or stays bare.

`test_the_canary` says who reads which text; here nobody of the many who may read none gets one, by whatever they press.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pikepdf
import psycopg
import pytest
import redis
import sentry_sdk
from psycopg.types.json import Jsonb

from src.platform.cli.local.servers import LocalServers
from src.platform.incidents import views
from src.platform.kit import clock
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.canary import channels
from tests.canary.test_the_canary import BESIDES, IN_THE_SCHOOL, NAMES, OF_HEALTH, TO_THE_CITY
from tests.support import files
from tests.support import world as planted
from tests.support.eyes import differing, seen_by
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import rows
from tests.support.inside import as_person
from tests.support.mail import proved
from tests.support.people import Person, Region
from tests.support.post import PostOffice, working
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.strangers import strangers
from tests.support.telemetry import envelopes, listening
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.trust

RUSSIAN = Identity(
    family_name="Вьюжанинова", given_name="Аглаюшка", iin="140512602256", phone="+77015550178", email="aglaya.v@post.kz"
)
LATIN = Identity(
    family_name="Kyrgauylkyzy", given_name="Zhuldyzai", iin="141130603388", phone="+77015550190", email="zh.k@post.kz"
)
INFLECTED = ("Қырғауыловаға", "Тұрлыхановтың", "Вьюжаниновой", "Kyrgauylkyzyның")
"""Forms of the names as they stand in running text; each is typed into a report that somebody sends."""
WHO = [
    *NAMES,
    *(getattr(one, name) for one in (RUSSIAN, LATIN) for name in ("family_name", "given_name", "iin", "email")),
]
WHO += [one.phone[2:] for one in (RUSSIAN, LATIN)]
FILE_NAME = "Вьюжанинова_мать.jpg"
TEXTS = [*IN_THE_SCHOOL, OF_HEALTH, *BESIDES, "Түбірмаркер"]
ALL = [*WHO, *INFLECTED, *TEXTS, files.MAKER, "QorganCam", "Вьюжанинова_мать"]
WRONG = {"text": "x", "names": "yes", "language": "kk", "version": 1}
ENDS = {"accounts.sign_out", "accounts.switch", "accounts.change_password"}
KNOW_THE_SCHOOL = {"marat", "bota"}
"""Teachers find the students of their school by name; where these stand in an incident is what is hidden."""
MAY_READ_NONE = ("marat", "bota", "erlan", "alua", "oleg", "asel", "zhanna", "timur")


@pytest.fixture(scope="module")
def post(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    with working(tmp_path_factory.mktemp("post")) as office:
        yield office


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str, post: PostOffice) -> World:
    """The world of the other tests, with names in three scripts, forms of them in a text, and a file with a name."""
    for person in (region.saule, region.daulet, region.timur):
        await proved(browser, post, person)
    made = await lived(region, browser, database)
    async with as_person(region.aigerim) as work:
        russian, latin = await vault.add_people(work, "student", [RUSSIAN, LATIN])
    marat, aigerim = await browser(region.marat), await browser(region.aigerim)
    told = {"description": f"Түбірмаркер: {', '.join(INFLECTED)} дәлізде", "harmed": "no", "harm_danger": "no"}
    assert (await marat.act("/report", told)).status_code == 303
    incident = rows(database, "select id from incident order by reported_at desc, id desc limit 1")[0][0]
    for child, involvement in ((russian, "victim"), (latin, "alleged_offender")):
        named = {"person_id": str(child), "involvement": involvement, "kind": "student"}
        assert (await aigerim.act(f"/incidents/{incident}/people", named)).status_code == 303
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    sent = await files.sent(aigerim, str(incident), files.photo(), name=FILE_NAME, about=f"report:{report}")
    assert sent.status_code == 303, sent.text
    await drain()
    return replace(made, ids=made.ids | {"report_id": report, "second_incident_id": incident})


async def pressed(client: Client, world: World, *, skip: set[str] = ENDS) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Everything that there is to read and to press, as a program and as a browser, right and wrong."""
    for method, path, handler in routes():
        if handler.name in skip or not handler.opt.get("permission"):
            continue
        for incident in (world.ids["incident_id"], world.ids["second_incident_id"]):
            if incident != world.ids["incident_id"] and "{incident_id" not in path:
                continue
            address = World(world.ids | {"incident_id": incident}).fill(path)
            if method == "GET":
                yield path, await client.get(address, headers=HTML)
                yield path, await client.get(address, params={"sort": "name", "after": "x"})
                yield path, await client.get(address)
            else:
                yield path, await client.act(address, {})
                yield path, await client.act(address, WRONG)


async def test_s_16_whoever_may_read_nothing_gets_no_planted_word_by_whatever_they_press(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    """Every role of every kind of organisation that has nothing to do with this school."""
    leaks, answers = [], 0
    known: set[tuple[str, ...]] = set()
    for who, person in (await strangers(region)).items():
        if person.roles in known:
            continue  # the same role elsewhere: `tests.canary.test_every_partner` has a worker of every kind of partner
        known.add(person.roles)
        async for path, answer in pressed(await browser(person), world):
            answers += 1
            leaks += [(who, path, mark) for mark in channels.found(channels.said(answer), set(ALL) - {TO_THE_CITY})]
    assert leaks == []
    assert answers > 8_000


async def test_s_16_s_58_nothing_stays_bare_when_everybody_has_pressed_everything_and_the_clocks_ran_out(
    region: Region, browser: Browser, world: World, database: str, servers: LocalServers, post: PostOffice, capfd: Any
) -> None:
    """Names leave by a press of those who may, and by nothing else; an error in that very moment tells nothing."""
    now = datetime.now(clock.LOCAL_ZONE)
    with listening() as log:
        for person in region.people.values():
            async for _, answer in pressed(await browser(person), world, skip=ENDS | {"tenants.suspend"}):
                assert answer.status_code < 500, answer.url
        await _broken_while_revealing(browser, region, world)
        for days in (3, 40):
            set_clock(database, now + timedelta(days=days))
            await drain()
        set_clock(database, datetime.now(clock.LOCAL_ZONE))
        logs = {"log": log.getvalue(), "printed": "".join(capfd.readouterr()), "sentry": envelopes().decode()}
    assert '"RuntimeError"' in logs["sentry"]
    assert dead_or_failed(database) == []
    everything = channels.stored(database, servers.redis_url, logs, servers.folder / "postgres.log")
    everything |= {f"mail {n}": f"{one.mail} {one.text}" for n, one in enumerate(post.letters)}
    assert any(place.startswith("mail") for place in everything)
    assert {place: leaked for place, text in everything.items() if (leaked := channels.found(text, ALL))} == {}


async def _broken_while_revealing(browser: Browser, region: Region, world: World) -> None:
    real = views.names

    async def broken(*given: Any) -> Any:
        found = await real(*given)
        raise RuntimeError(f"cannot show {found}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "names", broken)
        answer = await (await browser(region.aigerim)).act(world.fill("/incidents/{incident_id:uuid}/names"))
    assert answer.status_code == 500
    assert channels.found(channels.said(answer), ALL) == []


async def test_s_17_two_schools_that_differ_in_hidden_fields_only_answer_alike(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    """The same children get other names, numbers and telephones: nobody who may not read them notices a byte."""
    people = [getattr(region, name) for name in MAY_READ_NONE]
    for person in people:
        await seen_by(browser, person, world.ids["incident_id"])  # what a first look leaves behind
    await drain()
    before = [await _world_of(browser, one, world) for one in people]
    ids = [row[0] for row in rows(database, "select id from person where tenant_id = %s", region.saule.tenant_id)]
    async with as_person(region.aigerim) as work:
        known = await vault._open(work, ids)
        children = {one: who for one, who in known.items() if who.iin}
        assert len(children) >= 4
        other = {
            one: Identity(
                family_name=f"Басқабаев{n}", given_name="Ұзақесімді" * 3, iin=f"15010160{n:04}", phone="+77770000000"
            )
            for n, one in enumerate(children)
        }
        await vault._change(work, other)
    after = [await _world_of(browser, one, world) for one in people]
    async with as_person(region.aigerim) as work:
        await vault._change(work, children)
    for person, one, two in zip(people, before, after, strict=True):
        assert {key: (one[key], two[key]) for key in differing(one, two)} == {}, person.name


async def _world_of(browser: Browser, person: Person, world: World) -> Any:
    """All pages and verbs, and searches for the hidden words."""
    client, found = await browser(person), await seen_by(browser, person, world.ids["incident_id"])
    paths = ["/incidents/{incident_id:uuid}/search", *(["/people"] if person.name not in KNOW_THE_SCHOOL else [])]
    for words in (planted.VICTIM.family_name, "Басқабаев0", planted.VICTIM.iin):
        for path in paths:
            answer = await client.act(world.fill(path), {"text": words})
            found[path, words] = (answer.status_code, answer.text)
        answer = await client.get("/incidents", params={"code": words})
        found["/incidents", words] = (answer.status_code, answer.text)
    return found


def _pdf() -> bytes:
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = RUSSIAN.family_name
        pdf.save(made)
    return made.getvalue()


def _xlsx() -> bytes:
    made, book = BytesIO(), openpyxl.Workbook()
    book.properties.creator = RUSSIAN.family_name
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    "planted_in",
    [
        httpx.Response(200, text=f"<title>{RUSSIAN.family_name}</title>"),
        httpx.Response(200, json={"name": RUSSIAN.family_name}),
        httpx.Response(303, headers={"Location": f"/people?q={httpx.QueryParams({'q': RUSSIAN.family_name})}"}),
        httpx.Response(200, content=_pdf()),
        httpx.Response(200, content=_xlsx()),
        httpx.Response(200, content=f"a,{RUSSIAN.family_name.upper()}".encode()),
    ],
    ids=["page", "json", "address", "paper", "spreadsheet", "csv"],
)
def test_s_16_the_search_bites_in_every_kind_of_answer(planted_in: httpx.Response) -> None:
    planted_in.request = httpx.Request("GET", "https://qorgan.test/")
    assert channels.found(channels.said(planted_in), ALL) == [RUSSIAN.family_name]


async def test_s_16_the_search_bites_in_everything_that_stays(
    region: Region, browser: Browser, world: World, database: str, servers: LocalServers, tmp_path: Path
) -> None:
    """A word that lies in a column of any kind, in Valkey, in a line, in an envelope, in the log of the server."""
    mark, log = LATIN.family_name, tmp_path / "postgres.log"
    queue = redis.Redis.from_url(servers.redis_url)
    queue.set("canary", mark)
    with psycopg.connect(database) as admin:
        admin.execute("create table canary_text (a text, b jsonb, c bytea)")
        admin.execute("insert into canary_text values (null, null, %s)", (mark.encode(),))
        admin.execute("create table canary_json (b jsonb)")
        admin.execute("insert into canary_json values (%s)", (Jsonb({"who": mark}),))
    log.write_text(f"ERROR: invalid input {mark}")
    with listening() as stream:
        stream.write(mark)
        transport = sentry_sdk.get_client().transport
        assert transport is not None
        transport.capture_envelope(_envelope(mark))
        logs = {"log": stream.getvalue(), "sentry": envelopes().decode()}
    found = channels.stored(database, servers.redis_url, logs, log)
    with psycopg.connect(database) as admin:
        admin.execute("drop table canary_text, canary_json")
    queue.delete("canary")
    bitten = {place for place, text in found.items() if channels.found(text, [mark])}
    assert bitten == {"valkey", "canary_text", "canary_json", "log", "sentry", "postgresql log"}


def _envelope(mark: str) -> Any:
    made = sentry_sdk.envelope.Envelope()
    made.add_event({"message": mark})
    return made
