"""Filters that a person keeps: theirs alone, sealed, renamed and deleted by them."""

from uuid import UUID

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import HTML, Browser
from tests.support.incidents import reported, rows
from tests.support.people import Person, Region

QUERY = "state=reported&urgency=urgent"


async def kept(browser: Browser, person: Person) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await (await browser(person)).get("/incidents/filters")).json()["rows"]
    return found


async def saved(browser: Browser, person: Person, name: str, query: str = QUERY) -> dict[str, str]:
    answer = await (await browser(person)).act("/incidents/filters", {"name": name, "query": query})
    assert answer.status_code == 303, answer.text
    return next(one for one in await kept(browser, person) if one["name"] == name)


def last_row(database: str) -> tuple[str, list[object]]:
    found: tuple[str, list[object]] = rows(
        database, "select action, record_ids from audit_log order by seq desc limit 1"
    )[0]
    return found


async def test_a_filter_is_kept_opens_the_list_is_renamed_and_deleted(
    browser: Browser, region: Region, database: str
) -> None:
    await reported(browser, region)
    saule = await browser(region.saule)
    one = await saved(browser, region.saule, "Жедел")
    assert last_row(database) == ("filter.saved", [UUID(one["id"])])
    assert one["query"] == QUERY
    listed = await saule.get(f"/incidents?{one['query']}")
    assert listed.json()["rows"]
    assert "Жедел" in [it["name"] for it in listed.json()["filters"]]
    path = f"/incidents/filters/{one['id']}"
    assert (await saule.act(path, {"version": one["version"], "name": "Шұғыл"})).status_code == 303
    assert last_row(database)[0] == "filter.renamed"
    assert (await saule.act(path, {"version": one["version"], "name": "Кеш"})).status_code == 409
    page = await saule.page("/incidents/filters")
    assert "Шұғыл" in page.text
    assert "сүзгісі жойылады" in page.text
    assert (await saule.act(f"{path}/delete")).status_code == 303
    assert last_row(database)[0] == "filter.deleted"
    assert one["id"] not in [it["id"] for it in await kept(browser, region.saule)]
    assert (await saule.act(f"{path}/delete")).status_code == 404


async def test_s_13_no_text_of_a_filter_is_stored_in_clear(browser: Browser, region: Region, database: str) -> None:
    await saved(browser, region.saule, "Қырғауылова 7Б", "code=KTR")
    stored = str(rows(database, "select t::text from saved_filter t")) + str(
        rows(database, "select t::text from audit_log t where action like 'filter.%%'")
    )
    for mark in ("Қырғауылова", "KTR"):
        assert mark not in stored
        assert mark.encode().hex() not in stored


async def test_s_12_a_filter_is_its_owners_alone(browser: Browser, region: Region) -> None:
    one = await saved(browser, region.saule, "Менікі")
    aigerim, marat = await browser(region.aigerim), await browser(region.marat)
    assert await kept(browser, region.aigerim) == []
    assert (await aigerim.get("/incidents")).json()["filters"] == []
    for path, body in ((f"/incidents/filters/{one['id']}", {"version": 1, "name": "x"}),):
        foreign, unknown = await aigerim.act(path, body), await aigerim.act(f"/incidents/filters/{new_id()}", body)
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert (await aigerim.act(f"/incidents/filters/{one['id']}/delete")).status_code == 404
    assert (await marat.get("/incidents/filters")).status_code == 403
    assert (await marat.act("/incidents/filters", {"name": "x", "query": QUERY})).status_code == 403


@pytest.mark.parametrize(
    "query", ["reporter=Marat", "state=dancing", "after=x", "reported_from=2026-02-02&reported_to=2026-01-01"]
)
async def test_s_17_what_is_no_question_to_the_list_is_not_kept(browser: Browser, region: Region, query: str) -> None:
    saule = await browser(region.saule)
    answer = await saule.act("/incidents/filters", {"name": "x", "query": query})
    assert answer.status_code == 422
    assert query not in answer.text


async def test_a_filter_without_a_name_is_asked_for_one_and_keeps_what_was_asked(
    browser: Browser, region: Region
) -> None:
    saule = await browser(region.saule)
    answer = await saule.act("/incidents/filters", {"name": "", "query": QUERY}, html=True)
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert 'value="state=reported&amp;urgency=urgent"' in answer.text
    assert 'id="name"' in answer.text


async def test_filters_have_a_bound(browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.platform.incidents.reading.saved.MOST", 2)
    for name in ("бір", "екі"):
        await saved(browser, region.daulet, name)
    full = await (await browser(region.daulet)).post(
        "/incidents/filters",
        json={"name": "үш", "query": QUERY},
        headers={"X-CSRF-Token": (await browser(region.daulet)).csrf} | HTML,
    )
    assert full.status_code == 409
