"""A class list too long for a request: checked in batches, loaded at once, all rows or none (ADR 31)."""

from datetime import timedelta

import psycopg
import pytest

from src.platform.kit import clock
from src.platform.tenants import service as tenants
from tests.support.class_lists import as_csv, student, upload
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.longwork import audited, step, waiting
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

ROWS = 520  # a batch and some
_STUDENTS = "select count(*) from person where kind = 'student'"


def long_list(first: int) -> bytes:
    return as_csv(*(student(first + number, school_class=f"9{'АБВГ'[number % 4]}") for number in range(ROWS)))


async def uploaded(client: Client, first: int) -> str:
    checked = await upload(client, long_list(first))
    assert checked.status_code == 303, checked.text
    return str(checked.headers["location"])


async def labels(client: Client) -> set[str]:
    return {one["label"] for one in (await client.get("/classes")).json()["rows"]}


async def test_all_rows_or_none_of_a_long_list_whenever_it_is_cancelled(
    browser: Browser, region: Region, database: str
) -> None:
    daulet, saule = await browser(region.daulet), await browser(region.saule)
    before, classes = rows(database, _STUDENTS), await labels(daulet)
    draft = await uploaded(daulet, 10_000)
    assert (await saule.act(f"{draft}/load")).status_code == 404, "somebody else's upload"
    begun = await daulet.act(f"{draft}/load", html=True)
    work = begun.headers["location"]
    assert (begun.status_code, work.startswith("/work/")) == (303, True)
    assert (await daulet.act(f"{draft}/load")).headers["location"] == work
    await step(database)
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], view["total"], view["keeps_steps"]) == ("running", 500, ROWS, False)
    assert "Тексерілген жолдар: 500 / 520" in (await daulet.page(work)).text
    assert (await saule.get(work)).status_code == 404
    await step(database)
    assert (await daulet.get(work)).json()["done"] == ROWS
    assert (rows(database, _STUDENTS), await labels(daulet)) == (before, classes), "nothing is seen before the end"
    assert "Одан ештеңе қалмайды" in (await daulet.page(f"{work}/cancel")).text
    assert (await daulet.act(f"{work}/cancel")).status_code == 303
    await drain()
    assert (rows(database, _STUDENTS), await labels(daulet)) == (before, classes)
    for address in (draft, f"{draft}/load"):
        assert (await (daulet.get(address) if address == draft else daulet.act(address))).status_code == 404
    assert (await daulet.act(f"{work}/go-on")).status_code == 409, "there is nothing left to go on with"
    assert [detail["done"] for _actor, detail in audited(database, "long_work.cancelled", work)] == [ROWS]


async def test_a_long_list_is_loaded_at_the_end_and_goes_on_after_a_failure(
    browser: Browser, region: Region, database: str
) -> None:
    daulet = await browser(region.daulet)
    before, classes = rows(database, _STUDENTS)[0][0], await labels(daulet)
    draft = await uploaded(daulet, 20_000)
    work = (await daulet.act(f"{draft}/load")).headers["location"]
    set_clock(database, clock.now() + timedelta(hours=2))
    await step(database)  # the hour of an upload that nobody confirmed does not end one that is being loaded
    draft_id = draft.rpartition("/")[2]
    with psycopg.connect(database) as admin:
        admin.execute("update class_list_draft set expires_at = now() - interval '1 day' where id = %s", (draft_id,))
    await step(database)
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"]) == ("failed", 500)
    assert "Файлды қайта жүктеңіз" in view["failure"]
    with psycopg.connect(database) as admin:
        admin.execute("update class_list_draft set expires_at = now() + interval '9 day' where id = %s", (draft_id,))
    assert (await daulet.act(f"{work}/go-on")).status_code == 303
    await drain()
    assert (dead_or_failed(database), waiting(database)) == ([], [])
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], view["leads_to"]) == ("done", ROWS, "/classes")
    assert view["said"] == "Тізімнің барлық жолы жүктелді"
    assert rows(database, _STUDENTS)[0][0] == before + ROWS
    assert await labels(daulet) - classes == {"9А", "9Б", "9В", "9Г"}
    loaded = "select actor_id, detail from audit_log where action = 'class_list.loaded' and record_ids[1] = %s"
    assert rows(database, loaded, draft_id) == [(region.daulet.user_id, {"added": ROWS})]
    assert (await daulet.get(draft)).status_code == 404


async def test_how_long_a_list_may_be_for_one_request_is_a_setting(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    daulet = await browser(region.daulet)
    for most, where in ((1, "/work/"), (2, "/classes")):
        async with inside(region.organisations["school12"]) as work:
            await tenants.change_setting(work, "class_list_at_once", most)
        content = as_csv(student(30_000 + 2 * most, school_class="8А"), student(30_001 + 2 * most, school_class="8А"))
        draft = (await upload(daulet, content)).headers["location"]
        assert (await daulet.act(f"{draft}/load")).headers["location"].startswith(where)
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "class_list_at_once", 300)
    await drain()
