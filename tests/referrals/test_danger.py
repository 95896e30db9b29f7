"""A partner says that a child is in danger: an urgent incident in the school, once, at the time of the saying."""

from datetime import datetime, timedelta
from uuid import UUID

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.outbox import service as outbox
from src.platform.workdays.calendar import week_of
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import WEEKLY, accepted

SAID = "Қауіпмаркер: үйде ұрып жатыр"


def of_partners(database: str) -> list[tuple[object, ...]]:
    return rows(
        database,
        "select i.id, i.urgency, i.reported_at, r.received_at, r.harm_danger, r.reporter_sealed, r.id "
        "from report r join incident i on (i.tenant_id, i.id) = (r.tenant_id, r.incident_id) "
        "where r.channel = 'partner' order by i.reported_at",
    )


async def test_r_153_r_258_a_danger_flag_opens_one_urgent_incident_with_the_clock_of_the_report(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    referral, week = path.rpartition("/")[2], week_of(clock.local_date(clock.now()))
    flagged = {**WEEKLY, "week": week, "work_done": SAID, "danger_flag": True}
    dumb = await timur.act(f"{path}/weeks", {**flagged, "work_done": "", "difficulties": "бар"})
    assert (dumb.status_code, dumb.json()["fields"][0]["field"]) == (422, "work_done")
    before = len(of_partners(database))
    assert (await timur.act(f"{path}/weeks", flagged)).status_code == 303
    report, told_at = rows(database, "select id, submitted_at from weekly_report where danger_flag")[0]
    sent = rows(database, "select args, target_tenant from outbox where args->>'notice' = %s", str(report))
    assert sent == [({"notice": str(report), "referral": referral}, region.organisations["school12"])]
    try:
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(hours=3))  # the worker was away
        await drain()
        async with inside(region.organisations["umit"]) as work:  # sent once more, for whatever reason
            args = {"notice": UUID(str(report)), "referral": UUID(referral)}
            await outbox.emit(work, "referrals.danger_told", args, target_tenant=region.organisations["school12"])
        await drain()
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))
    assert dead_or_failed(database) == []
    *earlier, (incident, urgency, reported_at, received_at, danger, reporter, own_id) = of_partners(database)
    assert len(earlier) == before
    assert (urgency, danger, reporter, own_id) == ("urgent", "yes", None, report)
    assert reported_at == received_at == told_at
    started = rows(database, "select code, started_at from obligation where subject_id = %s", incident)
    assert ("clk_screen_urgent", told_at) in started
    team = {p.membership_id for p in (region.saule, region.aigerim, region.gulnar)}
    told = rows(
        database, "select membership_id from notification where subject_id = %s and kind like '%%report%%'", incident
    )
    assert {row[0] for row in told} >= team
    to_manager = "select membership_id from notification where kind = 'referral_danger' and subject_id = %s"
    manager = rows(database, to_manager, referral)
    assert manager == [(region.aigerim.membership_id,)]
    opened = "select tenant_id from audit_log where action = 'referral.danger_opened' and %s = any (record_ids)"
    chain = rows(database, opened, str(incident))
    assert chain == [(region.organisations["school12"],)]
    page = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()
    assert page["reports"][0]["description"] == SAID
    assert page["reports"][0]["told_by"] == "«Үміт» ҚҚ"
    child = (await (await browser(region.saule)).get(path)).json()["code"]
    assert page["reports"][0]["who"] == child
    assert [(one["involvement"], one["kind"]) for one in page["people"]] == [("victim", "student")]
    assert "серіктес ұйым хабарлады" in (await (await browser(region.saule)).page(f"/incidents/{incident}")).text


async def test_r_258_danger_is_told_at_any_time_and_the_partner_never_sees_the_incident(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    week = week_of(clock.local_date(clock.now()))
    assert (await timur.act(f"{path}/weeks", {**WEEKLY, "week": week})).status_code == 303
    before = len(of_partners(database))
    empty = await timur.act(f"{path}/danger", {"text": " "}, html=True)
    assert (empty.status_code, 'href="#text"' in empty.text) == (422, True)
    assert (await (await browser(region.aigerim)).act(f"{path}/danger", {"text": SAID})).status_code == 403
    assert (await (await browser(region.zhanna)).act(f"{path}/danger", {"text": SAID})).status_code == 404
    assert (await timur.act(f"{path}/danger", {"text": SAID})).status_code == 303
    told = rows(database, "select actor_id from audit_log where action = 'referral.danger_told'")
    assert told[-1] == (region.timur.user_id,)
    await drain()
    found = of_partners(database)
    assert len(found) == before + 1
    incident = str(found[-1][0])
    hidden = await timur.get(f"/incidents/{incident}")
    assert hidden.status_code in (403, 404)
    for where in (path, f"{path}/own", "/inbox?box=all", "/messages"):
        assert incident not in (await timur.get(where)).text
    notices, reports = (
        rows(database, "select t::text from danger_notice t"),
        rows(database, "select t::text from report t"),
    )
    for text in (str(notices), str(reports), str(rows(database, "select args::text from outbox"))):
        assert "Қауіпмаркер" not in text
        assert "Қауіпмаркер".encode().hex() not in text
