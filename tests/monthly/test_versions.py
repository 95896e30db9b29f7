"""A confirmed Form E is frozen, leaves as counts alone, and a correction is a new version (R-053, R-056)."""

from typing import Any

import psycopg
import pytest

from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.monthly import service
from tests.support.http import Browser
from tests.support.incidents import reported, rows, student
from tests.support.months import (
    CALM,
    FIRST_OF_DECEMBER,
    IN_NOVEMBER,
    NOVEMBER,
    cells_of,
    confirmed,
    decided,
    month_of,
    numbers,
    seen,
    text_of,
)
from tests.support.people import Region, hire
from tests.support.queue import drain, set_clock

CHILD = "Шыңғысбаева"


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> str:
    """November: one incident with a victim; December begins."""
    set_clock(database, IN_NOVEMBER)
    await drain()
    incident = await reported(browser, region, **CALM)
    await decided(
        browser, region, incident, [(await student(region, CHILD, "Мәлике"), "victim")], {"victim": "at_risk"}
    )
    set_clock(database, FIRST_OF_DECEMBER)
    await drain()
    return incident


async def confirmed_once(region: Region, browser: Browser, database: str) -> str:
    """The month of the first school, confirmed whether another test did that or not."""
    month = month_of(database, region, NOVEMBER)
    if (await seen(browser, region.saule, month))["state"] != "confirmed":
        assert (await confirmed(browser, region.saule, month)).status_code == 303
    return month


async def reopened_once(region: Region, browser: Browser, database: str) -> str:
    """The same, open for the next version."""
    month = month_of(database, region, NOVEMBER)
    view = await seen(browser, region.saule, month)
    if view["state"] == "confirmed":
        again = {"version": view["version"], "reason": "тексеру"}
        assert (await (await browser(region.saule)).act(f"/form-e/{month}/reopen", again)).status_code == 303
    return month


async def test_r_056_a_confirmed_form_is_frozen_and_a_correction_is_a_new_version(
    region: Region, browser: Browser, database: str, lived: str
) -> None:
    saule, asel = await browser(region.saule), await browser(region.asel)
    kept = rows(database, "select count(*) from form_e where tenant_id = %s", region.organisations["school12"])[0][0]
    month = await reopened_once(region, browser, database)
    own = region.organisations["school12"]

    async def city_row() -> dict[str, Any]:
        listed = (await asel.get(f"/schools/form-e?month={NOVEMBER}")).json()["rows"]
        found: dict[str, Any] = next(row for row in listed if row["school"] == "№12 мектеп")
        return found

    assert (await city_row())["revision"] == kept  # never a draft
    draft = await seen(browser, region.saule, month)
    stale = await saule.act(f"/form-e/{month}/confirm", {"version": draft["version"], "seen": "0" * 16})
    assert (stale.status_code, stale.json()["code"]) == (409, "form_e.numbers_moved")
    note = "=1+1 Қараша айында зал жабық болды"
    done = await confirmed(browser, region.saule, month, note=note)
    assert (done.status_code, done.headers["location"]) == (303, f"/form-e/{month}")
    action = "select action, detail from audit_log where %s = any (record_ids) and action = 'form_e.confirmed'"
    assert ("form_e.confirmed", {"revision": kept + 1}) in rows(database, action, month)
    met = "select met_at is not null, overdue_at from obligation where code = 'clk_monthly_e' and subject_id = %s"
    assert rows(database, met, month)[0][0] is True
    refresh = "select count(*) from outbox where actor = 'oversight.refresh' and args ->> 'month' = '202612'"
    assert rows(database, refresh)[0][0] >= 1
    frozen = await seen(browser, region.saule, month)
    assert numbers(frozen) == numbers(draft)
    assert (frozen["is_frozen"], frozen["note"], frozen["may"]) == (True, note, ["reopen", "take"])
    again_ = await saule.act(f"/form-e/{month}/confirm", {"version": frozen["version"], "seen": draft["seen"]})
    assert (again_.status_code, again_.json()["code"]) == (409, "form_e.confirmed")
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    with psycopg.connect(url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("update form_e set numbers = '{}'")
    with psycopg.connect(url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("delete from form_e")

    first = await city_row()
    sent = (await asel.get(f"/schools/form-e/{first['form_id']}")).json()
    assert (numbers(sent), sent["note"], sent["newest"]) == (numbers(draft), note, True)
    assert str(own) not in str(sent)
    before = await reported(browser, region, **CALM)
    moved = "update incident set reported_at = '2026-11-20 12:00+05' where id = %s returning id"
    rows(database, moved, before)
    assert numbers(await seen(browser, region.saule, month)) == numbers(draft)  # what happens later changes nothing
    await _corrected(region, browser, month, draft, first, city_row)


async def _corrected(
    region: Region, browser: Browser, month: str, draft: dict[str, Any], first: dict[str, Any], city_row: Any
) -> None:
    """Opened again with a reason, counted anew, and a second version beside the first."""
    saule, asel = await browser(region.saule), await browser(region.asel)
    frozen, kept = await seen(browser, region.saule, month), first["revision"] - 1
    bare = await saule.act(f"/form-e/{month}/reopen", {"version": frozen["version"]})
    assert bare.status_code == 422
    opened = await saule.act(
        f"/form-e/{month}/reopen", {"version": frozen["version"], "reason": "Бір хабар қалып қойды"}
    )
    assert opened.status_code == 303, opened.text
    assert (
        await saule.act(f"/form-e/{month}/reopen", {"version": frozen["version"] + 1, "reason": "тағы"})
    ).status_code == 409
    assert (await city_row())["form_id"] == first["form_id"]  # the city keeps the first until there is a second
    second = await confirmed(browser, region.saule, month)
    assert second.status_code == 303, second.text
    view = await seen(browser, region.saule, month)
    assert numbers(view)["cases_total"] == numbers(draft)["cases_total"] + 1
    last = [(one["revision"], one["reason"]) for one in view["history"]][:2]
    assert last == [(kept + 2, None), (kept + 1, "Бір хабар қалып қойды")]
    assert numbers(await seen(browser, region.saule, month, f"?revision={kept + 1}")) == numbers(draft)
    newest = await city_row()
    assert (newest["revision"], newest["form_id"] != first["form_id"]) == (kept + 2, True)
    assert (await asel.get(f"/schools/form-e/{first['form_id']}")).json()["newest"] is False


async def test_r_053_what_leaves_holds_counts_and_no_person(
    region: Region, browser: Browser, database: str, lived: str
) -> None:
    """PDF in both languages for both sides, and a spreadsheet in which a text is never a formula."""
    month = await confirmed_once(region, browser, database)
    form = str(
        rows(
            database,
            "select id from form_e where tenant_id = %s order by revision desc",
            region.organisations["school12"],
        )[0][0]
    )
    people = [CHILD, "Мәлике", "Бала-", "Ребёнок-", "Хабарлаушы-"]
    for person, path in ((region.saule, f"/form-e/{month}/take"), (region.asel, f"/schools/form-e/{form}/take")):
        client = await browser(person)
        for language, title in (("kk", "Оқиғалар туралы ай сайынғы"), ("ru", "Ежемесячная сводка по инцидентам")):
            paper = await client.act(path, {"language": language, "kind": "pdf"})
            assert paper.headers["content-type"] == "application/pdf", paper.text
            text = text_of(paper.content)
            assert title in text
            assert not any(name in text for name in people)
            table = await client.act(path, {"language": language, "kind": "xlsx"})
            cells = cells_of(table.content)
            assert all(cell.data_type in "ns" for cell in cells.values())
            assert not any(name in str([(k, v.value) for k, v in cells.items()]) for name in people)
    assert cells["Сообщено случаев насилия"].value >= 1
    assert cells["Название школы"].value == "Школа №12"
    stored = rows(database, "select t::text from form_e t")
    assert not any(
        str(p.person_id) in str(stored) or str(p.membership_id) in str(stored) for p in region.people.values()
    )
    kinds = "select count(*) from audit_log where action = 'form_e.taken' and %s = any (record_ids)"
    assert rows(database, kinds, form)[0][0] == 8
    assert (
        await (await browser(region.asel)).act(f"/schools/form-e/{new_id()}/take", {"language": "kk", "kind": "pdf"})
    ).status_code == 404


async def test_r_052_r_241_a_month_without_incidents_is_confirmed_with_zeros_and_another_school_has_its_own(
    region: Region, browser: Browser, database: str, lived: str
) -> None:

    neighbour = region.organisations["school45"]
    leader = await hire("saule", neighbour, ("team_coordinator",))
    month = str(rows(database, "select id from form_e_month where tenant_id = %s", neighbour)[0][0])
    foreign = await (await browser(leader)).get(f"/form-e/{month_of(database, region, NOVEMBER)}")
    assert foreign.status_code == 404
    view = await seen(browser, leader, month)
    assert set(numbers(view).values()) == {0}
    assert len(numbers(view)) == len(service.number_keys())
    done = await confirmed(browser, leader, month)
    assert done.status_code == 303, done.text
    kept = rows(database, "select numbers from form_e where tenant_id = %s", neighbour)
    assert set(kept[0][0].values()) == {0}
