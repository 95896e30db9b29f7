"""A partner without an account reports one week behind a code: once, for one week, withdrawable, and told by nothing."""

from datetime import datetime, time, timedelta

import pytest

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.workdays.calendar import monday_of, week_after, week_of
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain, set_clock
from tests.support.referrals import accepted, agreed, sent

FIELDS = {"sessions_count": "1", "attended_count": "1", "progress": "slight", "work_done": "Сілтемемаркер: сөйлестік"}


def this_week() -> str:
    return week_of(clock.local_date(clock.now()))


async def made(browser: Browser, region: Region, path: str, week: str = "") -> dict[str, str]:
    answer = await (await browser(region.aigerim)).act(f"{path}/links", {"week": week or this_week()})
    assert answer.status_code == 200, answer.text
    paper: dict[str, str] = answer.json()
    return paper


def tries(database: str) -> int:
    found: int = rows(database, "select coalesce(sum(used), 0)::int from door_use")[0][0]
    return found


async def opened(visitor: Client, code: str) -> tuple[int, bytes]:
    answer = await visitor.post("/weekly", data={"code": code}, headers=HTML)
    return answer.status_code, answer.content


async def test_decision_21_a_link_shows_code_and_service_reports_one_week_and_works_once(
    browser: Browser, region: Region, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = await sent(browser, region, database)
    referral, visitor = path.rpartition("/")[2], browser.visitor()
    for person, status in ((region.timur, 403), (region.marat, 403), (region.gulnar, 404), (region.zhanna, 403)):
        assert (await (await browser(person)).act(f"{path}/links", {"week": this_week()})).status_code == status
    future = await (await browser(region.aigerim)).act(f"{path}/links", {"week": "2031-W05"}, html=True)
    assert (future.status_code, 'href="#week"' in future.text) == (422, True)
    paper = await made(browser, region, path)
    assert paper["link"].endswith(f"/weekly#{paper['code']}")
    assert paper["code"] not in (await (await browser(region.aigerim)).page(path)).text  # shown once
    ours = (await (await browser(region.aigerim)).get(path)).json()["code"]
    assert paper["child"] != ours  # S-19: a code of its own for who gets it
    assert "data-code" in (await visitor.get("/weekly?lang=ru", headers=HTML)).text
    shown = (await visitor.post("/weekly", json={"code": paper["code"].lower()})).json()
    assert shown == {
        "code": paper["code"].lower(),
        "child": paper["child"],
        "service_type": "counselling",
        "week": this_week(),
        "accepts": True,
    }
    page = await visitor.post("/weekly", data={"code": paper["code"]}, headers=HTML)
    for hidden in ("Бала" + "а", "қолдау керек", "мектеп", "Aigerim", "Akhmetova", ours):
        assert hidden not in page.text.replace("мектептен", "").replace("Мектеп бірден", ""), hidden
    assert "set-cookie" not in page.headers
    week = {**FIELDS, "code": paper["code"], "week": this_week()}
    refused = await visitor.post("/weekly/report", data={**week, "attended_count": "9"}, headers=HTML)
    assert (refused.status_code, "Сілтемемаркер" in refused.text) == (422, True)
    other = await visitor.post("/weekly/report", data={**week, "week": "2031-W05"}, headers=HTML)
    assert other.status_code == 422
    russian = await visitor.post("/weekly/report?lang=ru", data={**week, "_language": "ru"}, headers=HTML)
    assert (russian.status_code, "Проделанная работа" in russian.text, "Сілтемемаркер" in russian.text) == (
        200,
        True,
        True,
    )
    assert rows(database, "select count(*) from weekly_report where referral_id = %s", referral) == [(0,)]
    done = await visitor.post("/weekly/report", data=week, headers=HTML)
    assert (done.status_code, "Есеп жетті" in done.text, "set-cookie" in done.headers) == (200, True, False)
    again = await visitor.post("/weekly/report", data=week, headers=HTML)
    assert (again.status_code, "Сілтемемаркер" in again.text) == (404, True)  # nothing typed is lost
    await drain()
    seen = (await (await browser(region.aigerim)).get(path)).json()
    assert (seen["state"], [one["week"] for one in seen["reports"]]) == ("accepted", [this_week()])
    assert [one["state"] for one in seen["links"]] == ["used"]
    assert {one["state"] for one in seen["clocks"] if one["code"] != "clk_partner_attendance"} == {"met_in_time"}
    chain = rows(
        database,
        "select action, actor_id from audit_log where tenant_id = %s and %s = any (record_ids) and action like '%%link%%' order by seq",
        region.organisations["umit"],
        referral,
    )
    assert set(chain) == {("referral.link_opened", None), ("referral.link_used", None)}
    tables = [
        row[0]
        for row in rows(
            database, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
    ]
    code, plain = paper["code"], paper["code"].replace("-", "")
    for table in tables:
        dump = str(rows(database, f"select t::text from {table} t"))  # noqa: S608  # names of our own tables
        assert not any(one in dump or one.encode().hex() in dump for one in (code, plain)), table
    assert plain not in "".join(capfd.readouterr()).replace("-", "")


async def test_s_28_foreign_used_expired_withdrawn_and_invented_links_are_one_answer_and_tries_are_counted(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, aigerim, visitor = await sent(browser, region, database), await browser(region.aigerim), browser.visitor()
    used, withdrawn, ended, cut_off = [await made(browser, region, path) for _ in range(4)]
    kept = {**FIELDS, "week": this_week()}
    assert (await visitor.post("/weekly/report", json={**kept, "code": used["code"]})).status_code == 200
    where = f"{path}/links/{withdrawn['id']}/revoke"
    assert (await (await browser(region.timur)).act(where, {"version": 1})).status_code == 403
    assert (await aigerim.act(where, {"version": 7})).status_code == 409
    assert (await aigerim.act(where, {"version": 1})).status_code == 303
    assert (await aigerim.act(where, {"version": 2})).json()["code"] == "referral.link_not_open"
    revoked = rows(database, "select actor_id from audit_log where action = 'referral.link_revoked'")
    assert revoked == [(region.aigerim.user_id,)]
    umit, before = region.organisations["umit"], tries(database)
    try:
        answers = [await opened(visitor, code) for code in ("AAAA-BBBB-CCCC-DDDD", used["code"], withdrawn["code"])]
        oleg = await browser(region.oleg)
        version = rows(database, "select version from tenants where id = %s", umit)[0][0]
        assert (await oleg.act(f"/organisations/{umit}/suspend", {"version": version})).status_code == 303
        answers.append(await opened(visitor, cut_off["code"]))
        assert (await oleg.act(f"/organisations/{umit}/resume", {"version": version + 1})).status_code == 303
        browser._clients.pop(region.timur.sign_in)  # whoever is suspended is signed out
        counted = tries(database) - before
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=8))
        answers.append(await opened(visitor, ended["code"]))
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))
    assert {status for status, _ in answers} == {404}
    first = answers[0][1].decode()
    assert [body.decode() for _, body in answers] == [first] * len(answers)
    assert counted == len(answers) - 1
    assert await opened(visitor, "AAAA-BBBB-CCCC-DDDD") == answers[0]
    monkeypatch.setattr(settings(), "link_tries_per_hour", 1)
    full = await visitor.post("/weekly", data={"code": cut_off["code"]}, headers=HTML)
    assert (full.status_code, cut_off["code"] in full.text) == (429, True)
    forged = await visitor.post(
        "/weekly",
        data={"code": cut_off["code"]},
        headers={"Origin": "https://other.test", "Sec-Fetch-Site": "cross-site"},
    )
    assert forged.status_code == 403


async def test_decision_21_a_link_is_for_one_week_of_several(browser: Browser, region: Region, database: str) -> None:
    visitor, begins = browser.visitor(), monday_of(week_after(this_week()))
    wednesday, next_monday = (datetime.combine(begins, time(10), LOCAL_ZONE) + timedelta(days=n) for n in (2, 7))
    await agreed(browser, region)  # today: the agreement serves the other tests, too
    try:
        set_clock(database, wednesday)  # a link lives seven days: over the next Monday, whatever today is
        path = await accepted(browser, region, database)
        paper = await made(browser, region, path, week_of(begins))
        set_clock(database, next_monday)
        inside = (await (await browser(region.aigerim)).get(path)).json()["link_weeks"]
        for week in {*inside} - {paper["week"]}:  # a week that the same child owes, too
            other = await visitor.post(
                "/weekly/report", data={**FIELDS, "code": paper["code"], "week": week}, headers=HTML
            )
            assert (other.status_code, "басқа аптаға" in other.text) == (422, True)
        assert len(inside) == 2
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_s_50_two_clicks_on_one_link_are_one_report(browser: Browser, region: Region, database: str) -> None:
    path = await sent(browser, region, database)
    first, second = [await made(browser, region, path) for _ in range(2)]
    visitor, week = browser.visitor(), {**FIELDS, "week": this_week(), "danger_flag": "yes"}
    answers = [
        await visitor.post("/weekly/report", data={**week, "code": one["code"]}, headers=HTML)
        for one in (first, first, second)
    ]
    assert [one.status_code for one in answers] == [200, 404, 409]
    await drain()
    referral = path.rpartition("/")[2]
    assert rows(database, "select count(*) from weekly_report where referral_id = %s", referral) == [(1,)]
    urgent = rows(database, "select count(*) from report where channel = 'partner'")
    assert urgent == [(1,)]  # R-153 behind a link too


async def test_a_code_that_opens_nothing_says_so_in_one_language(browser: Browser) -> None:
    visitor = browser.visitor()
    for language, frame in (("ru", "Перейти к содержанию"), ("kk", "Мазмұнға өту"), ("en", "Skip to the content")):
        answer = await visitor.post(f"/weekly?lang={language}", data={"code": "AAAA-BBBB-CCCC-DDDD"}, headers=HTML)
        assert (answer.status_code, f'lang="{language}"' in answer.text, frame in answer.text) == (404, True, True)
