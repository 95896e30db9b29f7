"""Marked names and texts are planted; every person crawls every route with every id; all that leaves is searched.

Grows by itself: a new route is crawled, a new table is dumped, a new person of the region crawls too (S-13, S-16).
"""

from collections.abc import Iterator

import psycopg
import pytest
import redis
from psycopg import sql

from src.platform.cli.local.servers import LocalServers
from tests.support import files
from tests.support import world as planted
from tests.support.http import HTML, Browser
from tests.support.people import Person, Region
from tests.support.queue import drain
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

NAMES = [
    value
    for one in (planted.VICTIM, planted.OFFENDER)
    for value in (one.family_name, one.given_name, one.patronymic, one.iin, one.phone[2:])
    if value
]
IN_THE_SCHOOL = [
    text.partition(":")[0]
    for text in (
        planted.TOLD,
        planted.HEARD,
        planted.FOUND,
        planted.PROTECTED,
        planted.ANSWERED,
        planted.SAID,
        planted.PICTURED,
    )
]
WITHOUT_NAME = planted.WITHOUT_NAME.partition(":")[0]
OF_HEALTH = planted.HURT.partition(":")[0]
TO_THE_PARTNER, BY_THE_PARTNER = planted.REASON.partition(":")[0], planted.DONE.partition(":")[0]
TEAM = {"saule", "aigerim", "gulnar"}
MAY_READ_TEXTS = {*TEAM, "daulet"}
OWN_NAME = (planted.VICTIM.family_name, planted.VICTIM.given_name, planted.VICTIM.patronymic)
TO_PARENTS = planted.FOR_PARENTS.partition(":")[0]
MAY_READ_REPORTS = {"daulet", "saule", "aigerim", "timur"}
ASSESSED = planted.ASSESSED.partition(":")[0]
TO_THE_CITY, TO_A_COLLEAGUE = planted.NOTED.partition(":")[0], planted.PROTECT.partition(":")[0]
OWN_NOTE = planted.OWN_NOTE.partition(":")[0]
HELD = planted.HELD.partition(":")[0]
LETTER, LETTER_ANSWER = planted.WRITTEN.partition(":")[0], planted.REPLIED.partition(":")[0]
GRANTED, LOST = planted.GRANTED.partition(":")[0], planted.LOST.partition(":")[0]
BESIDES = (
    GRANTED,
    LOST,
    TO_THE_PARTNER,
    BY_THE_PARTNER,
    TO_PARENTS,
    WITHOUT_NAME,
    ASSESSED,
    TO_THE_CITY,
    TO_A_COLLEAGUE,
    OWN_NOTE,
    LETTER,
    LETTER_ANSWER,
    HELD,
)


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


async def said_to(person: Person, browser: Browser, world: World) -> Iterator[tuple[str, str]]:
    """Everything that a person gets by reading: route, body and headers."""
    client, found = await browser(person), []
    for method, path, _ in routes():
        if method == "GET":
            for headers in ({}, HTML):
                answer = await client.get(world.fill(path), headers=headers)
                found.append((path, answer.text + str(answer.headers) + str(answer.url)))
    return iter(found)


async def test_s_16_nobody_reads_a_planted_name_and_texts_stay_with_those_who_work_on_them(
    region: Region, browser: Browser, world: World
) -> None:
    for who, person in region.people.items():
        seen: set[str] = set()
        for path, everything in await said_to(person, browser, world):
            leaked = [mark for mark in NAMES if mark in everything and not _typed(who, path, mark)]
            assert leaked == [], (who, path)
            seen |= {mark for mark in (*IN_THE_SCHOOL, OF_HEALTH, *BESIDES) if mark in everything}
        assert seen & set(IN_THE_SCHOOL) == (set(IN_THE_SCHOOL) if who in MAY_READ_TEXTS else set()), who
        assert (OF_HEALTH in seen) == (who == "aigerim"), who
        assert TO_THE_PARTNER not in seen, who
        assert WITHOUT_NAME not in seen, who  # it stands on the page of another incident only
        assert (TO_PARENTS in seen) == (who in {*TEAM, "kamila"}), who
        assert (ASSESSED in seen) == (who in {"zhanna", "timur"}), who
        assert (TO_THE_CITY in seen) == (who in {"saule", "asel"}), who
        assert (LETTER in seen) == (LETTER_ANSWER in seen) == (who in {"saule", "daulet", "asel"}), who
        assert (HELD in seen) == (who in {"saule", "daulet"}), who
        assert (TO_A_COLLEAGUE in seen) == (who in {*TEAM, "bota"}), who
        assert (GRANTED in seen) == (who in {*TEAM, "daulet", "bota"}), who
        assert (LOST in seen) == (who == "zhanna"), who  # the operator takes part and does not read why
        assert (BY_THE_PARTNER in seen) == (who in MAY_READ_REPORTS), who
        assert (OWN_NOTE in seen) == (who == "timur"), who  # the partner's own notes


def _typed(who: str, path: str, mark: str) -> bool:
    """A name that a reporter typed stands in the text until somebody marks it; only readers of every name get it.

    A mother reads the name of her own child on her own pages (R-062).
    """
    if who == "kamila":
        return mark in OWN_NAME and path in {"/my-children", "/my-children/{incident_id:uuid}", "/tell"}
    typed = mark in (planted.OFFENDER.family_name, planted.VICTIM.given_name)
    return typed and who in MAY_READ_TEXTS and path.startswith("/incidents/{incident_id:uuid}")


async def test_s_16_a_press_opens_names_to_those_who_may_and_to_nobody_else(
    region: Region, browser: Browser, world: World
) -> None:
    victim = f"{planted.VICTIM.family_name} {planted.VICTIM.given_name}"
    for who, person in region.people.items():
        client = await browser(person)
        answer = await client.act(world.fill("/incidents/{incident_id:uuid}/names"))
        assert (victim in answer.text) == (who in MAY_READ_TEXTS), who
        answer = await client.act(world.fill("/cases/{case_id:uuid}/name"))
        assert (victim in answer.text) == (who in {"saule", "aigerim", "daulet"}), who
        answer = await client.act(world.fill("/referrals/{referral_id:uuid}/open"))
        assert (planted.VICTIM.given_name in answer.text) == (TO_THE_PARTNER in answer.text) == (who == "timur"), who
        assert planted.VICTIM.family_name not in answer.text  # not a field of the contract


async def test_s_13_a_plain_dump_of_everything_holds_no_planted_word(
    region: Region,
    browser: Browser,
    database: str,
    servers: LocalServers,
    world: World,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await drain()
    with psycopg.connect(database) as admin:
        tables = admin.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        query = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        dump = {name: str(admin.execute(query.format(sql.Identifier(name))).fetchone()) for (name,) in tables}
    queue = redis.Redis.from_url(servers.redis_url)
    dump["valkey"] = str([(key, queue.dump(key)) for key in queue.keys()])  # noqa: SIM118  # a client, not a dict
    dump["output"] = "".join(capfd.readouterr())
    dump["postgresql log"] = (servers.folder / "postgres.log").read_text()
    assert len(dump) > 30
    for mark in (*NAMES, *IN_THE_SCHOOL, OF_HEALTH, files.MAKER, *BESIDES):
        for place, text in dump.items():
            assert mark not in text, (place, mark)
            assert mark.encode().hex() not in text, (place, mark)
