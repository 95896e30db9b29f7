"""Who may open a class list, who may find a person, and what a search never tells (decisions 16, S-12, S-17)."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.class_lists import as_xlsx, iin, load, student
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows
from tests.support.inside import as_person
from tests.support.people import Region, hire


@pytest.fixture(scope="module")
async def classes(browser: Browser, region: Region) -> dict[str, Any]:
    """1А and 1Ә, which Bota teaches."""
    daulet = await browser(region.daulet)
    await load(daulet, as_xlsx(student(1, school_class="1Ә", family="Өтегенов"), student(2, school_class="1А")))
    found = {row["label"]: row["id"] for row in (await daulet.get("/classes")).json()["rows"]}
    body = {"version": 1, "teacher": str(region.bota.membership_id)}
    appointed = await daulet.act(f"/classes/{found['1Ә']}/teacher", body)
    assert appointed.status_code == 303, appointed.text
    return found


async def test_a_class_teacher_opens_the_own_class_only(
    browser: Browser, region: Region, classes: dict[str, Any]
) -> None:
    bota = await browser(region.bota)
    assert [row["label"] for row in (await bota.get("/classes")).json()["rows"]] == ["1Ә"]
    own = (await bota.get(f"/classes/{classes['1Ә']}")).json()
    assert (own["students"], own["teacher"], own["candidates"]) == (["Өтегенов Аян"], "Bekova Bota", [])
    assert (await bota.get(f"/classes/{classes['1А']}")).status_code == 404


async def test_director_deputy_and_team_open_every_class_with_one_audit_row(
    browser: Browser, region: Region, classes: dict[str, Any], database: str
) -> None:
    for person in (region.daulet, region.saule, region.gulnar):
        assert (await (await browser(person)).get(f"/classes/{classes['1Ә']}")).status_code == 200
        read = rows(
            database,
            "select distinct record_ids, classes from audit_log where action = 'class_list.read' and actor_id = %s",
            person.user_id,
        )
        assert read == [([UUID(classes["1Ә"])], ["school-internal"])]


async def test_s_12_a_class_of_another_school_is_a_class_that_does_not_exist(
    browser: Browser, region: Region, classes: dict[str, Any]
) -> None:
    elsewhere = await hire("daulet", region.organisations["school45"], ("school_director",))
    for person, foreign in ((elsewhere, classes["1Ә"]), (region.bota, classes["1А"])):
        client = await browser(person)
        answers = [await client.get(f"/classes/{i}") for i in (foreign, new_id())]
        assert answers[0].status_code == answers[1].status_code == 404
        assert answers[0].content == answers[1].content
    saule = await browser(region.saule)
    for teacher in (region.erlan.membership_id, region.marat.membership_id, new_id()):
        body = {"version": 1, "teacher": str(teacher)}
        refused = await saule.act(f"/classes/{classes['1А']}/teacher", body)
        assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "not_a_teacher")


async def test_who_may_not_appoint_is_told_so_and_a_stale_page_is_refused(
    browser: Browser, region: Region, classes: dict[str, Any]
) -> None:
    body = {"version": 99, "teacher": str(region.bota.membership_id)}
    aigerim, saule = await browser(region.aigerim), await browser(region.saule)
    assert (await aigerim.act(f"/classes/{classes['1А']}/teacher", body)).status_code == 403
    stale = await saule.act(f"/classes/{classes['1А']}/teacher", body)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


async def test_every_employee_finds_a_person_by_a_form_and_never_by_an_address(
    browser: Browser, region: Region, classes: dict[str, Any], database: str
) -> None:
    marat = await browser(region.marat)
    page = await marat.act("/people", {"text": "өтег"}, html=True)
    assert "Өтегенов Аян" in page.text
    assert "1Ә" in page.text
    assert "Өтегенов" not in (await marat.page("/people?text=%D3%A9%D1%82%D0%B5%D0%B3")).text
    searched = rows(
        database,
        "select detail::text from audit_log where action = 'person.searched' and actor_id = %s",
        region.marat.user_id,
    )
    assert {row[0] for row in searched} == {"{}"}
    short = await marat.act("/people", {"text": "өт"}, html=True)
    assert short.status_code == 422
    for stranger in (region.zhanna, region.timur, region.asel, region.oleg):
        assert (await (await browser(stranger)).act("/people", {"text": "өтег"})).status_code == 403


async def test_s_17_a_search_does_not_depend_on_what_is_hidden(
    browser: Browser, region: Region, classes: dict[str, Any]
) -> None:
    marat = await browser(region.marat)
    before = (await marat.act("/people", {"text": "тегіновв"})).json()
    incident = await reported(browser, region)
    async with as_person(region.saule) as work:
        child = (await vault.recognise(work, [Identity(family_name="", given_name="", iin=iin(2))]))[0]
    assert child is not None
    await name(browser, region, incident, str(child.person_id), "victim")
    assert (await marat.act("/people", {"text": "тегіновв"})).json() == before
    for hidden in (iin(2), iin(2)[:6], "87010000902", str(child.person_id)):
        assert (await marat.act("/people", {"text": hidden})).json()["found"] == []
    odd = await marat.act("/people", {"text": "тегінов", "role": "victim", "sort": "incidents"})
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid")


async def test_a_search_gives_ten_at_most_and_guardians_never(browser: Browser, region: Region) -> None:
    async with as_person(region.saule) as work:
        many = [Identity(family_name="Көпжанов", given_name=f"Аян{'абвгдежзиклмн'[n]}") for n in range(13)]
        await vault.add_people(work, "student", many)
        await vault.add_person(work, "guardian", Identity(family_name="Көрінбесов", given_name="Әке"))
    marat = await browser(region.marat)
    assert len((await marat.act("/people", {"text": "көпжанов"})).json()["found"]) == 10
    assert (await marat.act("/people", {"text": "көрінбес"})).json()["found"] == []


async def test_a_foreign_person_and_a_random_one_are_tied_alike(region: Region) -> None:
    codes = []
    for stranger in (region.erlan.person_id, new_id()):
        with pytest.raises(Exception) as caught:
            async with as_person(region.saule) as work:
                await vault_ties.tie(work, region.marat.person_id, stranger, "mother")
        cause = caught.value.__cause__
        assert isinstance(cause, psycopg.errors.ForeignKeyViolation)
        codes.append((cause.sqlstate, cause.diag.constraint_name))
    assert codes[0] == codes[1]
