"""The page of a clock, stopping and extending it, and a miss that nothing wipes away."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from src.platform.deadlines import service as deadlines
from src.platform.deadlines.catalogue import clocks as catalogue
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.workdays import calendar as workcalendar
from tests.support.clocks import NO, audited, clock_id, moment, on_clock, shown
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

STANDARD = "clk_screen_standard"


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def test_r_037_a_clock_explains_itself_in_three_languages_and_to_nobody_who_may_not_read(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(database, moment("2026-12-15"))
    incident = await reported(browser, region, **NO)
    clock = clock_id(database, incident, STANDARD)
    monkeypatch.setattr(workcalendar, "_PACKAGE", "0.999")  # an upgrade that would call every day a working day
    monkeypatch.setattr(workcalendar.WorkCalendar, "is_working", lambda *_: True)
    saule = await browser(region.saule)
    for language, words in (
        ("kk", ("2 жұмыс күні", "16.12.2026 (Тәуелсіздік күні)", "10-тарау", "R-037")),
        ("ru", ("2 рабочих дня с 15.12.2026", "16.12.2026 (День Независимости)", "глава 10", "R-037")),
        ("en", ("2 working days from 15.12.2026, without 16.12.2026 (Independence Day)", "chapter 10", "R-037")),
    ):
        assert (await saule.act(f"/language/{language}", {"next": "/"})).status_code == 303
        page = (await saule.page(f"/clocks/{clock}")).text
        assert [word for word in words if word not in page] == [], language
    await saule.act("/language/kk", {"next": "/"})
    seen = await shown(browser, region.saule, clock)
    assert seen["calendar_version"].startswith("0.108-")
    assert seen["clock"]["due_at"].startswith("2026-12-18T18:59:59")
    assert f"/clocks/{clock}" in (await saule.page(f"/incidents/{incident}")).text
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    gulnar, erlan = await browser(region.gulnar), await browser(region.erlan)
    hidden = [await one.get(f"/clocks/{i}") for one in (gulnar, erlan) for i in (clock, new_id())]
    assert {one.status_code for one in hidden} == {404}
    assert len({one.content for one in hidden}) == 1


async def test_who_owes_a_term_asks_and_another_one_decides(browser: Browser, region: Region, database: str) -> None:
    set_clock(database, moment("2026-12-11"))
    incident = await reported(browser, region, **NO)
    await drain()
    clock = clock_id(database, incident, STANDARD)
    before = await shown(browser, region.saule, clock)
    assert (before["second_look"], before["may"]) == (True, ["extend", "stop"])
    for person, expected in ((region.marat, 403), (region.gulnar, 403), (region.erlan, 403)):
        body = {"version": before["version"], "until": "2026-12-17", "reason": "себеп"}
        assert (await (await browser(person)).act(f"/clocks/{clock}/extend", body)).status_code == expected
    saule = await browser(region.saule)
    empty = await saule.act(f"/clocks/{clock}/extend", {"version": before["version"]}, html=True)
    assert empty.status_code == 422
    far = await on_clock(browser, region.saule, clock, "extend", until="2027-02-01", reason="жазған себебім")
    assert (far.status_code, far.json()["fields"][0]["code"]) == (422, "out_of_range")
    assert (
        await on_clock(browser, region.saule, clock, "extend", until="2026-12-19", reason="ауырды")
    ).status_code == 303
    twice = await on_clock(browser, region.saule, clock, "stop", reason="тағы")
    assert (twice.status_code, twice.json()["code"]) == (409, "clock.change_waits")
    waiting = await shown(browser, region.saule, clock)
    assert waiting["clock"]["due_at"] == before["clock"]["due_at"]  # nothing moves before the second look
    (change,) = waiting["changes"]
    assert (change["reason"], change["agreed"], change["may_decide"]) == ("ауырды", None, False)
    own = {"version": 1, "change_id": change["id"], "answer": "agree"}
    assert (await saule.act(f"/clocks/{clock}/decide", own)).json()["code"] == "clock.own_change"
    await drain()
    told = "select membership_id from notification where kind = 'clock_change_asked' and subject_id = %s"
    assert rows(database, told, clock) == [(region.daulet.membership_id,)]
    daulet = await browser(region.daulet)
    assert "Екінші" in (await daulet.page(f"/clocks/{clock}")).text or "екінші" in (await daulet.page("/messages")).text
    assert (await daulet.act(f"/clocks/{clock}/decide", own)).status_code == 303
    assert (await daulet.act(f"/clocks/{clock}/decide", own)).status_code == 409  # a second press
    after = await shown(browser, region.saule, clock)
    assert after["clock"]["due_at"].startswith("2026-12-21T18:59:59")  # a Saturday: the next working day
    assert after["calendar_version"] == before["calendar_version"]
    assert audited(database, "clock.extended", clock) == [(region.daulet.user_id, STANDARD)]
    assert audited(database, "clock.change_asked", clock) == [(region.saule.user_id, STANDARD)]
    woken = "select count(*) from wake_at where actor = 'deadlines.expire' and args->>'obligation' = %s"
    assert rows(database, woken, clock) == [(2,)]
    kinds = [one["kind"] for one in (await saule.get(f"/incidents/{incident}/chronology")).json()["moments"]]
    assert {"clock_change_asked", "clock_extended"} <= set(kinds)
    assert "ауырды" not in str(rows(database, "select c::text from obligation_change c"))
    set_clock(database, moment("2026-12-20"))
    await drain()
    assert rows(database, "select overdue_at from obligation where id = %s", clock) == [(None,)]  # the old end wakes
    set_clock(database, moment("2026-12-22"))
    await drain()
    assert dead_or_failed(database) == []
    late = await on_clock(browser, region.daulet, clock, "extend", until="2026-12-25", reason="кеш")
    assert (late.status_code, late.json()["code"]) == (409, "clock.missed")
    assert (await shown(browser, region.saule, clock))["overdue_at"] is not None


async def test_a_stopped_term_stays_stopped_and_a_refused_wish_changes_nothing(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **NO)
    clock = clock_id(database, incident, STANDARD)
    for answer in ("refuse", "agree"):
        assert (await on_clock(browser, region.saule, clock, "stop", reason="қате хабар")).status_code == 303
        change = (await shown(browser, region.daulet, clock))["changes"][-1]
        decided = await on_clock(
            browser, region.daulet, clock, "decide", version=1, change_id=change["id"], answer=answer
        )
        assert decided.status_code == 303, decided.text
        seen = await shown(browser, region.saule, clock)
        assert (seen["stopped"], seen["clock"]["state"]) == (
            (False, "open") if answer == "refuse" else (True, "cancelled")
        )
    assert audited(database, "clock.stopped", clock) == [(region.daulet.user_id, STANDARD)]
    assert audited(database, "clock.change_refused", clock) == [(region.daulet.user_id, STANDARD)]
    gone = await on_clock(browser, region.saule, clock, "stop", reason="тағы")
    assert (gone.status_code, gone.json()["code"]) == (409, "clock.not_running")
    assert (await act(browser, region.saule, region, incident, "triage")).status_code in (303, 409)
    running = "select count(*) from obligation where subject_id = %s and code = %s and cancelled_at is null"
    assert rows(database, running, incident, STANDARD) == [(0,)]  # the facts did not change: it does not come again


async def test_r_036_r_048_r_256_safety_terms_of_the_same_day_cannot_be_moved(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="yes", harm_danger="yes")
    await act(browser, region.saule, region, incident, "triage", harmed=True, serious_signs=["money_taken"])
    for code in ("clk_screen_urgent", "clk_medical", "clk_serious_forward"):
        clock = clock_id(database, incident, code)
        seen = await shown(browser, region.daulet, clock)
        assert (seen["fixed"], seen["may"]) == (True, []), code
        for verb, more in (("stop", {}), ("extend", {"until": "2099-01-01"})):
            refused = await on_clock(browser, region.daulet, clock, verb, reason="себеп", **more)
            assert (refused.status_code, refused.json()["code"]) == (409, "clock.fixed"), code
    fixed = {code for code, one in catalogue().items() if one.fixed}
    named = {"clk_screen_urgent", "clk_serious_forward", "clk_psych_contact", "clk_medical", "clk_protection_decision"}
    assert fixed == named | {code for code in catalogue() if code.startswith("clk_residential_")}


async def test_r_257_that_a_psychologist_is_asked_for_tells_nothing_to_who_may_not_read_health(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, moment("2026-12-10", 9))
    incident = await reported(browser, region, **NO)
    assert (await act(browser, region.saule, region, incident, "triage", self_harm_sign=True)).status_code == 303
    clock = clock_id(database, incident, "clk_psych_contact")
    assert (await shown(browser, region.aigerim, clock))["clock"]["code"] == "clk_psych_contact"
    for person in (region.saule, region.daulet, region.gulnar):
        client = await browser(person)
        assert (await client.get(f"/clocks/{clock}")).status_code == 404
        for path in ("/", "/obligations?whose=mine", f"/incidents/{incident}", "/incidents?clock=amber"):
            assert "psych" not in (await client.get(path)).text, (person.name, path)
    set_clock(database, moment("2026-12-11", 1))
    await drain()
    kinds = "select membership_id, kind from notification where subject_id = %s and kind like 'clock_overdue%%'"
    told = set(rows(database, kinds, incident))
    assert (region.aigerim.membership_id, "clock_overdue.clk_psych_contact") in told
    for person in (region.saule, region.daulet):  # a miss is heard of by who is in charge, not what it was about
        assert (person.membership_id, "clock_overdue.same_day") in told
        assert (person.membership_id, "clock_overdue.clk_psych_contact") not in told
    assert "Сол күнгі міндет" in (await (await browser(region.daulet)).page("/messages")).text
    story = (await (await browser(region.saule)).get(f"/incidents/{incident}/chronology")).json()["moments"]
    assert "clk_psych_contact" not in [one.get("clock") for one in story]


async def test_a_miss_survives_whatever_starts_the_clock_again(browser: Browser, region: Region, database: str) -> None:
    set_clock(database, moment("2026-12-03", 9))
    incident = await reported(browser, region)  # unanswered: urgent until the team answers
    set_clock(database, moment("2026-12-04", 9))
    await drain()
    async with inside(region.organisations["school12"]) as work:
        (before,) = [one for one in await deadlines.kept_in(work, 202612) if one.code == "clk_screen_urgent"]
    assert (
        await act(browser, region.saule, region, incident, "triage", harmed=False, harm_danger=False)
    ).status_code == 303
    assert (await act(browser, region.saule, region, incident, "worsen", harm_danger=True)).status_code in (303, 409)
    raised = await act(browser, region.saule, region, incident, "triage", harm_danger=True)
    assert raised.status_code in (303, 409)
    found = rows(
        database,
        "select overdue_at is not null, cancelled_at is not null from obligation "
        "where subject_id = %s and code = 'clk_screen_urgent' order by id",
        incident,
    )
    assert found == [(True, True), (False, False)]
    async with inside(region.organisations["school12"]) as work:
        (after,) = [one for one in await deadlines.kept_in(work, 202612) if one.code == "clk_screen_urgent"]
    assert after.missed >= before.missed >= 1
    assert date(2026, 12, 3) == clock_day(database, incident)


def clock_day(database: str, incident: str) -> date:
    query = "select due_at from obligation where subject_id = %s and code = 'clk_screen_urgent' order by id limit 1"
    day: date = rows(database, query, incident)[0][0].astimezone(LOCAL_ZONE).date()
    return day
