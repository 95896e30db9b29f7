"""Reports of one thing are one incident; nothing is lost, the earliest clock counts (decisions 10, R-034 … R-036, R-050)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from src.platform.incidents import service
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from tests.support import files
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock

NO = {"harmed": "no", "harm_danger": "no"}


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def link(browser: Browser, region: Region, source: str, target: str) -> Any:
    number = (await view(browser, region.saule, target))["number"]
    return await act(browser, region.gulnar, region, source, "link", into=number)


def running(seen: Any) -> dict[str, str]:
    return {one["code"]: one["started_at"] for one in seen["clocks"] if one["state"] in ("open", "amber", "overdue")}


async def test_r_034_the_emptied_incident_stays_and_points_to_the_other(
    browser: Browser, region: Region, database: str
) -> None:
    first = await reported(browser, region, **NO, description="Бірінші хабар")
    second = await reported(browser, region, harm_danger="yes", description="Екінші хабар")
    child, other = [await student(region, "Тілеуов", given) for given in ("Ислам", "Асан")]
    await name(browser, region, first, child, "victim")
    await name(browser, region, second, child, "alleged_offender")
    await name(browser, region, second, other, "witness")
    assert (await act(browser, region.marat, region, second, "link", into="000000")).status_code == 403
    done = await link(browser, region, second, first)
    assert (done.status_code, done.headers["location"]) == (303, f"/incidents/{first}")
    seen = await view(browser, region.gulnar, first)
    assert {one["description"] for one in seen["reports"]} == {"Бірінші хабар", "Екінші хабар"}
    assert sorted(one["involvement"] for one in seen["people"]) == ["both", "witness"]  # named in both: both
    assert seen["urgency"] == "urgent"
    assert [one["id"] for one in seen["linked"]] == [second]
    emptied = await view(browser, region.gulnar, second)
    assert (emptied["state"], emptied["linked_into"]["id"], emptied["people"]) == ("linked", first, [])
    assert "reports" not in emptied or emptied["reports"] == []
    assert running(emptied) == {}
    assert rows(database, "select count(*) from incident where id = any(%s)", [first, second]) == [(2,)]
    page = (await (await browser(region.saule)).page(f"/incidents/{second}")).text
    assert f'href="/incidents/{first}"' in page
    for verb in ("triage", "screen", "start", "finish", "close"):
        body = {"investigators": [str(region.saule.membership_id)]} if verb == "screen" else {}
        body |= {"findings": "x"} if verb == "finish" else {}
        refused = await act(browser, region.saule, region, second, verb, **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "incident.linked"), verb
    audited = (
        "select actor_id, record_ids[2]::text from audit_log where action = 'incident.linked' and record_ids[1] = %s"
    )
    assert rows(database, audited, second) == [(region.gulnar.user_id, first)]
    asked = "select count(*) from outbox where actor = 'incidents.look_for_conflicts' and args->>'incident' = %s"
    assert rows(database, asked, first) == [(2,)]  # one was named there, one came with the link
    await drain()
    assert dead_or_failed(database) == []


async def test_r_036_r_037_the_clock_counts_from_the_earliest_report(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 10, 9, tzinfo=LOCAL_ZONE))
    early = await reported(browser, region, **NO)
    set_clock(database, datetime(2026, 12, 11, 9, tzinfo=LOCAL_ZONE))
    late = await reported(browser, region, **NO)
    started = running(await view(browser, region.saule, early))["clk_screen_standard"]
    assert (await link(browser, region, early, late)).status_code == 303
    seen = await view(browser, region.saule, late)
    assert running(seen) == {"clk_screen_standard": started}
    assert seen["reported_at"] == started
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, late, "screen", investigators=chosen)).status_code == 303
    again = await reported(browser, region, harmed="no", harm_danger="yes")
    assert (await link(browser, region, again, late)).status_code == 303  # screened: the link is the team's look at it
    assert (await view(browser, region.saule, late))["urgency"] == "urgent"
    assert set(running(await view(browser, region.saule, late))) == {"clk_screen_urgent"}
    states = {one["code"]: one["state"] for one in (await view(browser, region.saule, again))["clocks"]}
    assert states == {"clk_screen_urgent": "met_in_time"}


async def test_r_256_r_048_what_had_to_be_done_the_same_day_is_done_in_the_other(
    browser: Browser, region: Region
) -> None:
    target, source = await reported(browser, region, **NO), await reported(browser, region, harmed="yes")
    signs = {"serious_signs": ["money_taken"], "harmed": True, "problem_behaviours": ["theft"]}
    assert (await act(browser, region.saule, region, source, "triage", **signs)).status_code == 303
    assert (await link(browser, region, source, target)).status_code == 303
    seen = await view(browser, region.saule, target)
    assert {"clk_medical", "clk_serious_forward", "clk_screen_urgent"} == set(running(seen))
    assert seen["answers"]["problem_behaviours"] == ["theft"]


async def test_r_256_what_police_and_commission_know_already_is_not_asked_again(
    browser: Browser, region: Region
) -> None:
    target, source = await reported(browser, region, **NO), await reported(browser, region, **NO)
    await act(browser, region.saule, region, source, "triage", harm_danger=True, serious_signs=["money_taken"])
    assert (await act(browser, region.saule, region, source, "forward", targets=["police"])).status_code == 303
    assert (await link(browser, region, source, target)).status_code == 303
    seen = await view(browser, region.saule, target)
    assert "clk_serious_forward" not in running(seen)
    assert [one["targets"] for one in seen["forwarded"]] == [["commission", "police"]]
    refused = await act(browser, region.saule, region, source, "unlink")
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.link_is_final")


async def test_r_050_two_that_contradict_each_other_are_not_linked(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 10, 9, tzinfo=LOCAL_ZONE))
    early = await reported(browser, region, **NO)
    set_clock(database, datetime(2026, 12, 12, 9, tzinfo=LOCAL_ZONE))
    late = await reported(browser, region, **NO)
    await act(browser, region.saule, region, late, "triage", happened_on="2026-12-11")
    refused = await link(browser, region, early, late)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.link_contradicts")
    assert (await view(browser, region.saule, early))["state"] == "reported"


async def test_r_035_a_link_is_no_way_past_the_investigation(browser: Browser, region: Region) -> None:
    screened, fresh = await reported(browser, region, **NO), await reported(browser, region, **NO)
    chosen = [str(region.aigerim.membership_id)]
    await act(browser, region.saule, region, screened, "screen", investigators=chosen)
    refused = await link(browser, region, screened, fresh)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.not_linkable")
    unknown = await act(browser, region.saule, region, fresh, "link", into="000000")
    assert (unknown.status_code, unknown.json()["fields"][0]["field"]) == (422, "into")
    itself = await act(
        browser, region.saule, region, fresh, "link", into=(await view(browser, region.saule, fresh))["number"]
    )
    assert itself.json() == unknown.json()


async def test_s_12_a_hidden_number_answers_like_one_that_does_not_exist(browser: Browser, region: Region) -> None:
    mine, hidden = await reported(browser, region, **NO), await reported(browser, region, **NO)
    number = (await view(browser, region.saule, hidden))["number"]
    await name(browser, region, hidden, str(region.gulnar.person_id), "alleged_offender", "employee")
    tried = await act(browser, region.gulnar, region, mine, "link", into=number)
    unknown = await act(browser, region.gulnar, region, mine, "link", into="000000")
    assert tried.status_code == unknown.status_code == 422
    assert tried.content == unknown.content
    gulnar = await browser(region.gulnar)
    for identifier in (hidden, str(new_id())):
        assert (await gulnar.act(f"/incidents/{identifier}/link", {"version": 1, "into": "000000"})).status_code in (
            404,
            422,
        )
    stranger = await browser(await hire("erlan", region.organisations["school45"], ("psychologist", "team_member")))
    foreign = await stranger.act(f"/incidents/{mine}/unlink", {"version": 1})
    random = await stranger.act(f"/incidents/{new_id()}/unlink", {"version": 1})
    assert (foreign.status_code, foreign.content) == (404, random.content)


async def test_r_064_nobody_comes_back_to_what_they_stand_in_by_the_emptied_one(
    browser: Browser, region: Region
) -> None:
    target, source = await reported(browser, region, **NO), await reported(browser, region, **NO)
    await name(browser, region, source, str(region.gulnar.person_id), "alleged_offender", "employee")
    number = (await view(browser, region.saule, target))["number"]
    gulnar = await browser(region.gulnar)
    assert (await gulnar.get(f"/incidents/{target}")).status_code == 200
    assert (await act(browser, region.saule, region, source, "link", into=number)).status_code == 303
    for incident in (source, target):
        assert (await gulnar.get(f"/incidents/{incident}")).status_code == 404
    shown = {row["id"] for row in (await gulnar.get("/incidents")).json()["rows"]}
    assert not {source, target} & shown


async def test_a_link_is_taken_back_until_something_was_screened(
    browser: Browser, region: Region, database: str
) -> None:
    target, source = await reported(browser, region, **NO), await reported(browser, region, **NO)
    child, both = [await student(region, "Қадамов", given) for given in ("Сынақ", "Екеуі")]
    await name(browser, region, source, child, "victim")
    for incident, involvement in ((target, "witness"), (source, "victim")):
        await name(browser, region, incident, both, involvement)
    await act(browser, region.saule, region, source, "triage", place="canteen", violence_types=["physical"])
    before = [await view(browser, region.saule, one) for one in (target, source)]
    assert (await link(browser, region, source, target)).status_code == 303
    assert (await view(browser, region.saule, target))["answers"]["place"] == "canteen"
    assert (await act(browser, region.gulnar, region, source, "unlink")).status_code == 303
    after = [await view(browser, region.saule, one) for one in (target, source)]
    for was, now in zip(before, after, strict=True):
        for part in ("state", "urgency", "answers", "reports", "people", "reported_at"):
            assert now[part] == was[part], part
        assert set(running(now)) == set(running(was))
    audited = "select count(*) from audit_log where action = 'incident.unlinked' and %s = any (record_ids)"
    assert rows(database, audited, source) == [(1,)]
    assert (await link(browser, region, source, target)).status_code == 303
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, target, "screen", investigators=chosen)).status_code == 303
    refused = await act(browser, region.saule, region, source, "unlink")
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.link_is_final")


async def test_texts_with_marked_names_and_injuries_are_read_in_the_other(browser: Browser, region: Region) -> None:
    texts = ("Ислам көрді", "Асан жылады")
    target, source = [await reported(browser, region, **NO, description=text) for text in texts]
    for incident, given in ((target, "Ислам"), (source, "Асан")):
        await name(browser, region, incident, await student(region, "Тілеуов", given), "victim")
        person = (await view(browser, region.saule, incident))["people"][0]
        body = {"surface": given, "stands_for": person["id"]}
        assert (await act(browser, region.saule, region, incident, "mark", **body)).status_code == 303
    for incident, injuries in ((target, "тізесі"), (source, "Асан иығы")):
        answers = {"harmed": True, "sent_to_medical": "no", "injuries": injuries}
        assert (await act(browser, region.saule, region, incident, "triage", **answers)).status_code == 303
    assert (await link(browser, region, source, target)).status_code == 303
    shown = await view(browser, region.saule, target)
    codes = {one["code"] for one in shown["people"]}
    assert len(codes) == 2
    assert all("Ислам" not in one["description"] and "Асан" not in one["description"] for one in shown["reports"])
    named = (await (await browser(region.saule)).act(f"/incidents/{target}/names")).json()
    assert {one["description"] for one in named["reports"]} == set(texts)
    await act(browser, region.saule, region, target, "screen", investigators=[str(region.aigerim.membership_id)])
    opened = (await (await browser(region.aigerim)).act(f"/incidents/{target}/names")).json()
    assert opened["answers"]["injuries"] == "тізесі\n\nАсан иығы"
    assert (await (await browser(region.saule)).get(f"/incidents/{source}")).status_code == 200
    refused = await act(browser, region.saule, region, source, "unlink")
    assert refused.json()["code"] == "incident.link_is_final"


async def test_duties_and_talks_move_with_an_incident_that_is_under_way(
    browser: Browser, region: Region, database: str
) -> None:
    incidents = [await reported(browser, region, **NO) for _ in range(2)]
    child = await student(region, "Тілеуов", "Мұрат")
    for incident, person in zip(incidents, (region.aigerim, region.gulnar), strict=True):
        await name(browser, region, incident, child, "victim")
        await act(browser, region.saule, region, incident, "screen", investigators=[str(person.membership_id)])
        assert (await act(browser, person, region, incident, "start")).status_code == 303
    target, source = incidents
    gulnar = await browser(region.gulnar)
    child_there = (await view(browser, region.gulnar, source))["people"][0]["id"]
    talk = {"participation_id": child_there, "held_at": "2026-11-20T10:00", "notes": "үнсіз"}
    assert (await gulnar.act(f"/incidents/{source}/hear", talk)).status_code == 303
    assert (await link(browser, region, source, target)).status_code == 303
    seen = await view(browser, region.gulnar, target)
    assert {one["name"].split()[0] for one in seen["investigators"]} == {"Akhmetova", "Ganieva"}
    assert [one["notes"] for one in seen["heard"]] == ["үнсіз"]
    assert seen["heard"][0]["code"] == seen["people"][0]["code"]
    assert list(running(seen)) == ["clk_investigation"]
    assert rows(database, "select count(*) from interview where incident_id = %s", source) == [(0,)]


async def test_two_people_under_one_code_get_codes_of_their_own(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, source = await reported(browser, region, **NO), await reported(browser, region, **NO)
    for incident, given in ((target, "Бір"), (source, "Екі")):
        await name(browser, region, incident, await student(region, "Кодов", given), "victim")
    taken = {(await view(browser, region.saule, one))["people"][0]["id"] for one in (target, source)}
    real = service.code_of

    async def alike(unit: Any, kind: str, participation_id: Any) -> str:
        return "Бала-AAA" if str(participation_id) in taken else await real(unit, kind, participation_id)

    monkeypatch.setattr(service, "code_of", alike)
    assert (await link(browser, region, source, target)).status_code == 303
    people = (await view(browser, region.saule, target))["people"]
    assert len({one["code"] for one in people}) == len(people) == 2


async def test_decision_10_what_is_alike_is_shown_to_the_team_and_never_to_a_reporter(
    browser: Browser, region: Region
) -> None:
    first = await reported(browser, region, **NO)
    await act(browser, region.saule, region, first, "triage", happened_on="2020-02-03", place="gym")
    second = await reported(browser, region, **NO)
    marat = await browser(region.marat)
    answer = await marat.act("/report", {"description": "Тағы да"}, html=True)
    assert first not in answer.text
    number = (await view(browser, region.saule, first))["number"]
    assert number not in (await marat.page("/my-reports")).text
    assert first not in {one["id"] for one in (await view(browser, region.saule, second))["similar"]}
    await act(browser, region.saule, region, second, "triage", happened_on="2020-02-03", place="toilet")
    assert first not in {one["id"] for one in (await view(browser, region.saule, second))["similar"]}
    await act(browser, region.saule, region, second, "triage", happened_on="2020-02-03", place="gym")
    assert first in {one["id"] for one in (await view(browser, region.saule, second))["similar"]}
    assert number in (await (await browser(region.saule)).page(f"/incidents/{second}/steps/link")).text
    assert (await view(browser, region.daulet, second))["similar"] == []  # the director does not screen
    await name(browser, region, first, str(region.gulnar.person_id), "victim", "employee")
    assert first not in {one["id"] for one in (await view(browser, region.gulnar, second))["similar"]}


async def test_decision_10_a_child_named_in_both_makes_them_alike(browser: Browser, region: Region) -> None:
    first, second = await reported(browser, region, **NO), await reported(browser, region, **NO)
    await act(browser, region.saule, region, first, "triage", happened_on="2019-05-06", place="gym")
    await act(browser, region.saule, region, second, "triage", happened_on="2019-05-07", place="home")
    child = await student(region, "Жалғасов", "Ортақ")
    await name(browser, region, first, child, "victim")
    assert first not in {one["id"] for one in (await view(browser, region.saule, second))["similar"]}
    await name(browser, region, second, child, "witness")
    assert first in {one["id"] for one in (await view(browser, region.saule, second))["similar"]}


async def test_r_034_injuries_and_files_go_with_the_report_and_the_link_stays(
    browser: Browser, region: Region, database: str
) -> None:
    first, second = [await reported(browser, region, harmed="yes", description=text) for text in ("бірі", "екіншісі")]
    child = await student(region, "Тілеуов", "Ислам")
    for incident in (first, second):
        await name(browser, region, incident, child, "victim")
    aigerim = await browser(region.aigerim)
    hurt = (await view(browser, region.aigerim, second))["people"][0]["id"]
    noted = {"regions": ["forearm_left"], "note": "көгерген", "participation_id": hurt}
    assert (await act(browser, region.aigerim, region, second, "injuries", **noted)).status_code == 303
    for incident, colour in ((first, 90), (second, 90), (second, 10)):  # one photo came with both reports
        report = (await view(browser, region.aigerim, incident))["reports"][0]["id"]
        sent = await files.sent(aigerim, incident, files.photo(colour=colour), about=f"report:{report}")
        assert sent.status_code == 303, sent.text
    assert (await link(browser, region, second, first)).status_code == 303
    seen = await view(browser, region.aigerim, first)
    (person,) = seen["people"]
    noted = rows(database, "select participation_id from injury where incident_id = %s", first)
    assert [str(one) for (one,) in noted] == [person["id"]]
    assert len(seen["files"]) == 3  # nothing is lost
    undone = await act(browser, region.gulnar, region, second, "unlink")
    assert (undone.status_code, undone.json()["code"]) == (409, "incident.link_is_final")
    audited = "select count(*) from audit_log where action = 'incident.linked' and record_ids[1] = %s"
    assert rows(database, audited, second) == [(1,)]
