"""The city writes to one school and reads its answer; no name of a child goes either way, nobody else reads it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.oversight.letters import states
from tests.support.http import Browser
from tests.support.incidents import rows, student
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock

MONDAY = datetime(2026, 11, 16, 10, tzinfo=LOCAL_ZONE)
ASKED = "Сұрақмаркер: жиналыстар неге өтпеді?"
FORGED = (
    "insert into city_letter_text select ctx_tenant(), gen_random_uuid(), tenant_id, id, 'letter', 'x', now(), '' "
    "from city_letter where id = %(letter)s"
)
ANSWERED = "Жауапхатмаркер: үйлестіруші ауырды"


@pytest.fixture(autouse=True)
async def monday(database: str) -> AsyncIterator[None]:
    set_clock(database, MONDAY)
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def sent(browser: Browser, region: Region, **changed: Any) -> str:
    body = {
        "school": str(region.organisations["school12"]),
        "subject": "meetings",
        "month": 202610,
        "text": ASKED,
        "read": True,
        **changed,
    }
    answer = await (await browser(region.asel)).act("/letters/new", body)
    assert answer.status_code == 303, answer.text
    await drain()
    return str(answer.headers["location"])


async def seen(browser: Browser, who: Person, path: str) -> dict[str, Any]:
    answer = await (await browser(who)).get(path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def press(browser: Browser, who: Person, path: str, verb: str, **body: Any) -> Any:
    version = (await seen(browser, who, path))["version"]
    return await (await browser(who)).act(f"{path}/{verb}", {"version": version, **body})


def told(database: str, who: Person, path: str) -> list[str]:
    query = "select kind from notification where membership_id = %s and subject_id = %s order by created_at, id"
    return [kind for (kind,) in rows(database, query, who.membership_id, path[-36:])]


def audited(database: str, path: str) -> list[str]:
    query = "select action from audit_log where %s = any(record_ids) and action not like '%%read' order by at, seq"
    return [action for (action,) in rows(database, query, path[-36:])]


async def test_r_066_a_letter_is_asked_answered_asked_once_more_and_closed_signed_by_functions(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region)
    assert told(database, region.daulet, path) == told(database, region.saule, path) == ["letter_received"]
    assert told(database, region.aigerim, path) == []
    at_school = await seen(browser, region.daulet, path)
    assert [one["text"] for one in at_school["texts"]] == [ASKED]
    assert (at_school["answer_by"], at_school["may"]) == ("2026-11-23", ["answer"])
    assert (await seen(browser, region.saule, path))["may"] == ["prepare"]
    assert (await (await browser(region.saule)).act(f"{path}/prepare", {"text": "Жобасы"})).status_code == 303
    assert (await seen(browser, region.daulet, path))["prepared"] == "Жобасы"
    assert (await seen(browser, region.asel, path))["prepared"] is None
    assert (await press(browser, region.daulet, path, "answer", text=ANSWERED, read=True)).status_code == 303
    await drain()
    assert told(database, region.asel, path) == ["letter_answered"]
    in_city = await seen(browser, region.asel, path)
    assert [one["text"] for one in in_city["texts"]] == [ASKED, ANSWERED]
    assert [one["signed_as"] for one in in_city["texts"]] == ["city_officer", "school_director"]
    names = {region.daulet.name.title(), "Dauletov", str(region.daulet.membership_id), str(region.daulet.person_id)}
    assert not [one for one in names if one in str(in_city)]
    assert in_city["may"] == ["ask", "close"]
    assert (await press(browser, region.daulet, path, "answer", text="тағы", read=True)).status_code == 409
    more = {"text": "Қашан қалпына келеді?", "read": True, "answer_by": "2026-11-20"}
    assert (await press(browser, region.asel, path, "ask", **more)).status_code == 303
    await drain()
    assert told(database, region.daulet, path) == ["letter_received"] * 2
    assert (await seen(browser, region.daulet, path))["prepared"] is None  # that was for the first answer
    assert (await press(browser, region.daulet, path, "answer", text="Келесі аптада", read=True)).status_code == 303
    assert (await press(browser, region.asel, path, "ask", **more)).status_code == 409  # one further question
    assert (await press(browser, region.asel, path, "close")).status_code == 303
    await drain()
    assert (await seen(browser, region.daulet, path))["state"] == "closed"
    assert told(database, region.saule, path)[-1] == "letter_over"
    assert {"letter.sent", "letter.received", "letter.answered", "letter.answer_received", "letter.closed"} <= set(
        audited(database, path)
    )
    assert dead_or_failed(database) == []


async def test_r_071_a_word_that_may_be_a_name_is_refused_marked_and_nothing_is_lost(
    browser: Browser, region: Region, database: str
) -> None:
    await student(region, "Шыңғысбаева", "Мәлике")
    path = await sent(browser, region)
    daulet = await browser(region.daulet)
    for text in ("Кеше Мәликеге көмектестік", "кеше маликемен сөйлестік", "Кеше шыңғысбаевамен сөйлестік"):
        refused = await press(browser, region.daulet, path, "answer", text=text, read=True)
        assert refused.status_code == 422, text
        (field,) = refused.json()["fields"]
        assert (field["field"], field["code"]) == ("text", "may_name_a_child")
        assert "2" in field["message"]
        assert not any(word in refused.text for word in text.split() if len(word) > 4)
    typed = {"version": 1, "text": "Кеше Мәликеге көмектестік"}  # and nobody said that it was read: all at once
    page = await daulet.act(f"{path}/answer", typed, html=True)
    assert page.status_code == 422
    assert "<mark>Мәликеге</mark>" in page.text
    assert ">Кеше Мәликеге көмектестік</textarea>" in page.text
    assert page.text.count("govuk-error-message") == 2
    assert rows(database, "select state from city_letter where id = %s", path[-36:]) == [("sent",)]
    assert rows(database, "select kind from city_letter_text where letter_id = %s", path[-36:]) == [("letter",)]
    unread = {"school": str(region.organisations["school12"]), "subject": "other", "text": "Мәлике туралы"}
    asked = await (await browser(region.asel)).act("/letters/new", unread)  # the city says so too; it knows no names
    assert [one["code"] for one in asked.json()["fields"]] == ["not_read"]


async def test_s_1_a_letter_is_read_by_its_two_sides_and_by_nobody_else(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region)
    head = await hire("erlan", region.organisations["school45"], ("school_director",))
    stranger = await browser(head)
    unknown = f"/letters/{region.asel.person_id}"
    for verb, body in (("", None), ("/answer", {"version": 1, "text": "жоқ", "read": True})):
        ask = stranger.get if body is None else None
        foreign = await stranger.act(path + verb, body) if body else await ask(path)  # type: ignore[misc]
        missing = await stranger.act(unknown + verb, body) if body else await ask(unknown)  # type: ignore[misc]
        assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert (await stranger.get("/letters")).json()["rows"] == []
    for who in (region.marat, region.bota, region.aigerim, region.timur, region.zhanna, region.alua, region.kamila):
        client = await browser(who)
        answers = [await client.get(one) for one in ("/letters", path, unknown, "/letters/new")]
        answers += [await client.act(f"{path}/{verb}", {"version": 1}) for verb in ("answer", "withdraw", "close")]
        assert {one.status_code for one in answers} == {403}, who.name
        assert answers[1].content == answers[2].content
    saule, daulet, asel = [await browser(one) for one in (region.saule, region.daulet, region.asel)]
    said = {"version": 1, "text": "жоқ", "read": True}
    assert (await saule.act(f"{path}/answer", said)).status_code == 403
    assert (await daulet.act(f"{path}/withdraw", {"version": 1})).status_code == 403
    assert (await daulet.get("/letters/new")).status_code == 403
    assert (await asel.act(f"{path}/answer", said)).status_code == 403
    stored = str(rows(database, "select t::text from city_letter_text t"))
    assert ASKED.encode().hex() not in stored


async def test_s_1_the_database_lets_no_side_take_the_other_ones_turn_or_change_a_text(
    browser: Browser, region: Region, database: str
) -> None:
    letter = (await sent(browser, region))[-36:]
    wrong = {
        "city": (
            "update city_letter set state = 'answered' where id = %(letter)s",
            "update city_letter set answer_by = '2027-01-01' where id = %(letter)s",
            "update city_letter_text set peer_text = null where letter_id = %(letter)s",
            "delete from city_letter where id = %(letter)s",
        ),
        "school12": (
            "update city_letter set state = 'withdrawn' where id = %(letter)s",
            "update city_letter_text set own_text = '' where letter_id = %(letter)s",
            FORGED,
        ),
    }
    for place, statements in wrong.items():
        for statement in statements:
            async with inside(region.organisations[place]) as work:
                with pytest.raises(Exception, match=r"InsufficientPrivilege"):
                    async with work.session.begin_nested():
                        connection = await work.session.connection()  # makes the savepoint that is due
                        await connection.exec_driver_sql(statement, {"letter": letter})
    url = settings().role_url("qorgan_oversight").replace("+psycopg", "")
    for table in ("city_letter", "city_letter_text", "city_letter_draft", "oversight_partner"):
        with psycopg.connect(url) as city, pytest.raises(psycopg.errors.InsufficientPrivilege):
            city.execute(f"select * from {table}")  # type: ignore[call-overload]  # noqa: S608


async def test_a_withdrawn_letter_is_destroyed_at_the_school_and_reminders_stop(
    browser: Browser, region: Region, database: str
) -> None:
    path, kept = await sent(browser, region), await sent(browser, region, answer_by="2026-11-19")
    assert (await press(browser, region.asel, path, "withdraw")).status_code == 303
    await drain()
    gone = await seen(browser, region.daulet, path)
    assert (gone["state"], [one["text"] for one in gone["texts"]], gone["may"]) == ("withdrawn", [None], [])
    assert (await seen(browser, region.asel, path))["texts"][0]["text"] == ASKED
    assert rows(database, "select peer_text from city_letter_text where letter_id = %s", path[-36:]) == [(None,)]
    assert (await press(browser, region.daulet, path, "answer", text="кеш", read=True)).status_code == 409
    set_clock(database, MONDAY + timedelta(days=2, hours=1))
    await drain()
    assert told(database, region.daulet, kept) == ["letter_received", "letter_due"]
    set_clock(database, MONDAY + timedelta(days=8))
    await drain()
    assert told(database, region.daulet, kept) == ["letter_received", "letter_due", "letter_overdue"]
    assert told(database, region.daulet, path) == ["letter_received", "letter_over"]
    late = [row for row in (await seen(browser, region.asel, "/letters?state=open"))["rows"] if row["is_late"]]
    assert kept[-36:] in {row["id"] for row in late}
    assert "letter.overdue" in audited(database, kept)
    assert dead_or_failed(database) == []


async def test_bad_input_is_told_at_once_and_a_suspended_school_in_words(
    browser: Browser, region: Region, database: str
) -> None:
    asel, school = await browser(region.asel), str(region.organisations["school12"])
    body = {"school": str(region.organisations["umit"]), "subject": "meetings", "month": 202613, "text": "Сөз"}
    refused = await asel.act("/letters/new", {**body, "answer_by": "2026-11-21"})
    codes = {one["field"]: one["code"] for one in refused.json()["fields"]}
    assert codes == {
        "school": "not_an_option",
        "month": "not_an_option",
        "answer_by": "not_a_working_day",
        "read": "not_read",
    }
    for day in ("2026-11-16", "2027-03-01"):
        wrong = await asel.act("/letters/new", {**body, "answer_by": day})
        assert {"answer_by": "out_of_range"}.items() <= {o["field"]: o["code"] for o in wrong.json()["fields"]}.items()
    for query in ("state=lost", "order=school", "after=x", "school=x"):
        assert (await asel.get(f"/letters?{query}")).status_code == 422, query
    filled = (await asel.page(f"/letters/new?school={school}&subject=not_counted&month=202609")).text
    assert f'<option value="{school}" selected>' in filled
    assert '<option value="202609" selected>' in filled
    assert "ештеңе саналмаған" in filled  # the question of the city's page
    path = await sent(browser, region)
    try:
        rows(database, "update tenants set status = 'suspended' where id = %s returning 1", school)
        said = {"school": school, "subject": "other", "text": "Сөз", "read": True}
        answer = await asel.act("/letters/new", said)
        assert (answer.status_code, answer.json()["code"]) == (409, "letter.school_suspended")
        assert (await seen(browser, region.asel, path))["school_is_suspended"]
        assert "мектептің жұмысы тоқтатылған" in (await asel.page(path)).text.lower()
    finally:
        rows(database, "update tenants set status = 'active' where id = %s returning 1", school)


async def test_the_list_goes_on_by_a_cursor_and_says_when_it_is_empty(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.platform.oversight.letters.views.PAGE_SIZE", 2)
    for _ in range(3):
        await sent(browser, region, subject="other", month=None)
    first = await seen(browser, region.asel, "/letters")
    found, after = [row["id"] for row in first["rows"]], first["after"]
    while after:
        page = await seen(browser, region.asel, f"/letters?after={after}")
        found, after = [*found, *(row["id"] for row in page["rows"])], page["after"]
    everything = {str(one) for (one,) in rows(database, "select id from city_letter")}
    assert len(found) == len(set(found))
    assert set(found) == everything
    head = await hire("erlan", region.organisations["school45"], ("school_director",))
    assert "хат жазған жоқ" in (await (await browser(head)).page("/letters")).text


def test_every_state_of_a_letter_leads_on_or_is_an_end() -> None:
    reached = {"sent", *states.TRANSITIONS.values()}
    assert {one for group in states.GROUPS.values() for one in group} == reached
    assert {one for one in reached if not states.events_of(one)} == {"closed", "withdrawn"}
