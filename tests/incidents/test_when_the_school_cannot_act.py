"""A head in conflict, a team too small, a ladder without anybody: the commission hears which school, nothing else."""

from datetime import datetime, timedelta

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

ALERTS = "select kind, subject_id from notification where membership_id = %s and kind like 'school_alert.%%'"


def alerts(database: str, region: Region) -> list[str]:
    found = rows(database, ALERTS, region.zhanna.membership_id)
    assert {subject for _, subject in found} <= {region.organisations["school12"]}
    return sorted(kind.partition(".")[2] for kind, _ in found)


async def forgotten(database: str) -> None:
    await drain()
    rows(database, "delete from notification returning id")


async def test_r_049_a_named_employee_is_a_task_for_the_director_only(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region)
    await name(browser, region, incident, str(region.bota.person_id), "alleged_offender", "employee")
    await drain()
    told = rows(
        database, "select membership_id from notification where kind = 'staff_named' and subject_id = %s", incident
    )
    assert told == [(region.daulet.membership_id,)]
    assert alerts(database, region) == []


async def test_r_065_a_director_in_conflict_is_told_to_the_commission_once(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region)
    await name(browser, region, incident, str(region.daulet.person_id), "alleged_offender", "employee")
    await name(browser, region, incident, str(region.marat.person_id), "witness", "employee")
    await drain()
    assert alerts(database, region) == ["head_in_conflict"]
    assert rows(database, "select from notification where membership_id = %s", region.daulet.membership_id) == []
    sent = "select args, target_tenant from outbox where actor = 'notifications.alert_commission' order by id"
    row = rows(database, sent)[-1]
    assert row[0] == {"school": str(region.organisations["school12"]), "why": "head_in_conflict"}
    assert row[1] == region.organisations["commission"]
    audited = "select detail from audit_log where action = 'commission.alerted' and tenant_id = %s"
    assert ({"why": "head_in_conflict"},) in rows(database, audited, region.organisations["school12"])
    zhanna = await browser(region.zhanna)
    page = (await zhanna.page("/messages")).text
    assert "№12 мектеп" in page
    assert incident not in page
    assert (await zhanna.get(f"/incidents/{incident}")).status_code in (403, 404)
    assert dead_or_failed(database) == []


async def test_r_271_a_team_with_two_free_members_is_told_to_the_commission(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region)
    await name(browser, region, incident, str(region.gulnar.person_id), "witness", "employee")
    await drain()
    assert alerts(database, region) == ["team_too_small"]
    assert (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).status_code == 200


async def test_decision_17_a_ladder_that_nobody_may_climb_ends_at_the_commission(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region)
    for person in (region.daulet, region.saule):
        await name(browser, region, incident, str(person.person_id), "alleged_offender", "employee")
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=2))
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert "nobody_to_tell" in alerts(database, region)
    told = rows(database, "select membership_id from notification where subject_id = %s", incident)
    assert not {(region.daulet.membership_id,), (region.saule.membership_id,)} & set(told)
    assert dead_or_failed(database) == []


async def test_decision_17_a_skipped_rung_goes_to_the_next_before_the_commission_hears(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, str(region.saule.person_id), "alleged_offender", "employee")
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=9))
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE))
    clocks = "select membership_id, split_part(kind, '.', 1) from notification where subject_id = %s and kind like 'clock_%%'"
    told = {(region.daulet.membership_id, "clock_target"), (region.daulet.membership_id, "clock_overdue")}
    assert set(rows(database, clocks, incident)) == told  # the target's own rung is empty: nobody is responsible yet
    assert "nobody_to_tell" not in alerts(database, region)
    assert dead_or_failed(database) == []


async def test_decision_17_the_last_rung_carries_the_school_and_nothing_of_the_record(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region)
    (number,) = rows(database, "select number from incident where id = %s", incident)[0]
    for person in (region.daulet, region.saule):
        await name(browser, region, incident, str(person.person_id), "alleged_offender", "employee")
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=2))
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE))
    school, commission = region.organisations["school12"], region.organisations["commission"]
    crossed = rows(
        database,
        "select args, tenant_id from outbox where target_tenant = %s and tenant_id <> all(%s)",
        commission,
        [commission, region.operator],
    )
    assert {"nobody_to_tell"} <= {args["why"] for args, _ in crossed}
    assert {frozenset(args) for args, _ in crossed} == {frozenset({"school", "why"})}
    assert {(args["school"], tenant) for args, tenant in crossed} == {(str(school), school)}
    at_commission = str(rows(database, "select t::text from notification t where tenant_id = %s", commission))
    at_commission += str(rows(database, "select t::text from audit_log t where tenant_id = %s", commission))
    zhanna = await browser(region.zhanna)
    for answer in (await zhanna.get("/messages"), await zhanna.page("/messages")):
        at_commission += answer.text
    assert "№12 мектеп" in at_commission
    people = [str(p.person_id) for p in (region.daulet, region.saule)] + ["Dauletov", "Saparova"]
    assert [mark for mark in (incident, number, *people) if mark in at_commission] == []


async def test_s_12_the_commission_reads_its_alerts_and_a_school_cannot_send_itself_one(
    browser: Browser, region: Region
) -> None:
    daulet = await browser(region.daulet)
    messages = (await daulet.get("/messages")).json()["rows"]
    assert not any(row["kind"].startswith("school_alert") for row in messages)
