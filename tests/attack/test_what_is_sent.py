"""S-55: how much anybody may send, and not one byte more; what was bent once is answered in words ever after."""

import json
import re

import pytest

from tests.support import files
from tests.support.http import HTML, Browser
from tests.support.incidents import reported, rows
from tests.support.people import Region

MEGABYTE, UPLOAD, DEPTH, PARTS = 1_000_000, 20_000_000, 32, 20


async def _reports(database: str) -> int:
    return int(rows(database, "select count(*) from report")[0][0])


@pytest.mark.parametrize("form", [False, True])
async def test_s_55_a_body_of_more_than_a_megabyte_is_refused_whoever_sends_it(
    browser: Browser, region: Region, database: str, form: bool
) -> None:
    before = await _reports(database)
    for client, status in ((await browser(region.marat), 413), (browser.visitor(), 413 if form else 401)):
        body = {"description": "a" * (MEGABYTE + 1)}
        answer = await client.act("/report", body, html=form)
        assert (answer.status_code, "aaaa" in answer.text) == (status, False), answer.text[:200]
    almost = json.dumps({"description": "a" * 20_000, "who": "a" * 2_000}).encode().ljust(MEGABYTE)
    marat = await browser(region.marat)
    headers = {"X-CSRF-Token": marat.csrf, "Content-Type": "application/json"}
    assert (await marat.post("/report", content=almost, headers=headers)).status_code == 303
    assert (await marat.post("/report", content=almost + b" ", headers=headers)).status_code == 413
    assert await _reports(database) == before + 1


async def test_s_55_an_upload_of_more_than_twenty_megabytes_is_refused_and_nothing_is_kept(
    browser: Browser, region: Region, database: str
) -> None:
    aigerim, incident = await browser(region.aigerim), await reported(browser, region)
    answer = await files.sent(aigerim, incident, files.photo() + bytes(UPLOAD))
    assert answer.status_code in (413, 422), answer.text
    assert rows(database, "select count(*) from attachment") == [(0,)]


@pytest.mark.parametrize("opened", ["[", '{"a":'])
async def test_s_55_json_deeper_than_32_is_refused(browser: Browser, region: Region, opened: str) -> None:
    marat = await browser(region.marat)
    closed = "]" if opened == "[" else "}"
    headers = {"X-CSRF-Token": marat.csrf, "Content-Type": "application/json"}

    def nested(depth: int) -> str:
        return f'{{"description": "x", "who": {opened * depth}1{closed * depth}}}'

    for depth, codes in ((DEPTH - 1, {"not_text"}), (DEPTH, {"too_much"}), (100_000, set())):
        answer = await marat.post("/report", content=nested(depth), headers=headers)
        assert answer.status_code == 422, (depth, answer.text)
        assert {one["code"] for one in answer.json()["fields"]} == codes, (depth, answer.text)


async def test_s_55_a_form_of_more_than_twenty_files_or_too_many_parts_is_refused(
    browser: Browser, region: Region, database: str
) -> None:
    aigerim, incident = await browser(region.aigerim), await reported(browser, region)
    for many in (PARTS + 1, 300, 3_000):
        parts = [("file", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(many)]
        answer = await aigerim.post(f"/incidents/{incident}/files", files=parts, headers={"X-CSRF-Token": aigerim.csrf})
        assert answer.status_code in (413, 422), (many, answer.status_code, answer.text)
    assert rows(database, "select count(*) from attachment") == [(0,)]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/incidents?violence=268969",
            "/incidents?behaviour=x",
            "/incidents?clock=24:00",
            "/incidents?state=x&state=y",
        ),
        *("/incidents?urgency=a&urgency=b", "/incidents?lacks=%00", "/assets/a%00b.css", f"/assets/{'a' * 3_000}"),
    ],
)
async def test_s_55_an_address_that_somebody_changed_is_answered_in_words(
    region: Region, browser: Browser, address: str
) -> None:
    page = await (await browser(region.saule)).page(address)
    assert page.status_code == (404 if address.startswith("/assets") else 422)


async def test_s_55_a_page_that_a_program_fills_with_anything_but_texts_is_answered_in_words(browser: Browser) -> None:
    for value in (1, None, {"a": 1}, [1], True):
        body = {"sign_in": value, "password": value, "next": value}
        assert (await browser.visitor().post("/sign-in", json=body, headers=HTML)).status_code == 422


async def test_s_55_one_box_that_is_ticked_in_a_form_that_is_refused_stays_ticked(
    region: Region, browser: Browser, database: str
) -> None:
    """A single checkbox arrives as a text and not as a list; its page must not take it for letters."""
    names = {"name_kk": "Ауыл", "name_ru": "Аул", "name_en": "Aul"}
    assert (await (await browser(region.oleg)).act("/districts", names)).status_code == 303
    ((district,),) = rows(database, "select id from district")
    body = {"version": "0", "districts": str(district)}
    page = await (await browser(region.timur)).act("/catalogue/own/services", body, html=True)
    assert page.status_code == 422
    assert re.search(rf'value="{district}"[^>]*checked', page.text)
    for field, one in (("contract_fields", "given_name"), ("service_types", "counselling")):
        page = await (await browser(region.saule)).act("/agreements", {field: one}, html=True)
        assert page.status_code == 422
        assert re.findall(rf'name="{field}"[^>]*value="(\w+)"[^>]*checked', page.text) == [one]
