"""A second click has one effect and leads where the first one led; another page of the same form is another form."""

import asyncio

import httpx

from tests.support.http import HTML, Browser, Client
from tests.support.incidents import rows
from tests.support.people import Region

TEXT = "Екі рет басылған хабарлама"


async def token(client: Client) -> str:
    """The token of one rendering of the report page."""
    page = await client.page("/report")
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


async def send(client: Client, form_token: str, text: str = TEXT) -> httpx.Response:
    return await client.post("/report", data={"csrf_token": form_token, "description": text}, headers=HTML)


def reports(database: str) -> int:
    return int(rows(database, "select count(*) from report")[0][0])


async def test_two_clicks_at_once_make_one_report(region: Region, browser: Browser, database: str) -> None:
    marat, before = await browser(region.marat), reports(database)
    page = await token(marat)
    answers = await asyncio.gather(*(send(marat, page) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert reports(database) == before + 1
    assert len(rows(database, "select from audit_log where action = 'report.submitted'")) == before + 1
    assert len(rows(database, "select from outbox where actor = 'incidents.tell_team'")) == before + 1


async def test_the_same_words_from_a_new_page_are_a_new_report(region: Region, browser: Browser, database: str) -> None:
    marat, before = await browser(region.marat), reports(database)
    for _ in range(2):
        assert (await send(marat, await token(marat))).status_code == 303
    assert reports(database) == before + 2


async def test_other_words_from_the_same_page_are_not_lost(region: Region, browser: Browser, database: str) -> None:
    marat, before = await browser(region.marat), reports(database)
    page = await token(marat)
    await send(marat, page)
    await send(marat, page, TEXT + " және тағы бір оқиға")
    assert reports(database) == before + 2


async def test_a_refused_form_may_be_mended_and_sent(region: Region, browser: Browser, database: str) -> None:
    marat, before = await browser(region.marat), reports(database)
    page = await token(marat)
    assert (await send(marat, page, "")).status_code == 422
    assert (await send(marat, page)).status_code == 303
    assert reports(database) == before + 1


async def test_s_18_what_is_kept_of_a_form_tells_neither_who_nor_when(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    await send(marat, await token(marat))
    columns = rows(
        database, "select column_name, data_type from information_schema.columns where table_name = 'sent_form'"
    )
    assert dict(columns) == {"tenant_id": "uuid", "blind": "bytea", "day": "date", "location": "text"}
    kept = rows(database, "select distinct location from sent_form")
    assert not any(str(region.marat.user_id) in str(row) for row in kept)


async def test_one_person_cannot_use_up_the_form_of_another(region: Region, browser: Browser, database: str) -> None:
    marat, bota, before = await browser(region.marat), await browser(region.bota), reports(database)
    number = (await token(marat)).partition(".")[2]
    assert (await send(marat, f"{marat.csrf}.{number}")).status_code == 303
    assert (await send(bota, f"{bota.csrf}.{number}")).status_code == 303
    assert reports(database) == before + 2
