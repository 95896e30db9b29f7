"""«Who can see this» for the owner of a record, «why not» for a role that lacks a page (decisions 17)."""

from pathlib import Path
from typing import Any

import pytest

from src.platform.access.policy import compile_table, enforcer
from src.platform.access.service import IDENTITY
from src.platform.kit import i18n
from src.platform.kit.ids import new_id
from src.platform.web.templating import environment
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows
from tests.support.people import Person, Region
from tests.support.statements import sent
from tests.support.world import World, lived
from tests.web.test_pages_cost import MOST_STATEMENTS

KINDS = {"incidents": "incident", "cases": "case", "referrals": "referral"}


async def who(browser: Browser, person: Person, incident: object, kind: str = "incidents") -> Any:
    return await (await browser(person)).get(f"/access/who/{kind}/{incident}")


async def seen_by(browser: Browser, region: Region, path: str, tenant: object) -> set[str]:
    """Everybody of an organisation whose own request opens the page."""
    return {
        person.name.title()
        for person in region.people.values()
        if person.tenant_id == tenant and (await (await browser(person)).get(path)).status_code == 200
    }


def given_names(answer: Any) -> set[str]:
    return {one["name"].split()[1] for one in answer.json()["readers"]}


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.mark.parametrize("kind", KINDS)
async def test_decision_17_the_list_names_exactly_those_whose_own_request_opens_the_record(
    region: Region, browser: Browser, world: World, kind: str
) -> None:
    record = world.ids[f"{KINDS[kind]}_id"]
    answer = await who(browser, region.saule, record, kind)
    assert answer.status_code == 200, answer.text
    assert given_names(answer) == await seen_by(browser, region, f"/{kind}/{record}", region.saule.tenant_id)
    assert "Saule" in given_names(answer)


async def test_decision_17_the_owner_reads_names_of_colleagues_their_roles_and_what_opens_to_them(
    region: Region, browser: Browser, database: str
) -> None:
    incident = await reported(browser, region)
    screened = await act(browser, region.saule, region, incident, "triage", harmed="no", harm_danger="no")
    assert screened.status_code == 303, screened.text
    investigators = [str(region.aigerim.membership_id)]
    await act(browser, region.saule, region, incident, "screen", investigators=investigators)
    found = {one["name"].split()[1]: one for one in (await who(browser, region.gulnar, incident)).json()["readers"]}
    assert found.keys() == {"Daulet", "Saule", "Aigerim", "Gulnar"}
    assert found["Aigerim"]["grounds"] == ["is:investigator", "team_member"]
    assert "health" in found["Aigerim"]["classes"]
    assert found["Daulet"]["grounds"] == ["school_director"]
    assert "health" not in found["Daulet"]["classes"]
    audited = (
        "select action, subject_kind, record_ids, classes from audit_log where actor_id = %s order by seq desc limit 1"
    )
    (row,) = rows(database, audited, region.gulnar.user_id)
    assert [str(one) for one in row[2]] == [incident]
    assert (row[0], row[1], row[3]) == ("access.readers_shown", "incident", ["school-internal"])


async def test_decision_17_who_is_accused_is_absent_for_the_owner_and_learns_nothing(
    region: Region, browser: Browser
) -> None:
    incident, unnamed = await reported(browser, region), await reported(browser, region)
    accused = (region.daulet, region.gulnar)
    before = [(await who(browser, one, incident)).status_code for one in accused]
    for one in accused:
        await name(browser, region, incident, str(one.person_id), "alleged_offender", "employee")
    assert before == [403, 200]
    assert given_names(await who(browser, region.saule, incident)) == {"Saule", "Aigerim"}
    assert given_names(await who(browser, region.saule, unnamed)) == {"Saule", "Aigerim", "Daulet", "Gulnar"}
    named, other, unknown = [await who(browser, region.gulnar, one) for one in (incident, new_id(), "kk")]
    assert (named.status_code, named.content) == (404, other.content)
    assert unknown.status_code in (404, 422)
    for other_record in (unnamed, str(new_id())):
        again = await who(browser, region.daulet, other_record)
        told = await who(browser, region.daulet, incident)
        assert (told.status_code, told.content) == (403, again.content)


async def test_s_12_nobody_outside_the_team_asks_and_another_organisation_finds_nothing(
    region: Region, browser: Browser, world: World
) -> None:
    incident = world.ids["incident_id"]
    for person in (region.marat, region.bota, region.erlan, region.zhanna, region.timur, region.asel, region.oleg):
        answers = [await who(browser, person, one) for one in (incident, new_id())]
        assert {one.status_code for one in answers} == {403}, person.name
        assert answers[0].content == answers[1].content, person.name
    assert (await browser.visitor().get(f"/access/who/incidents/{incident}")).status_code == 401


async def test_decision_17_a_partner_sees_its_own_people_and_the_school_by_its_name_only(
    region: Region, browser: Browser, world: World
) -> None:
    referral = world.ids["referral_id"]
    at_partner, at_school = [await who(browser, one, referral, "referrals") for one in (region.timur, region.saule)]
    assert (given_names(at_partner), at_partner.json()["other_side"]) == ({"Timur"}, "№12 мектеп")
    assert at_school.json()["other_side"] == "«Үміт» ҚҚ"
    assert "Timur" not in given_names(at_school)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_the_pages_speak_three_languages(region: Region, browser: Browser, world: World, language: str) -> None:
    saule, marat = await browser.fresh(region.saule), await browser.fresh(region.marat)
    for client in (saule, marat):
        await client.act(f"/language/{language}", html=True)
    shown = await saule.page(f"/access/who/incidents/{world.ids['incident_id']}")
    words = [i18n.gettext_in(language, text) for text in ("who was hurt", "security team member")]
    assert shown.status_code == 200
    assert all(word in shown.text for word in words), words
    for path, text in ((f"/incidents/{world.ids['incident_id']}", "Who can see this?"),):
        page = (await saule.page(path)).text
        assert i18n.gettext_in(language, text) in page
        assert f'href="/access/who{path}"' in page
    closed = await marat.page("/incidents")
    assert closed.status_code == 403
    assert 'href="/access/why/incident.read"' in closed.text
    why = await marat.page("/access/why/incident.read")
    assert i18n.gettext_in(language, "school director") in why.text
    for client in (saule, marat):
        await client.act("/language/kk", html=True)


async def test_the_way_to_the_list_stands_on_every_record_that_has_one(
    region: Region, browser: Browser, world: World
) -> None:
    saule, daulet = await browser(region.saule), await browser(region.daulet)
    for kind, record in KINDS.items():
        path = f"/{kind}/{world.ids[f'{record}_id']}"
        assert f'href="/access/who{path}"' in (await saule.page(path)).text
    assert "/access/who" not in (await daulet.page(f"/incidents/{world.ids['incident_id']}")).text


async def test_decision_17_a_refused_role_is_explained_and_a_404_never(
    region: Region, browser: Browser, world: World
) -> None:
    marat, gulnar = await browser(region.marat), await browser(region.gulnar)
    refused = await marat.get("/incidents")
    assert (refused.status_code, refused.json()["why"]) == (403, "/access/why/incident.read")
    told = (await marat.get(refused.json()["why"])).json()
    assert {"school_director", "team_member", "is:investigator"} <= set(told["open_to"])
    assert "psychologist" not in told["open_to"]  # that role alone opens nothing
    assert told["my_roles"] == ["subject_teacher"]
    missing = await gulnar.get(f"/incidents/{new_id()}")
    assert (missing.status_code, "why" in missing.json()) == (404, False)
    assert "/access/why" not in (await gulnar.page(f"/incidents/{new_id()}")).text
    for permission in ("incident.read", "nonsense", "incident.nonsense", "a.b.c", "-"):
        answer = await gulnar.get(f"/access/why/{permission}")
        assert (answer.status_code, answer.content) == (404, missing.content), permission


async def test_decision_17_why_says_the_same_before_and_after_a_conflict(region: Region, browser: Browser) -> None:
    incident, gulnar = await reported(browser, region), await browser(region.gulnar)
    asked = [f"/access/why/incident.{verb}" for verb in ("read", "investigate", "close", "show_readers")]
    before = [(await gulnar.get(path)).content for path in asked]
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    assert (await gulnar.get(f"/incidents/{incident}")).status_code == 404
    assert [(await gulnar.get(path)).content for path in asked] == before


async def test_why_needs_a_sign_in_and_a_forged_form_is_not_a_matter_of_roles(region: Region, browser: Browser) -> None:
    assert (await browser.visitor().get("/access/why/incident.read")).status_code == 401
    forged = await (await browser(region.marat)).post("/report", json={})
    assert (forged.status_code, forged.json()["code"], "why" in forged.json()) == (403, "forged_request", False)


def test_decision_17_who_may_ask_reads_every_identity_already() -> None:
    """An absent colleague is a hint; only who reads all names of the incident anyway may see the list."""
    now = compile_table(enforcer(Path("policies")))
    asking = {atom for atom, resource, action in now.grants if (resource, action) == ("incident", "show_readers")}
    assert asking == {"team_member", "team_coordinator"}
    assert all(now.of(atom, "incident", "read") >= IDENTITY for atom in asking)


def test_every_word_of_the_policy_has_a_name_for_people() -> None:
    now = compile_table(enforcer(Path("policies")))
    labels = environment().get_template("macros/readership.html").module
    for atom, _, _ in now.grants:
        assert labels.atom_label(atom).strip() not in ("", atom), atom  # type: ignore[attr-defined]
    for opened in {one for granted in now.grants.values() for one in granted} - {"-", "by_relation"}:
        assert labels.class_label(opened).strip() not in ("", opened), opened  # type: ignore[attr-defined]


async def test_the_list_costs_the_same_however_many_colleagues_there_are(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    saule, roles_of = await browser(region.saule), "update membership set roles = %s where id = %s returning id"
    counts = []
    for more in (["psychologist"], []):
        rows(database, roles_of, ["subject_teacher", *more], region.marat.membership_id)
        with sent() as said:
            assert (await saule.get(f"/access/who/incidents/{world.ids['incident_id']}")).status_code == 200
        counts.append(len(said))
    assert counts[0] == counts[1] <= MOST_STATEMENTS
