"""A report without an account, from the address on a poster to the team (X8)."""

import asyncio
from typing import Any

import pytest

from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings as process_settings
from src.platform.tenants import service as tenants
from tests.support.doors import (
    DOOR,
    REACH,
    TOLD,
    another_school,
    forget_uses,
    number_on,
    opened,
    receipt,
    tell,
    told,
    with_settings,
)
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.pages import PageOf
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.statements import sent
from tests.web.test_pages_cost import MOST_STATEMENTS

NUMBERS = ("112", "102", "103", "111")
PAGES = ("", "/report", "/receipt")


async def incidents_of(browser: Browser, region: Region) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await browser(region.aigerim)).get("/incidents")).json()["rows"]
    return found


async def new_incident(browser: Browser, region: Region, visitor: Client, **sent: Any) -> dict[str, Any]:
    before = {one["id"] for one in await incidents_of(browser, region)}
    await told(visitor, **sent)
    (new,) = [one for one in await incidents_of(browser, region) if one["id"] not in before]
    return new


async def test_x8_an_anonymous_report_is_a_report_like_any_other_but_for_the_reporter(
    browser: Browser, region: Region, database: str, visitor: Client
) -> None:
    new = await new_incident(browser, region, visitor, happened="кеше, аула", who="үшеу", danger="no")
    view = (await (await browser(region.aigerim)).get(f"/incidents/{new['id']}")).json()
    (text,) = view["reports"]
    assert (text["channel"], text["description"], text["happened"], text["who"]) == (
        "anonymous",
        TOLD,
        "кеше, аула",
        "үшеу",
    )
    assert "reporter" not in text
    assert "reporter_name" not in text
    assert [one["code"] for one in view["clocks"]] == ["clk_screen_standard"]
    assert view["to_hear"] == []  # nobody who can be heard is demanded
    stored = rows(
        database, "select reporter_sealed, reporter_blind, reporter_status from report where id = %s", text["id"]
    )
    assert stored == [(None, None, "other")]
    audit = rows(
        database,
        "select actor_id, actor_sealed from audit_log where action = 'report.submitted' and %s = any (record_ids)",
        view["id"],
    )
    assert audit == [(None, None)]
    queued = rows(database, "select actor from outbox where args->>'incident' = %s", view["id"])
    assert queued == [("incidents.tell_team",)]


async def test_r_259_one_sentence_is_enough_and_silence_counts_as_danger(
    browser: Browser, region: Region, visitor: Client
) -> None:
    for answer, urgency in (({}, "urgent"), ({"danger": "unknown"}, "urgent"), ({"danger": "yes"}, "urgent")):
        assert (await new_incident(browser, region, visitor, **answer))["urgency"] == urgency
    assert (await new_incident(browser, region, visitor, danger="no"))["urgency"] == "standard"


async def test_r_259_nothing_at_all_is_refused_in_words_and_nothing_typed_is_lost(visitor: Client) -> None:
    typed = {"number": await number_on(visitor), "description": " ", "happened": "таңертең", "danger": "yes"}
    answer = await visitor.post(f"{DOOR}/report", data=typed, headers=HTML)
    assert answer.status_code == 422
    page = PageOf(answer.text)
    assert page.complaints == ["description"]
    assert "description" in page.ids
    assert page.forms[0].fields["happened"] == "таңертең"
    assert 'value="yes" checked' in answer.text
    assert all(f"tel:{number}" in answer.text for number in NUMBERS)


async def test_r_259_an_emoji_is_a_report_and_a_novel_is_kept_for_its_author(visitor: Client) -> None:
    await told(visitor, description="😢")
    long = {"number": await number_on(visitor), "description": "я" * 100_000}
    answer = await visitor.post(f"{DOOR}/report", data=long, headers=HTML)
    assert answer.status_code == 422
    assert "я" * 100_000 in answer.text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", PAGES)
async def test_r_260_every_public_page_has_the_numbers_a_way_out_and_keeps_nothing(
    visitor: Client, region: Region, page: str, language: str
) -> None:
    answer = await visitor.page(f"{DOOR}{page}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert all(f"tel:{number}" in answer.text for number in NUMBERS)
    assert 'data-exit href="https://' in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "data-draft" not in answer.text
    assert REACH in answer.text  # never the only way


async def test_r_260_the_numbers_of_the_school_replace_ours(visitor: Client, region: Region) -> None:
    await with_settings(region, emergency_numbers=["150"])
    assert (await visitor.get(DOOR)).json()["emergency_numbers"] == ["150"]
    await with_settings(region, emergency_numbers=[])
    assert (await visitor.get(DOOR)).json()["emergency_numbers"] == list(NUMBERS)


async def test_r_260_receipts_have_the_numbers_too(visitor: Client) -> None:
    sent = {"number": await number_on(visitor), "description": TOLD}
    taken = await visitor.post(f"{DOOR}/report", data=sent, headers=HTML)
    code = (await visitor.post(f"{DOOR}/report", json=sent)).json()["code"]
    opened_page = await visitor.post(f"{DOOR}/receipt", data={"code": code}, headers=HTML)
    for answer in (taken, opened_page):
        assert answer.status_code == 200
        assert all(f"tel:{number}" in answer.text for number in NUMBERS)
        assert "data-exit" in answer.text
        assert "set-cookie" not in answer.headers


async def test_the_other_language_of_a_half_written_form_loses_nothing(visitor: Client, database: str) -> None:
    before = rows(database, "select count(*) from report")
    typed = {"number": await number_on(visitor), "description": "жартысы", "who": "екеу", "_language": "ru"}
    answer = await visitor.post(f"{DOOR}/report?lang=ru", data=typed, headers=HTML)
    assert answer.status_code == 200
    assert '<html lang="ru"' in answer.text
    assert ">жартысы</textarea>" in answer.text
    assert ">екеу</textarea>" in answer.text
    assert rows(database, "select count(*) from report") == before


async def test_r_033_without_somebody_to_speak_to_the_address_stays_shut(
    browser: Browser, region: Region, visitor: Client
) -> None:
    daulet = await browser(region.daulet)
    for body in (
        {"is_on": "on"},
        {"is_on": "on", "contact": str(region.aigerim.membership_id)},
        {"is_on": "on", "reach": REACH},
    ):
        answer = await daulet.act("/door", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "door.nobody_to_speak_to")
    answer = await daulet.act("/door", {"is_on": "on", "contact": str(region.marat.membership_id), "reach": REACH})
    assert answer.status_code == 422  # a teacher who is not in the team


async def test_r_033_no_school_is_open_before_somebody_opened_it(browser: Browser, region: Region) -> None:
    page = await browser.visitor().page("/s/mek45")
    assert page.status_code == 200
    assert all(f"tel:{number}" in page.text for number in NUMBERS)
    form = await browser.visitor().page("/s/mek45/report")
    assert (form.status_code, "textarea" in form.text) == (200, False)


async def test_r_033_it_shuts_itself_when_who_was_named_leaves_the_team(
    browser: Browser, region: Region, database: str, visitor: Client
) -> None:
    await opened(browser, region, contact=str(region.gulnar.membership_id))
    sent = {"number": await number_on(visitor), "description": TOLD}
    async with inside(region.organisations["school12"]) as work:
        await tenants.revoke_role(work, region.gulnar.membership_id, "team_member")
    try:
        assert (await visitor.get(DOOR)).json()["is_open"] is False
        before = rows(database, "select count(*) from report")
        answer = await visitor.post(f"{DOOR}/report", data=sent, headers=HTML)
        assert answer.status_code == 409
        assert TOLD in answer.text  # not sent, and not lost
        assert all(f"tel:{number}" in answer.text for number in NUMBERS)
        assert rows(database, "select count(*) from report") == before
    finally:
        async with inside(region.organisations["school12"]) as work:
            await tenants.grant_role(work, region.gulnar.membership_id, "team_member")


async def test_r_033_only_who_leads_opens_it_and_the_change_is_recorded(
    browser: Browser, region: Region, database: str
) -> None:
    for person in (region.marat, region.aigerim, region.asel, region.timur):
        client = await browser(person)
        assert (await client.get("/door")).status_code == 403
        assert (await client.act("/door", {})).status_code == 403
    saule = await browser(region.saule)
    answer = await saule.act("/door", {"contact": str(region.aigerim.membership_id), "reach": REACH, "is_on": "on"})
    assert answer.status_code == 303
    page = (await saule.get("/door")).json()
    assert (page["answers"], page["address"].endswith(DOOR)) == (True, True)
    last = "select actor_id, detail->>'name' from audit_log where action = 'setting.changed' order by seq desc limit 1"
    assert rows(database, last) == [(region.saule.user_id, "public_door")]


async def test_r_033_a_suspended_school_still_says_whom_to_call_and_takes_nothing(
    browser: Browser, region: Region, database: str, visitor: Client
) -> None:
    school, door = await another_school(browser, region, database)
    code = await told(visitor, door=door)
    sent = {"number": await number_on(visitor, f"{door}/report"), "description": TOLD}
    async with inside(region.operator) as work:
        await tenants.set_suspended(work, school.tenant_id)
    for page in PAGES:
        answer = await visitor.page(door + page)
        assert (answer.status_code, "textarea" in answer.text) == (200, False)
        assert all(f"tel:{number}" in answer.text for number in NUMBERS)
    refused = await visitor.post(f"{door}/report", data=sent, headers=HTML)
    assert (refused.status_code, TOLD in refused.text) == (409, True)
    assert (await receipt(visitor, code, door=door)).status_code == 409
    async with inside(region.operator) as work:
        await tenants.set_resumed(work, school.tenant_id)
    assert (await receipt(visitor, code, door=door)).status_code == 200


@pytest.mark.parametrize("slug", ["nowhere", "umit", "bilim", "%00", "mek12%27", "x" * 500])
async def test_s_12_an_address_that_no_school_has_is_not_there(visitor: Client, slug: str) -> None:
    for page in PAGES:
        assert (await visitor.get(f"/s/{slug}{page}")).status_code == 404, page
    sent = {"number": "x", "description": TOLD, "code": "x", "text": "x"}
    for page in ("/report", "/receipt", "/receipt/answer"):
        assert (await visitor.post(f"/s/{slug}{page}", json=sent)).status_code == 404, page


async def test_a_double_click_makes_one_report_and_shows_one_code(visitor: Client, database: str) -> None:
    before = rows(database, "select count(*) from report")[0][0]
    sent = {"number": await number_on(visitor), "description": "екі рет басылды"}
    answers = await asyncio.gather(*(visitor.post(f"{DOOR}/report", json=sent) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert rows(database, "select count(*) from report")[0][0] == before + 1
    other = await visitor.post(f"{DOOR}/report", json=sent | {"description": "артқа қайтып, басқасын жазды"})
    assert other.json()["code"] != answers[0].json()["code"]  # nothing that is new is lost
    assert rows(database, "select count(*) from report")[0][0] == before + 2


@pytest.mark.parametrize("number", ["", "x", "AAAA", "ы", "A" * 400])
async def test_a_form_that_is_not_ours_is_shown_again_with_everything(
    visitor: Client, database: str, number: str
) -> None:
    before = rows(database, "select count(*) from report")
    answer = await visitor.post(f"{DOOR}/report", data={"number": number, "description": "жоғалмайды"}, headers=HTML)
    assert answer.status_code == 422
    assert ">жоғалмайды</textarea>" in answer.text
    assert rows(database, "select count(*) from report") == before


async def test_s_25_another_site_cannot_send_a_report(visitor: Client) -> None:
    sent = {"number": await number_on(visitor), "description": TOLD}
    foreign = {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}
    assert (await visitor.post(f"{DOOR}/report", json=sent, headers=foreign)).status_code == 403


async def test_s_28_exactly_as_many_reports_as_the_school_takes_in_an_hour_come_in(
    visitor: Client, region: Region, database: str
) -> None:
    rows_before = rows(database, "select count(*) from report")[0][0]
    with_numbers = [{"number": await number_on(visitor), "description": f"тасқын {n}"} for n in range(12)]
    forget_uses(database)
    await with_settings(region, public_reports_per_hour=5)
    answers = await asyncio.gather(*(visitor.post(f"{DOOR}/report", json=sent) for sent in with_numbers))
    taken = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (len(taken), len(refused)) == (5, 7)
    assert rows(database, "select count(*) from report")[0][0] == rows_before + 5
    page = await visitor.post(f"{DOOR}/report", data=with_numbers[0] | {"description": "тағы"}, headers=HTML)
    assert page.status_code == 429
    assert ">тағы</textarea>" in page.text
    assert all(f"tel:{number}" in page.text for number in NUMBERS)


async def test_s_28_all_schools_together_have_a_limit_too(
    browser: Browser, region: Region, database: str, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, door = await another_school(browser, region, database)
    forget_uses(database)
    monkeypatch.setattr(process_settings(), "public_reports_per_hour", 2)
    answers = [await tell(visitor), await tell(visitor, door=door), await tell(visitor), await tell(visitor, door=door)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert (
        rows(database, "select sum(used) from door_use")[0][0] == 4
    )  # two in each of two schools and in all: 1 + 1 + 2


async def test_r_059_the_message_to_the_team_says_nothing_of_the_report(
    browser: Browser, region: Region, database: str, visitor: Client
) -> None:
    new = await new_incident(browser, region, visitor)
    await drain()
    told_to = rows(
        database,
        "select membership_id, kind from notification where subject_id = %s and kind = 'incident_reported'",
        new["id"],
    )
    assert {membership for membership, _ in told_to} == {
        person.membership_id for person in (region.saule, region.aigerim, region.gulnar)
    }
    aigerim = await browser(region.aigerim)
    assert "Ауладамаркер" not in (await aigerim.page("/messages")).text


async def test_decision_24_a_public_page_costs_four_statements(visitor: Client) -> None:
    for page in PAGES:
        await visitor.get(f"{DOOR}{page}")  # keys and prepared things of a process are made once
        with sent() as seen:
            assert (await visitor.get(f"{DOOR}{page}")).status_code == 200
        assert len([one for one in seen if "begin_public" not in one]) <= MOST_STATEMENTS, page


async def test_r_060_nobody_outside_the_team_reads_what_was_told(
    browser: Browser, region: Region, visitor: Client
) -> None:
    new = await new_incident(browser, region, visitor)
    for person in (region.marat, region.bota, region.asel, region.timur, region.zhanna, region.erlan):
        client = await browser(person)
        answer = await client.get(f"/incidents/{new['id']}")
        assert answer.status_code in (403, 404), person.name
        assert "Ауладамаркер" not in answer.text
    assert (await (await browser(region.aigerim)).get(f"/incidents/{new_id()}")).status_code == 404


async def test_a_report_of_somebody_who_is_signed_in_is_nobodys_all_the_same(
    browser: Browser, region: Region, database: str, visitor: Client
) -> None:
    marat = await browser(region.marat)
    assert (await tell(marat)).status_code == 200
    newest = "select reporter_sealed from report where channel = 'anonymous'"
    assert {one for (one,) in rows(database, newest)} == {None}
    assert not any("anonymous" in str(one) for one in (await marat.get("/my-reports")).json()["rows"])
