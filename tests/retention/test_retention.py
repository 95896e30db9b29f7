"""What has been kept for its term is destroyed once a person confirmed it, never before and never on hold (R-221)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.kit import clock
from src.platform.retention import service, terms
from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows, student
from tests.support.inside import as_person, inside
from tests.support.people import Person, Region
from tests.support.queue import drain
from tests.support.referrals import sent
from tests.support.twins import twin

OVER = """
    set session_replication_role = replica;
    update incident set state = 'closed', closed_at = '{on} 10:00+05' where id = '{id}';
    update child_case set violence_stopped_at = now() where incident_id = '{id}' and monitored_since is not null;
    update referral set state = 'completed' where id = '{referral}' and state in ('sent', 'accepted')"""
"""What keeps a record from being destroyed has ended; nobody waits five years for it."""


async def closed(browser: Browser, region: Region, database: str, on: date, accused: Person | None = None) -> str:
    """An incident with a child, and perhaps with a colleague, that was closed on a day."""
    incident = await reported(browser, region)
    if accused is not None:
        await name(browser, region, incident, str(accused.person_id), "alleged_offender", kind="employee")
    await name(browser, region, incident, await student(region, "Мерзімов", "Асқар"), "victim")
    put = "update incident set state = 'closed', closed_at = %s where id = %s returning id"
    rows(database, put, f"{on} 10:00+05", incident)
    return incident


def long_ago() -> date:
    """A day whose school year ended five years ago and more."""
    today = clock.local_date(clock.now())
    return terms.due_before(today, 5).date() - timedelta(days=20)


def not_yet() -> date:
    """A day of the first school year whose term still runs."""
    return terms.due_before(clock.local_date(clock.now()), 5).date() + timedelta(days=20)


async def page(browser: Browser, who: Any) -> Any:
    return (await (await browser(who)).get("/retention")).json()


def exists(database: str, incident: str) -> bool:
    return bool(rows(database, "select id from incident where id = %s", incident))


def test_r_221_five_years_count_from_the_end_of_the_school_year() -> None:
    assert terms.kept_until(date(2020, 9, 1), 5) == date(2026, 8, 31)
    assert terms.kept_until(date(2021, 8, 31), 5) == date(2026, 8, 31)
    assert terms.kept_until(date(2021, 9, 1), 5) == date(2027, 8, 31)
    assert terms.due_before(date(2026, 8, 31), 5).date() == date(2020, 9, 1) - timedelta(
        days=1
    )  # midnight there, in UTC
    assert terms.due_before(date(2026, 9, 1), 5).date() == date(2021, 9, 1) - timedelta(days=1)


async def test_r_221_a_record_is_destroyed_after_its_term_and_a_certificate_says_so(
    browser: Browser, region: Region, database: str
) -> None:
    due, early = [await closed(browser, region, database, one) for one in (long_ago(), not_yet())]
    shown = await page(browser, region.daulet)
    listed = {one["id"]: one["number"] for one in shown["due"]}
    assert (due in listed, early in listed) == (True, False)
    daulet = await browser(region.daulet)
    for bad in ({"checked": True}, {"incidents": [due]}):
        assert (await daulet.act("/retention/destroy", bad)).status_code == 422
    for refused in ([early], [due, early], [str(UUID(int=7))]):
        assert (await daulet.act("/retention/destroy", {"incidents": refused, "checked": True})).status_code == 409
    assert exists(database, due)
    done = await daulet.act("/retention/destroy", {"incidents": [due], "checked": True})
    assert done.status_code == 303, done.text
    again = await daulet.act("/retention/destroy", {"incidents": [due], "checked": True})
    assert again.status_code == 409  # it is not confirmed twice
    await drain()
    assert (exists(database, due), exists(database, early)) == (False, True)
    paper = (await daulet.get(done.headers["location"])).json()
    number = listed[due]
    assert [(one["number"], one["is_kept"]) for one in paper["records"]] == [(number, False)]
    assert (paper["is_done"], paper["rules"], paper["confirmed_by"]) == (True, ["R-221"], "Dauletov Daulet")
    assert paper["parts"] >= 4
    assert paper["keys_are_gone"] is False
    html = (await daulet.page(done.headers["location"])).text
    assert number in html
    assert "Мерзімов" not in html
    told = "select action from audit_log where %s = any (record_ids) and action like 'retention.%%' order by seq"
    assert ("retention.confirmed",) in rows(database, told, due)
    erased = "select count(*) from audit_log a join erasure e on e.id = any (a.record_ids) where e.record_id = %s"
    assert rows(database, f"{erased} and a.action = 'retention.destroyed'", due) == [(1,)]
    assert (await daulet.get(f"/incidents/{due}")).status_code == 404


async def test_r_221_who_stands_in_it_and_other_roles_neither_see_nor_destroy_it(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await closed(browser, region, database, long_ago(), accused=region.daulet)
    assert incident not in str(await page(browser, region.daulet))
    refused = await (await browser(region.daulet)).act("/retention/destroy", {"incidents": [incident], "checked": True})
    assert refused.status_code == 409
    assert incident in str(await page(browser, region.saule))  # the leader of the team may
    for stranger in (region.marat, region.aigerim, region.asel, region.timur, region.kamila):
        client = await browser(stranger)
        assert (await client.get("/retention")).status_code == 403, stranger.name
        assert (await client.act("/retention/destroy", {"incidents": [incident], "checked": True})).status_code == 403
    assert exists(database, incident)


async def test_r_221_each_school_loses_its_own_destroyed_referrals_from_sight_and_nobody_elses(
    browser: Browser, region: Region, database: str
) -> None:
    """One process answers both schools: what it keeps of a question holds no organisation (ADR 33)."""
    other = await twin(region, "mekbeside")
    kept, destroyed = await sent(browser, region, database), await sent(browser, other, database)
    referral = destroyed.rpartition("/")[2]
    here, there = await browser(region.saule), await browser(other.saule)
    assert (await here.get(kept)).status_code == 200  # the first school asks before the second
    in_it = "select c.incident_id from child_case c join referral_case r on r.case_id = c.id where referral_id = %s"
    incident = str(rows(database, in_it, referral)[0][0])
    with psycopg.connect(database) as admin:
        admin.execute(OVER.format(on=long_ago(), id=incident, referral=referral))  # type: ignore[call-overload]
    asked = {"incidents": [incident], "checked": True}
    done = await (await browser(other.daulet)).act("/retention/destroy", asked)
    assert done.status_code == 303, done.text
    await drain()
    assert not exists(database, incident)
    assert (await there.get(destroyed)).status_code == 404
    assert referral not in (await there.get("/referrals")).text
    assert (await here.get(kept)).status_code == 200
    assert (await (await browser(region.timur)).get(destroyed)).status_code == 200  # what the partner wrote itself


async def test_r_221_a_hold_keeps_a_record_until_it_is_lifted_also_between_confirming_and_destroying(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await closed(browser, region, database, long_ago())
    (row,) = [one for one in (await page(browser, region.saule))["due"] if one["id"] == incident]
    saule = await browser(region.saule)
    bad = await saule.act("/retention/holds", {"number": "000000", "reason": "Сот", "until": "2020-01-01"})
    assert (bad.status_code, {one["field"] for one in bad.json()["fields"]}) == (422, {"number", "until"})
    assert (await saule.act("/retention/holds", {"number": row["number"], "reason": "Сот қарайды"})).status_code == 303
    assert (await saule.act("/retention/holds", {"number": row["number"], "reason": "Тағы"})).status_code == 409
    shown = await page(browser, region.saule)
    assert incident not in [one["id"] for one in shown["due"]]
    (held,) = [one for one in shown["holds"] if one["number"] == row["number"]]
    assert (held["reason"], held["placed_by"], held["until"]) == ("Сот қарайды", "Saparova Saule", None)
    asked = {"incidents": [incident], "checked": True}
    assert (await saule.act("/retention/destroy", asked)).status_code == 409
    assert (await (await browser(region.erlan)).act(f"/retention/holds/{held['id']}/lift")).status_code == 403

    assert (await saule.act(f"/retention/holds/{held['id']}/lift")).status_code == 303
    assert (await saule.act(f"/retention/holds/{held['id']}/lift")).status_code == 409
    confirmed = await saule.act("/retention/destroy", asked)
    assert confirmed.status_code == 303
    until = (clock.local_date(clock.now()) + timedelta(days=40)).isoformat()
    late = await saule.act("/retention/holds", {"number": row["number"], "reason": "Тексеру", "until": until})
    assert late.status_code == 303
    await drain()
    assert exists(database, incident)
    paper = (await saule.get(confirmed.headers["location"])).json()
    assert [one["is_kept"] for one in paper["records"]] == [True]
    erased = "select count(*) from erasure where erased_at is not null and record_id = %s"
    assert rows(database, erased, incident) == [(0,)]


async def test_r_221_a_school_may_keep_longer_and_never_shorter(region: Region) -> None:
    async with inside(region.organisations["school45"]) as work:
        for wished, kept in ((3, 5), (10, 10), ("x", 5)):
            await tenants.change_setting(work, "retention_years", {"incident": wished})
            assert await terms.years_of(work, "incident") == kept


async def test_decision_17_who_may_confirm_is_told_that_something_falls_due_but_not_who_stands_in_it(
    browser: Browser, region: Region, database: str
) -> None:
    rows(database, "update incident set state = 'reported' where state = 'closed' returning id")  # of other tests
    await closed(browser, region, database, long_ago(), accused=region.daulet)
    told = "select id, membership_id, subject_kind from notification where kind = 'retention_due'"
    before = rows(database, told)
    async with inside(region.organisations["school12"]) as work:
        await service.look(work)
    now = [row[1:] for row in rows(database, told) if row not in before]
    assert now == [(region.saule.membership_id, "retention")]
    messages = (await (await browser(region.saule)).get("/messages")).json()["rows"]
    assert {one["link"] for one in messages if one["kind"] == "retention_due"} == {"/retention"}
    woken = "select count(*) > 0 from wake_at where actor = 'retention.look' and fired_at is null"
    assert rows(database, woken) == [(True,)]


async def test_the_application_destroys_nothing_that_nobody_confirmed(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await closed(browser, region, database, long_ago())
    async with as_person(region.daulet) as work:
        connection = await work.session.connection()
        answer = await connection.exec_driver_sql("select erase(%(id)s, now())", {"id": incident})
        assert answer.scalar_one() is False
    for call in ("select destroy_incident(%(id)s)", "delete from incident where id = %(id)s"):
        with pytest.raises(Exception, match="permission denied"):
            async with as_person(region.daulet) as work:
                connection = await work.session.connection()
                await connection.exec_driver_sql(call, {"id": incident})
    assert exists(database, incident)
