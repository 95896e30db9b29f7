"""The list of incidents, narrowed: whatever is asked, a person gets the own list filtered by hand (S-17)."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from src.platform.kit import clock
from src.platform.kit.ids import new_id
from tests.support import class_lists
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region
from tests.support.queue import set_clock
from tests.support.statements import sent
from tests.web.test_pages_cost import MOST_STATEMENTS

Row = dict[str, Any]
PLACES = ("toilet", "canteen", None)
KINDS = (["physical"], ["physical", "extortion"], [])


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> dict[str, Row]:
    """Incidents in several states, some of them closed to somebody; their answers by id, as the director reads them."""
    daulet = await browser(region.daulet)
    await class_lists.load(daulet, class_lists.as_csv(class_lists.student(7)))
    in_class = str(rows(database, "select person_id from enrolment")[0][0])
    for number in range(9):
        incident = await reported(browser, region, harmed="no", harm_danger="no")
        urgency = {"harmed": number % 4 == 0, "harm_danger": False, "sent_to_medical": "no"}
        said = {"place": PLACES[number % 3], "violence_types": KINDS[number % 3]}
        await act(browser, region.saule, region, incident, "triage", **urgency, **{k: v for k, v in said.items() if v})
        child = in_class if number == 5 else await student(region, f"Бала{'абвгдежзи'[number]}ев", "Ара")
        await name(browser, region, incident, child, "victim")
        if number % 2:
            who = [str(region.aigerim.membership_id)]
            await act(browser, region.saule, region, incident, "screen", investigators=who)
        if number == 7:
            await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
        if number == 8:
            await name(browser, region, incident, str(region.daulet.person_id), "alleged_offender", "employee")
    every = await listed(browser, region, "saule")
    return {row["id"]: (await (await browser(region.saule)).get(f"/incidents/{row['id']}")).json() for row in every}


async def listed(browser: Browser, region: Region, who: str, **asked: Any) -> list[Row]:
    """Every page of a person's list."""
    client, found, after = await browser(getattr(region, who)), [], ""
    for _page in range(20):
        more = {"after": after} if after else {}
        answer = await client.get(f"/incidents?{urlencode({**asked, **more}, doseq=True)}")
        assert answer.status_code == 200, answer.text
        found += answer.json()["rows"]
        if not (after := answer.json()["after"]):
            return found
    raise AssertionError


def local_day(row: Row) -> str:
    return str(clock.local_date(datetime.fromisoformat(row["reported_at"])))


def by_hand(asked: dict[str, Any], details: dict[str, Row]) -> Callable[[Row], bool]:
    """The same question, asked of rows that a person has in front of them."""
    tests: dict[str, Callable[[Row, Any], bool]] = {
        "state": lambda row, value: row["state"] in value,
        "urgency": lambda row, value: row["urgency"] == value,
        "clock": lambda row, value: (row["clock"] or {"state": "none"})["state"] == value,
        "place": lambda row, value: details[row["id"]]["answers"]["place"] == value,
        "violence": lambda row, value: value in details[row["id"]]["answers"]["violence_types"],
        "code": lambda row, value: row["number"] == value or value.rpartition("-")[2] in str(row["people"]),
        "reported_from": lambda row, value: local_day(row) >= value,
        "reported_to": lambda row, value: local_day(row) <= value,
    }
    return lambda row: all(tests[key](row, value) for key, value in asked.items() if key in tests)


def questions(every: list[Row]) -> list[dict[str, Any]]:
    """Each parameter alone, and random ones together."""
    one, chance = every[len(every) // 2], random.Random(20261121)  # noqa: S311  # the same questions every time
    day = local_day(one)
    choices: dict[str, list[Any]] = {
        "state": [["reported"], ["screened"], ["reported", "screened"], ["closed"]],
        "urgency": ["urgent", "standard"],
        "clock": ["overdue", "amber", "open", "none"],
        "place": ["toilet", "canteen", "gym"],
        "violence": ["physical", "extortion", "cyberbullying"],
        "code": [one["number"], "000000", one["people"][0], one["people"][0].rpartition("-")[2]],
        "reported_from": [day, "2026-01-01"],
        "reported_to": [day, "2099-01-01"],
        "sort": ["newest", "next_term"],
    }
    alone = [{key: value} for key, values in choices.items() for value in values]
    mixed = [
        {key: chance.choice(choices[key]) for key in chance.sample(sorted(choices), chance.randint(2, 4))}
        for _ in range(25)
    ]
    return alone + mixed


@pytest.mark.parametrize("who", ["saule", "aigerim", "gulnar", "daulet"])
async def test_s_17_a_narrowed_list_is_the_own_list_filtered_by_hand(
    browser: Browser, region: Region, world: dict[str, Row], who: str
) -> None:
    every = await listed(browser, region, who)
    hidden = {"gulnar", "daulet"}
    assert len(every) == len(world) - (who in hidden)
    hits = 0
    for asked in questions(every):
        found = await listed(browser, region, who, **asked)
        expected = [row for row in every if by_hand(asked, world)(row)]
        if asked.get("sort") == "next_term":
            expected.sort(key=lambda row: ((row["clock"] or {}).get("due_at", "9999"), row["id"]))
        assert [row["id"] for row in found] == [row["id"] for row in expected], asked
        hits += bool(found)
    assert hits > 10


async def test_s_17_the_clock_of_a_list_is_that_of_its_rows_when_terms_have_passed(
    browser: Browser, region: Region, world: dict[str, Row], database: str
) -> None:
    set_clock(database, clock.now() + timedelta(days=5))
    every = await listed(browser, region, "saule")
    overdue = await listed(browser, region, "saule", clock="overdue")
    set_clock(database, clock.real_now())
    assert overdue == [row for row in every if row["clock"] and row["clock"]["state"] == "overdue"]
    assert overdue


@pytest.mark.parametrize(
    "hidden", ["self_harm_sign=yes", "injured_count=1", "reporter=Marat", "name=Арман", "risk_level=high_risk"]
)
async def test_s_17_a_parameter_about_what_is_hidden_is_refused(
    browser: Browser, region: Region, world: dict[str, Row], hidden: str
) -> None:
    answer = await (await browser(region.saule)).get(f"/incidents?{hidden}")
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (422, "unknown_field")
    assert "rows" not in answer.json()


async def test_s_17_a_class_is_asked_by_those_who_read_every_name_and_by_nobody_else(
    browser: Browser, region: Region, world: dict[str, Row], database: str
) -> None:
    saule, specialist = await browser(region.saule), await browser(region.aigerim)
    (school_class,) = (await saule.get("/incidents")).json()["classes"]
    found = (await saule.get(f"/incidents?school_class={school_class['id']}")).json()["rows"]
    (audited,) = rows(database, "select action, classes from audit_log order by seq desc limit 1")
    assert len(found) == 1
    assert audited[0] == "incident.listed"
    assert {"identity-victim", "identity-offender", "identity-witness", "identity-reporter"} < set(audited[1])
    assert (await saule.get(f"/incidents?school_class={new_id()}")).json()["rows"] == []
    assert (await specialist.get(f"/incidents?school_class={school_class['id']}")).status_code == 200


async def test_s_17_a_reader_without_names_is_refused_a_class_as_if_nobody_had_that_parameter(
    browser: Browser, region: Region, world: dict[str, Row], database: str
) -> None:
    """A specialist who reads by relation only: the team's seat is taken away for this test."""
    held = rows(database, "select roles from membership where id = %s", region.bota.membership_id)[0][0]
    with_roles(database, region, ["social_pedagogue"])
    bota, daulet = await browser.fresh(region.bota), await browser(region.daulet)
    (school_class,) = (await daulet.get("/incidents")).json()["classes"]
    plain = await bota.get("/incidents")
    known, unknown, nonsense = [
        await bota.get(f"/incidents?school_class={one}") for one in (school_class["id"], new_id(), "")
    ]
    stranger = await bota.get("/incidents?nothing=1")
    with_roles(database, region, held)
    assert (plain.status_code, plain.json()["classes"]) == (200, [])
    assert known.status_code == unknown.status_code == stranger.status_code == 422
    assert known.content == unknown.content == stranger.content
    assert nonsense.status_code == 200


def with_roles(database: str, region: Region, roles: list[str]) -> None:
    rows(
        database,
        "update membership set roles = %s where id = %s returning id",
        roles,
        region.bota.membership_id,
    )


async def test_a_wrong_question_is_answered_in_words_with_nothing_lost_and_no_row(
    browser: Browser, region: Region, world: dict[str, Row]
) -> None:
    saule = await browser(region.saule)
    page = await saule.page("/incidents?reported_from=2026-12-01&reported_to=2026-11-01&place=toilet")
    assert page.status_code == 422
    assert 'value="2026-12-01"' in page.text
    assert '<a href="#reported_to">' in page.text
    assert '<option value="toilet" selected>' in page.text
    assert not any(row["number"] in page.text for row in world.values())
    for asked in ("state=dancing", "clock=soon", "school_class=1", "reported_from=yesterday", "after=@@"):
        assert (await saule.get(f"/incidents?{asked}")).status_code == 422, asked


async def test_pages_of_a_narrowed_list_follow_each_other_with_the_question_kept(
    browser: Browser, region: Region, world: dict[str, Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.platform.incidents.reading.listing.PAGE_SIZE", 2)
    for asked in ({}, {"state": "reported"}, {"sort": "next_term"}, {"state": "screened", "sort": "next_term"}):
        found = await listed(browser, region, "saule", **asked)
        assert len({row["id"] for row in found}) == len(found)
        assert len(found) == len([row for row in world.values() if row["state"] == asked.get("state", row["state"])])
    page = (await (await browser(region.saule)).page("/incidents?state=reported&sort=next_term")).text
    assert 'href="/incidents?state=reported&amp;sort=next_term&amp;after=' in page


async def test_decision_24_a_narrowed_list_costs_four_statements(
    browser: Browser, region: Region, world: dict[str, Row]
) -> None:
    saule = await browser(region.saule)
    (school_class,) = (await saule.get("/incidents")).json()["classes"]
    asked = {"code": "KTR", "school_class": school_class["id"], "clock": "open", "sort": "next_term"}
    for some in (asked, {"school_class": school_class["id"]}, {"code": next(iter(world.values()))["number"]}):
        with sent() as seen:
            assert (await saule.page(f"/incidents?{urlencode(some)}")).status_code == 200
        assert len(seen) <= MOST_STATEMENTS, seen


async def test_an_empty_list_says_the_way_out(browser: Browser, region: Region, world: dict[str, Row]) -> None:
    page = (await (await browser(region.saule)).page("/incidents?place=gym&urgency=urgent")).text
    assert 'href="/incidents">' in page
    assert "q-cards" not in page


async def test_r_063_names_are_shown_in_the_list_by_one_press_with_one_audit_row(
    browser: Browser, region: Region, world: dict[str, Row], database: str
) -> None:
    query = "select record_ids, classes from audit_log where action = 'identity.read' and actor_id = %s order by seq"
    before = rows(database, query, region.saule.user_id)
    saule = await browser(region.saule)
    plain = await saule.page("/incidents?state=reported")
    assert 'action="/incidents/names?state=reported"' in plain.text
    assert "ев Ара" not in plain.text
    shown = (await saule.act("/incidents/names?state=reported", {})).json()["rows"]
    assert {row["number"] for row in shown} == {row["number"] for row in world.values() if row["state"] == "reported"}
    assert all(len(row["names"]) == len(row["people"]) and all(row["names"]) for row in shown)
    assert any("ев Ара" in one for row in shown for one in row["names"])
    (written,) = rows(database, query, region.saule.user_id)[len(before) :]
    assert {UUID(row["id"]) for row in shown} <= set(written[0])
    assert "identity-victim" in written[1]


async def test_r_063_who_reads_no_names_has_no_press_and_gets_none(
    browser: Browser, region: Region, world: dict[str, Row], database: str
) -> None:
    held = rows(database, "select roles from membership where id = %s", region.bota.membership_id)[0][0]
    with_roles(database, region, ["social_pedagogue"])
    bota = await browser.fresh(region.bota)
    page, shown = await bota.page("/incidents"), await bota.act("/incidents/names", {})
    with_roles(database, region, held)
    assert "/incidents/names" not in page.text
    assert not any(any(row["names"]) for row in shown.json()["rows"])
    query = "select count(*) from audit_log where action = 'identity.read' and actor_id = %s"
    assert rows(database, query, region.bota.user_id) == [(0,)]


async def test_r_064_names_of_an_incident_in_conflict_stay_hidden_in_the_list(
    browser: Browser, region: Region, world: dict[str, Row]
) -> None:
    shown = {
        who: (await (await browser(getattr(region, who))).act("/incidents/names", {})).json()["rows"]
        for who in ("saule", "daulet")
    }
    hidden = {row["number"] for row in shown["saule"]} - {row["number"] for row in shown["daulet"]}
    assert hidden, "the incident in which the director is named is no row of the director's list"
    assert all(all(row["names"]) for row in shown["daulet"])
