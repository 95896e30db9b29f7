"""A serious sign goes to police and commission the same day, or two people say why not (R-256, R-269)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.schools import School, founded

NO = {"harmed": "no", "harm_danger": "no"}
WHY = "Ұлдың сөзі, кешірім сұрады"


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def signed(
    browser: Browser, region: Region, *signs: str, offender: str | None = "student", **answers: Any
) -> str:
    """An incident of children with serious signs."""
    incident = await reported(browser, region, **NO)
    body = {"harm_danger": True, "serious_signs": list(signs), **answers}
    assert (await act(browser, region.saule, region, incident, "triage", **body)).status_code == 303
    if offender == "student":
        await name(browser, region, incident, await student(region, "Тілеуов", "Ислам"), "alleged_offender")
    elif offender is not None:
        person = str(region.bota.person_id)
        await name(browser, region, incident, person, "alleged_offender", offender)
    return incident


async def due(browser: Browser, region: Region, incident: str) -> str | None:
    found = {clock["code"]: clock["state"] for clock in (await view(browser, region.saule, incident))["clocks"]}
    return found.get("clk_serious_forward")


async def waived(browser: Browser, region: Region, incident: str, first: Person, second: Person) -> tuple[Any, Any]:
    asked = await act(browser, first, region, incident, "waive", reason=WHY)
    if asked.status_code != 303:
        return asked, None
    waiver = (await view(browser, region.aigerim, incident))["waivers"][-1]["id"]
    return asked, await act(browser, second, region, incident, "waive/agree", waiver_id=waiver)


async def police(region: Region) -> Person:
    """A police unit that works with Qorgan, with one person."""
    if "police" not in region.organisations:
        async with inside(region.operator) as work:
            new = NewOrganisation(
                kind="juvenile_police_unit", code="polic", slug="polic", name_kk="Полиция", name_ru="П", name_en="P"
            )
            region.organisations["police"] = await tenants.provision(work, new)
        region.people["officer"] = await hire("timur", region.organisations["police"], ("partner_worker",))
    return region.officer


async def test_r_256_worked_example_a_sign_known_in_the_afternoon_is_due_that_night(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 12, 14, tzinfo=LOCAL_ZONE))  # a Saturday: never moved
    incident = await signed(browser, region, "money_taken")
    found = {clock["code"]: clock for clock in (await view(browser, region.saule, incident))["clocks"]}
    at = datetime.fromisoformat(found["clk_serious_forward"]["due_at"]).astimezone(LOCAL_ZONE)
    assert (at.date().isoformat(), at.hour, at.minute) == ("2026-12-12", 23, 59)
    await drain()
    told = rows(
        database, "select membership_id from notification where subject_id = %s and kind = 'forward_today'", incident
    )
    assert {m for (m,) in told} == {region.saule.membership_id, region.daulet.membership_id}
    set_clock(database, datetime(2026, 12, 13, 0, 1, tzinfo=LOCAL_ZONE))
    await drain()
    assert await due(browser, region, incident) == "overdue"
    missed = "select missed from oversight_process where month = 202612 and clock = 'clk_serious_forward'"
    assert rows(database, missed) == [(1,)]
    set_clock(database, datetime(2027, 1, 2, 9, tzinfo=LOCAL_ZONE))  # the city sees a month that is over
    city = (await (await browser(region.asel)).get("/city?month=202612")).json()["rows"]
    assert {row["name"]: row["serious_signs_late_or_never"] for row in city}["№12 мектеп"] == 1
    assert dead_or_failed(database) == []


async def test_r_256_forwarding_tells_commission_and_police_which_school_and_nothing_else(
    browser: Browser, region: Region, database: str
) -> None:
    officer = await police(region)
    incident = await signed(browser, region, "physical_weapon")
    assert (await act(browser, region.bota, region, incident, "forward", targets=["police"])).status_code == 403
    told = "select id, args, target_tenant from outbox where actor = 'notifications.serious_sign'"
    before = {outbox_id for outbox_id, _, _ in rows(database, told)}
    done = await act(browser, region.saule, region, incident, "forward", targets=["police"])
    assert done.status_code == 303, done.text
    seen = await view(browser, region.saule, incident)
    (record,) = seen["forwarded"]
    assert record["targets"] == ["commission", "police"]  # a sign always goes to both
    assert record["by"].startswith("Saparova")
    assert await due(browser, region, incident) == "met_in_time"
    left = [(args, to) for outbox_id, args, to in rows(database, told) if outbox_id not in before]
    school = str(region.organisations["school12"])
    assert [args for args, _ in left] == [{"school": school}] * 2
    assert {to for _, to in left} == {region.organisations["commission"], officer.tenant_id}
    audited = "select detail from audit_log where action = 'incident.forwarded' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [({"to": "commission police"},)]
    await drain()
    for person in (region.zhanna, officer):
        page = (await (await browser(person)).page("/messages")).text
        assert "№12 мектеп" in page
        assert seen["number"] not in page
        assert incident not in page
    again = await act(browser, region.saule, region, incident, "forward", targets=["police"])
    assert (again.status_code, again.json()["code"]) == (409, "incident.already_forwarded")


@pytest.mark.parametrize(
    ("signs", "answers", "offender"),
    [
        (("physical_weapon",), {}, "student"),
        (("sexual",), {"sexual_words_only": "no"}, "student"),
        (("sexual",), {}, "student"),
        (("physical_injury",), {"harmed": True, "sent_to_medical": "yes"}, "student"),
        (("physical_injury",), {}, "student"),
        (("corporal_harm",), {}, "student"),
        (("money_taken",), {}, "employee"),
        (("money_taken",), {}, None),
        (("money_taken", "physical_weapon"), {}, "student"),
    ],
)
async def test_r_256_no_reason_excuses_silence_about_a_weapon_sexual_acts_an_injury_or_an_adult(
    browser: Browser, region: Region, signs: tuple[str, ...], answers: dict[str, Any], offender: str | None
) -> None:
    incident = await signed(browser, region, *signs, offender=offender, **answers)
    refused, _ = await waived(browser, region, incident, region.saule, region.daulet)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.must_be_forwarded")
    assert await due(browser, region, incident) == "open"


async def test_r_256_words_only_between_children_pass_with_two_names_and_not_with_one(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await signed(browser, region, "sexual", sexual_words_only="yes")
    plain = await act(browser, region.gulnar, region, incident, "waive", reason=WHY)
    assert (plain.status_code, plain.json()["code"]) == (409, "incident.not_your_name")
    asked, alone = await waived(browser, region, incident, region.saule, region.saule)
    assert asked.status_code == 303
    assert (alone.status_code, alone.json()["code"]) == (409, "incident.not_your_name")
    assert await due(browser, region, incident) == "open"  # the first name holds nothing up
    waiver = (await view(browser, region.daulet, incident))["waivers"][0]
    assert (waiver["reason"], waiver["asked_by"][:8], waiver["agreed_by"]) == (WHY, "Saparova", None)
    assert WHY not in str(rows(database, "select f::text from forwarding f"))
    page = (await (await browser(region.daulet)).page(f"/incidents/{incident}/steps/forward")).text
    assert "/waive/agree" in page
    agreed = await act(browser, region.daulet, region, incident, "waive/agree", waiver_id=waiver["id"])
    assert agreed.status_code == 303, agreed.text
    assert await due(browser, region, incident) == "cancelled"
    audited = "select actor_id from audit_log where action = 'incident.forwarding_waived' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(region.daulet.user_id,)]
    await drain()
    asked_for = "select membership_id from notification where subject_id = %s and kind = 'waiver_asked'"
    assert rows(database, asked_for, incident) == [(region.daulet.membership_id,)]


async def test_r_256_a_new_sign_after_a_waiver_asks_again(browser: Browser, region: Region) -> None:
    incident = await signed(browser, region, "money_taken")
    _, agreed = await waived(browser, region, incident, region.daulet, region.saule)
    assert agreed.status_code == 303
    chosen = [str(region.aigerim.membership_id)]
    await act(browser, region.saule, region, incident, "screen", investigators=chosen)
    worse = await act(browser, region.aigerim, region, incident, "worsen", serious_signs=["physical_weapon"])
    assert worse.status_code == 303, worse.text
    assert await due(browser, region, incident) == "open"
    refused, _ = await waived(browser, region, incident, region.saule, region.daulet)
    assert refused.json()["code"] == "incident.must_be_forwarded"


async def test_r_256_the_deputy_gives_the_name_of_one_who_is_implicated(
    browser: Browser, region: Region, database: str
) -> None:
    school = await founded(region, browser)
    team = await school.working()
    director, leader, deputy = await _leaders(school, team, database)
    teacher = next(p for p in school.people if p.roles == ("subject_teacher",))
    assert (await (await browser(teacher)).act("/report", {"description": "x", **NO})).status_code == 303
    client, second = await browser.fresh(leader), await browser.fresh(deputy)
    incident = (await client.get("/incidents")).json()["rows"][0]["id"]

    async def verb(who: Any, path: str, **body: Any) -> Any:
        version = rows(database, "select version from incident where id = %s", incident)[0][0]
        return await who.act(f"/incidents/{incident}/{path}", {"version": version, **body})

    async with inside(school.tenant_id) as work:
        child = await vault.add_person(work, "student", Identity(family_name="Бала", given_name="Бір"))
    await verb(client, "triage", harm_danger=True, serious_signs=["money_taken"])
    named = {"kind": "student", "involvement": "alleged_offender", "person_id": str(child)}
    assert (await client.act(f"/incidents/{incident}/people", named)).status_code == 303
    refused = await verb(second, "waive", reason=WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.not_your_name")
    named = {"kind": "employee", "involvement": "victim", "person_id": str(director.person_id)}
    assert (await client.act(f"/incidents/{incident}/people", named)).status_code == 303
    assert (await verb(client, "waive", reason=WHY)).status_code == 303
    waiver = str(rows(database, "select id from forwarding where incident_id = %s", incident)[0][0])
    assert (await verb(await browser(director), "waive/agree", waiver_id=waiver)).status_code == 404
    assert (await verb(second, "waive/agree", waiver_id=waiver)).status_code == 303


async def _leaders(school: School, team: str, database: str) -> tuple[Person, Person, Person]:
    seats = rows(
        database,
        "select membership_id, is_leader, is_deputy from security_team_member where team_id = %s and (is_leader or is_deputy)",
        team,
    )
    by_id = {p.membership_id: p for p in school.people}
    leader = next(by_id[m] for m, is_leader, _ in seats if is_leader)
    return school.people[0], leader, next(by_id[m] for m, _, is_deputy in seats if is_deputy)


async def test_r_269_the_talk_with_the_victim_is_preset_as_left_to_the_police(browser: Browser, region: Region) -> None:
    incident = await signed(browser, region, "physical_weapon")
    await name(browser, region, incident, await student(region, "Қадамов", "Сынақ"), "victim")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    aigerim = await browser(region.aigerim)
    preset = re.compile(r'<option value="left_to_police" selected')
    assert not preset.search((await aigerim.page(f"/incidents/{incident}/steps/hear")).text)
    assert (await act(browser, region.saule, region, incident, "forward", targets=["police"])).status_code == 303
    page = (await aigerim.page(f"/incidents/{incident}/steps/hear")).text
    assert len(preset.findall(page)) == 1  # the victim's, not the offender's or the reporter's
    to_hear = (await view(browser, region.aigerim, incident))["to_hear"]
    (victim,) = [one for one in to_hear if one["is_victim"]]
    for one in to_hear:
        waiver = "left_to_police" if one is victim else "not_reachable"
        body = {one["field"]: one["id"], "waiver": waiver}
        assert (await aigerim.act(f"/incidents/{incident}/hear", body)).status_code == 303
    done = await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    assert done.status_code == 303, done.text
    assert (await view(browser, region.saule, incident))["state"] == "investigated"


async def test_r_269_words_between_children_are_no_matter_of_the_police(browser: Browser, region: Region) -> None:
    incident = await signed(browser, region, "money_taken")
    await act(browser, region.saule, region, incident, "forward", targets=["police"])
    assert (await view(browser, region.saule, incident))["left_to_police"] is False
