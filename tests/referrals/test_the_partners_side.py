"""The partner's side over HTTP: inbox, own notes, meetings, the week in one press or as a photo, who came, the end."""

from datetime import datetime, timedelta

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import week_of
from tests.support import files
from tests.support.http import HTML, Browser, csrf_of
from tests.support.incidents import rows
from tests.support.people import PASSWORD, Region, hire
from tests.support.queue import drain, set_clock
from tests.support.referrals import WEEKLY, accepted, agreed, managed_case, referred, sent

NOTED = "Өзжазбамаркер: анасы жылады"


def this_week() -> str:
    return week_of(clock.local_date(clock.now()))


def audited(database: str, action: str, record: str) -> list[object]:
    found = rows(database, "select actor_id from audit_log where action = %s and %s = any (record_ids)", action, record)
    return [row[0] for row in found]


async def test_the_inbox_shows_what_waits_what_owes_a_report_and_what_has_ended(
    browser: Browser, region: Region, database: str
) -> None:
    case = await managed_case(browser, region, database)
    timur, aigerim = await browser(region.timur), await browser(region.aigerim)
    await agreed(browser, region)
    start = (await timur.get("/inbox?box=all")).json()["counts"]
    paths = [(await referred(browser, region, case)).headers["location"] for _ in range(3)]
    await drain()
    new, kept, done = (path.rpartition("/")[2] for path in paths)
    for path in paths[1:]:
        assert (await timur.act(f"{path}/accept", {"version": 1})).status_code == 303
    assert (await timur.act(f"{paths[1]}/no-change", {"week": this_week()})).status_code == 303
    end = {"version": 2, "ending": "family_refused", "text": "отбасы бас тартты"}
    assert (await timur.act(f"{paths[2]}/complete", end)).status_code == 303
    boxes = {}
    for box in ("waiting", "new", "due", "serving", "ended", "all"):
        page = (await timur.get(f"/inbox?box={box}")).json()
        boxes[box] = {row["id"] for row in page["rows"]} & {new, kept, done}
        assert page["counts"][box] == len(page["rows"])
    assert boxes == {
        "waiting": {new},
        "new": {new},
        "due": set(),
        "serving": {kept},
        "ended": {done},
        "all": {new, kept, done},
    }
    assert page["counts"]["all"] == start["all"] + 3
    assert (await timur.get("/inbox?box=stolen")).status_code == 422
    assert (await timur.get("/inbox?after=damaged")).status_code == 422
    assert (await aigerim.get("/inbox")).status_code == 403
    assert audited(database, "referral.listed", new)
    accepting = (await timur.page(f"/referrals/{new}")).text  # press one led here, press two accepts
    assert accepting.count(f'action="/referrals/{new}/accept"') == 1
    discontinued = (await aigerim.get(paths[2])).json()
    assert (discontinued["state"], discontinued["ending"]["ending"]) == ("discontinued", "family_refused")
    assert audited(database, "referral.discontinued", done) == [region.timur.user_id]


async def test_the_school_never_sees_the_partners_own_notes_in_page_byte_or_key(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    referral = path.rpartition("/")[2]
    assert (await timur.act(f"{path}/notes", {"text": ""}, html=True)).status_code == 422
    assert (await timur.act(f"{path}/notes", {"text": NOTED})).status_code == 303
    assert audited(database, "referral.note_written", referral) == [region.timur.user_id]
    own = (await timur.get(f"{path}/own")).json()["notes"]
    assert [(one["text"], "Temirov" in one["author"]) for one in own] == [(NOTED, True)]
    for person in (region.saule, region.aigerim, region.daulet):
        client = await browser(person)
        for where in (path, f"{path}/own", "/referrals", f"{path}/report"):
            for headers in ({}, HTML):
                assert "Өзжазбамаркер" not in (await client.get(where, headers=headers)).text, (person.name, where)
    school_side = (await (await browser(region.aigerim)).get(f"{path}/own")).json()
    assert (school_side["notes"], school_side["sessions"]) == ([], [])
    assert (await (await browser(region.aigerim)).act(f"{path}/notes", {"text": "мектептікі"})).status_code == 303
    assert "мектептікі" not in (await timur.get(f"{path}/own")).text
    assert (await (await browser(region.marat)).get(f"{path}/own")).status_code == 403
    stranger = await hire("erlan", region.organisations["commission"], ("partner_worker",))
    assert (await (await browser(stranger)).get(f"{path}/own")).status_code == 404
    stored = rows(database, "select tenant_id, t::text from referral_note t where referral_id = %s", referral)
    assert {row[0] for row in stored} == {region.organisations["umit"], region.organisations["school12"]}
    assert not any("Өзжазбамаркер" in row[1] or "Өзжазбамаркер".encode().hex() in row[1] for row in stored)


async def test_r_147_r_148_meetings_fill_in_the_week_and_wrong_weeks_are_refused_with_words(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    today = clock.local_date(clock.now())
    outside = await timur.act(f"{path}/sessions", {"held_on": "2020-01-01", "outcome": "attended"}, html=True)
    assert (outside.status_code, 'href="#held_on"' in outside.text) == (422, True)
    for outcome in ("missed", "struck", "attended"):  # the same day again corrects it
        kept = await timur.act(f"{path}/sessions", {"held_on": today.isoformat(), "outcome": outcome})
        assert kept.status_code == 303
    page = (await timur.get(f"{path}/report")).json()
    assert (page["weeks"], page["counted"]) == ([this_week()], {this_week(): [1, 1]})
    assert 'value="1"' in (await timur.page(f"{path}/report")).text
    typed = {"work_done": "жоғалмайды", "sessions_count": "1", "attended_count": "1", "progress": "good"}
    for week in ("2031-W05", "2020-W01"):
        refused = await timur.act(f"{path}/weeks", {**typed, "week": week}, html=True)
        assert (refused.status_code, "жоғалмайды" in refused.text, 'href="#week"' in refused.text) == (422, True, True)
    assert (await timur.act(f"{path}/no-change", {"week": "2031-W05"})).status_code == 422
    assert (await (await browser(region.aigerim)).act(f"{path}/no-change", {"week": this_week()})).status_code == 403
    assert (await timur.act(f"{path}/no-change", {"week": this_week()})).status_code == 303
    twice = await timur.act(f"{path}/weeks", {**typed, "week": this_week()}, html=True)
    assert (twice.status_code, "жоғалмайды" in twice.text) == (409, True)
    assert (await timur.act(f"{path}/no-change", {"week": this_week()})).status_code == 409
    await drain()
    (report,) = (await (await browser(region.aigerim)).get(path)).json()["reports"]
    assert (report["no_change"], report["sessions_count"], report["attended_count"], report["progress"]) == (
        True,
        1,
        1,
        "none",
    )
    counted = rows(
        database,
        "select count(*) from outbox where actor = 'referrals.week_reported' and args->>'referral' = %s",
        path.rpartition("/")[2],
    )
    assert counted == [(1,)]


async def test_s_56_a_photo_of_a_report_on_paper_is_cleaned_and_opens_for_both_sides_only(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    fields = {"week": this_week(), "sessions_count": "1", "attended_count": "1", "progress": "slight"}
    headers = {"X-CSRF-Token": timur.csrf, **HTML}
    empty = await timur.post(f"{path}/weeks", data=fields, headers=headers)
    assert (empty.status_code, 'href="#work_done"' in empty.text) == (422, True)
    bad = await timur.post(f"{path}/weeks", data=fields, files={"file": ("a.jpg", b"MZ not a photo")}, headers=headers)
    assert (bad.status_code, 'href="#file"' in bad.text, 'id="file"' in bad.text) == (422, True, True)
    taken = await timur.post(f"{path}/weeks", data=fields, files={"file": ("a.jpg", files.photo())}, headers=headers)
    assert taken.status_code == 303, taken.text
    await drain()
    aigerim = await browser(region.aigerim)
    (report,) = (await aigerim.get(path)).json()["reports"]
    where = f"{path}/photos/{report['photo_id']}/open"
    copies = [await client.act(where) for client in (timur, aigerim)]
    assert copies[0].content == copies[1].content
    assert copies[0].headers["content-type"] == "image/jpeg"
    assert "sandbox" in copies[0].headers["content-security-policy"]
    assert files.MAKER.encode() not in copies[0].content
    opened = audited(database, "referral.photo_opened", report["photo_id"])
    assert set(opened) == {region.timur.user_id, region.aigerim.user_id}
    for person, status in ((region.gulnar, 404), (region.marat, 403), (region.zhanna, 404)):
        assert (await (await browser(person)).act(where)).status_code == status
    stored = rows(database, "select own_copy, peer_copy from weekly_photo where id = %s", report["photo_id"])[0]
    assert not any(copies[0].content[:40] in bytes(one) for one in stored)


async def test_r_149_two_absences_running_are_told_and_the_clock_of_two_weeks_climbs(
    browser: Browser, region: Region, database: str
) -> None:
    path, aigerim = await accepted(browser, region, database), await browser(region.aigerim)
    referral, today = path.rpartition("/")[2], clock.local_date(clock.now())
    first = datetime(today.year, today.month, today.day, 12, tzinfo=LOCAL_ZONE)

    def told(kind: str) -> set[object]:
        query = "select membership_id from notification where subject_id = %s and kind = %s"
        return {row[0] for row in rows(database, query, referral, kind)}

    async def record(day: int, came: str) -> int:
        body = {"met_on": (today + timedelta(days=day)).isoformat(), "attended": came}
        status: int = (await aigerim.act(f"{path}/attendance", body)).status_code
        return status

    try:
        future = await aigerim.act(f"{path}/attendance", {"met_on": "2190-01-01", "attended": "no"}, html=True)
        assert (future.status_code, 'href="#met_on"' in future.text) == (422, True)
        assert (
            await (await browser(region.timur)).act(f"{path}/attendance", {"met_on": str(today), "attended": "yes"})
        ).status_code == 403
        assert await record(0, "yes") == 303
        assert await record(0, "no") == 409
        steps = {
            one["period"]: one["state"] for one in (await aigerim.get(path)).json()["clocks"] if "attend" in one["code"]
        }
        assert steps == {today.isoformat(): "met_in_time"}
        for day, alarmed in ((15, False), (29, True)):
            set_clock(database, first + timedelta(days=day))
            await drain()
            assert await record(day, "no") == 303
            await drain()
            assert (await aigerim.get(path)).json()["absent_twice"] is alarmed
            assert bool(told("partner_absent")) is alarmed
        assert told("partner_absent") == {region.saule.membership_id, region.daulet.membership_id}
        set_clock(database, first + timedelta(days=50))
        await drain()
        overdue = told("clock_overdue.clk_partner_attendance")
        assert overdue == {region.aigerim.membership_id, region.saule.membership_id}
        audit = rows(
            database,
            "select detail->>'attended' from audit_log where action = 'referral.attendance_recorded' and %s = any (record_ids)",
            referral,
        )
        assert sorted(row[0] for row in audit) == ["false", "false", "true"]
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_nothing_is_lost_when_the_partner_is_suspended_in_mid_week(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser.fresh(region.timur)
    page = (await timur.page(f"{path}/report")).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    oleg, umit = await browser(region.oleg), region.organisations["umit"]
    version = rows(database, "select version from tenants where id = %s", umit)[0][0]
    assert (await oleg.act(f"/organisations/{umit}/suspend", {"version": version})).status_code == 303
    try:
        typed = {
            "week": this_week(),
            "sessions_count": "2",
            "attended_count": "2",
            "progress": "good",
            "work_done": "сақталсын",
        }
        answer = await timur.post(f"{path}/weeks", data={**typed, "csrf_token": token}, headers=HTML)
        assert (answer.status_code, answer.headers["location"].startswith("/sign-in?next=/kept/")) == (303, True)
        assert rows(database, "select count(*) from weekly_report where referral_id = %s", path.rpartition("/")[2]) == [
            (0,)
        ]
        await drain()
    finally:
        assert (await oleg.act(f"/organisations/{umit}/resume", {"version": version + 1})).status_code == 303
    browser._clients.pop(region.timur.sign_in, None)
    assert (
        await timur.post("/sign-in", json={"sign_in": region.timur.sign_in, "password": PASSWORD})
    ).status_code == 303
    timur.csrf = await csrf_of(timur)
    again = await browser.proved(timur, region.timur.sign_in)
    led = await again.get(answer.headers["location"].partition("next=")[2], headers=HTML)
    assert (led.status_code, led.headers["location"]) == (303, f"{path}/report")
    assert "сақталсын" in (await again.page(f"{path}/report")).text


async def test_a_report_outside_the_service_is_answered_with_words(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await sent(browser, region, database), await browser(region.timur)
    week = {**WEEKLY, "week": this_week(), "work_done": "тұрсын"}
    for ends in (False, True):
        if ends:
            await timur.act(f"{path}/accept", {"version": 1})
            await timur.act(f"{path}/complete", {"version": 2, "ending": "moved_away", "text": "көшті"})
        answer = await timur.act(f"{path}/weeks", week, html=True)
        assert (answer.status_code, "тұрсын" in answer.text) == (409, True)
