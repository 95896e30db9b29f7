"""The glass inside a school: reason, second person, an end by itself, everybody who answers hears, all is looked at (S-36)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from src.platform.kit import clock
from src.platform.kit.ids import new_id
from tests.support.clocks import real_time_again
from tests.support.grants import audited, broken, incident_with, step
from tests.support.http import Browser
from tests.support.incidents import name, rows
from tests.support.meetings import gone
from tests.support.people import Person, Region, hire
from tests.support.queue import drain, set_clock


@pytest.fixture(scope="module")
async def two(region: Region, database: str) -> AsyncIterator[tuple[Person, Person]]:
    """A psychologist and a deputy director who are not of the team."""
    school = region.organisations["school12"]
    people = await hire("erlan", school, ("psychologist",)), await hire("timur", school, ("deputy_upbringing",))
    yield people
    gone(database, *people)


async def test_s_36_the_glass_opens_one_record_with_a_second_person_and_tells_the_school(
    region: Region, browser: Browser, database: str, two: tuple[Person, Person]
) -> None:
    alone, second = two
    incident, number, _ = await incident_with(browser, region)
    other, _, _ = await incident_with(browser, region)
    client = await browser(alone)
    assert (await client.get(f"/incidents/{incident}")).status_code == 404
    glass = await broken(browser, alone, number)
    assert audited(database, "glass.asked", glass) == [(alone.user_id, [])]
    assert (await client.get(f"/incidents/{incident}")).status_code == 404  # nobody has agreed
    own = await step(browser, alone, glass, "agree", database=database)
    assert (own.status_code, own.json()["code"]) == (409, "grant.four_eyes")
    assert (await step(browser, second, glass, "agree", database=database)).status_code == 303
    assert audited(database, "grant.agreed", glass) == [(second.user_id, [])]
    told = set(rows(database, "select membership_id, kind from notification where subject_id = %s", glass[-36:]))
    assert {(one.membership_id, "glass_broken") for one in (region.daulet, region.saule, region.gulnar)} <= told
    seen = (await client.get(f"/incidents/{incident}")).json()
    assert seen["number"] == number
    assert "Құпияев" in (await client.act(f"/incidents/{incident}/names")).text
    assert not any(one.get("reporter_name") for one in seen["reports"])  # who reported is never under the glass
    assert (await client.get(f"/incidents/{other}")).status_code == 404
    assert (await client.act(f"/incidents/{incident}/screen", {"version": seen["version"]})).status_code in (403, 404)
    who = (await (await browser(region.saule)).get(f"/access/who/incidents/{incident}")).json()["readers"]
    assert "is:broke_glass" in {ground for one in who for ground in one["grounds"]}


async def test_s_36_the_glass_closes_by_itself_and_all_that_was_seen_is_looked_at(
    region: Region, browser: Browser, database: str, two: tuple[Person, Person]
) -> None:
    alone, second = two
    incident, number, _ = await incident_with(browser, region)
    glass = await broken(browser, alone, number, hours=24)
    await step(browser, second, glass, "agree", database=database)
    client, daulet = await browser(alone), await browser(region.daulet)
    await client.get(f"/incidents/{incident}")
    await client.act(f"/incidents/{incident}/names")
    early = await daulet.act(f"{glass}/review", {"version": 2, "text": "Қаралды"})
    assert (early.status_code, early.json()["code"]) == (409, "grant.not_now")
    with real_time_again(database):
        set_clock(database, clock.real_now() + timedelta(hours=24, minutes=1))
        assert (await client.get(f"/incidents/{incident}")).status_code == 404
        await drain()
        told = set(rows(database, "select membership_id, kind from notification where subject_id = %s", glass[-36:]))
        assert {(alone.membership_id, "grant_over"), (region.daulet.membership_id, "glass_to_review")} <= told
        view = (await daulet.get(glass)).json()
        done = {one["action"]: one["classes"] for one in view["seen"]}
        assert "identity-victim" in done["identity.read"]
        assert "case-sensitive" in done["incident.read"]
        assert "review" in view["may"]
        assert (await client.get(glass)).json()["seen"] is None
        for person in two:
            refused = await (await browser(person)).act(f"{glass}/review", {"version": view["version"], "text": "x"})
            assert refused.status_code == 404
        done_it = await daulet.act(f"{glass}/review", {"version": view["version"], "text": "Қажет болған екен"})
        assert done_it.status_code == 303
        assert audited(database, "glass.reviewed", glass) == [(region.daulet.user_id, [])]
        again = await daulet.act(f"{glass}/review", {"version": view["version"] + 1, "text": "x"})
        assert again.status_code == 409


async def test_s_36_it_is_withdrawn_at_once_and_never_longer_than_a_day(
    region: Region, browser: Browser, database: str, two: tuple[Person, Person]
) -> None:
    alone, second = two
    incident, number, _ = await incident_with(browser, region)
    client = await browser(alone)
    long = await client.act("/glass", {"record": number, "purpose": "danger_now", "reason": "x", "hours": 25})
    assert [one["field"] for one in long.json()["fields"]] == ["hours"]
    glass = await broken(browser, alone, number)
    await step(browser, second, glass, "agree", database=database)
    assert (await client.get(f"/incidents/{incident}")).status_code == 200
    assert (await step(browser, region.daulet, glass, "withdraw", database=database)).status_code == 303
    assert (await client.get(f"/incidents/{incident}")).status_code == 404
    with pytest.raises(Exception, match="decided once"):
        rows(database, "update access_grant set withdrawn_at = null where id = %s returning 1", glass[-36:])


async def test_s_36_somebody_in_conflict_breaks_nothing_and_seconds_nothing(
    region: Region, browser: Browser, database: str, two: tuple[Person, Person]
) -> None:
    alone, second = two
    incident, number, _ = await incident_with(browser, region)
    glass = await broken(browser, alone, number)
    await step(browser, second, glass, "agree", database=database)
    client = await browser(alone)
    assert (await client.get(f"/incidents/{incident}")).status_code == 200
    await name(browser, region, incident, str(alone.person_id), "alleged_offender", "employee")
    hidden, unknown = [await client.get(f"/incidents/{one}") for one in (incident, new_id())]
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    in_vain, typo = await broken(browser, alone, number), await broken(browser, alone, "000001")
    both = [in_vain[-36:], typo[-36:]]
    assert rows(database, "select count(*) from notification where subject_id = any(%s)", both) == [(0,)]
    refused = [await step(browser, second, one, "agree", database=database) for one in (in_vain, typo)]
    assert [one.status_code for one in refused] == [404, 404]


async def test_s_36_the_city_has_no_glass_and_a_role_without_incidents_neither(
    region: Region, browser: Browser, database: str
) -> None:
    body = {"record": "123456", "purpose": "danger_now", "reason": "x", "hours": 1}
    for person in (region.asel, region.marat, region.alua, region.oleg):
        client = await browser(person)
        assert (await client.act("/glass", body)).status_code == 403, person.name
        assert (await client.page("/glass/new")).status_code == 403, person.name
    assert rows(database, "select count(*) from access_grant where asked_by = %s", region.marat.membership_id) == [(0,)]
