"""Two people write the same form of an incident: the second one gets both texts side by side, whatever the form."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.meetings import HELD, LATER, decided, investigated
from tests.support.pages import PageOf
from tests.support.people import Region

FIRST, SECOND = "Бірінші жазғаны", "Екінші жазғаны"


async def view(browser: Browser, person: Any, at: str) -> Any:
    return (await (await browser(person)).get(at)).json()


async def _screening(browser: Browser, region: Region) -> Any:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    first, second = str(region.aigerim.membership_id), str(region.gulnar.membership_id)
    return incident, "screen", {"investigators": first}, {"investigators": second}, "investigators"


async def _findings(browser: Browser, region: Region) -> Any:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    aigerim = await browser(region.aigerim)
    for one in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {one["field"]: one["id"], "waiver": "not_reachable"})
    return incident, "finish", {"findings": FIRST}, {"findings": SECOND}, "findings"


async def _decision(browser: Browser, region: Region) -> Any:
    incident = await investigated(browser, region)
    people = (await view(browser, region.saule, f"/incidents/{incident}"))["people"]
    levels = {f"level-{one['id']}": "at_risk" for one in people}
    came = [str(one.membership_id) for one in (region.saule, region.aigerim, region.gulnar)]
    both = {"outcome": "confirmed_violence", "held_at": HELD, "attended": came, **levels}
    first, second = {"safety_measures": FIRST, "minutes": FIRST}, {"safety_measures": SECOND, "minutes": SECOND}
    return incident, "classify", {**both, **first}, {**both, **second}, "safety_measures"


async def _amended(browser: Browser, region: Region) -> Any:
    incident = await investigated(browser, region)
    return incident, "amend", {"additional_info": FIRST}, {"additional_info": SECOND}, "additional_info"


async def _measures(browser: Browser, region: Region) -> Any:
    incident = await investigated(browser, region, {str(region.marat.person_id): "alleged_offender"})
    done = await decided(browser, region.saule, incident, [region.saule, region.aigerim, region.gulnar])
    assert done.status_code == 303, done.text
    return incident, "measures", {"measures": FIRST}, {"measures": SECOND}, "measures"


async def _roles(browser: Browser, region: Region) -> Any:
    incident = await reported(browser, region)
    await name(browser, region, incident, await student(region, "Рөлов", "Бала"), "alleged_offender")
    person = (await view(browser, region.saule, f"/incidents/{incident}"))["people"][0]["id"]
    field = f"role-{person}"
    return incident, "roles", {field: "role_assistant"}, {field: "role_outsider"}, field


@pytest.mark.parametrize("made", [_screening, _findings, _decision, _amended, _measures, _roles])
async def test_the_second_writer_gets_a_merge_page_and_no_text_is_lost(
    browser: Browser, region: Region, database: str, made: Any
) -> None:
    incident, step, first, second, field = await made(browser, region)
    one, two = (region.daulet, region.daulet) if step == "measures" else (region.saule, region.gulnar)
    client, at = await browser(two), f"/incidents/{incident}"
    stale = (await view(browser, two, at))["version"]
    assert (await act(browser, one, region, incident, step, **first)).status_code == 303
    bare = await client.act(f"{at}/{step}", {"version": stale, **second})
    assert bare.status_code == 409
    assert SECOND not in bare.text
    lost = await client.act(f"{at}/{step}", {"version": str(stale), **second}, html=True)
    assert lost.status_code == 409
    form = next(one for one in PageOf(lost.text).forms if one.action.startswith(at) and "version" in one.fields)
    assert form.action in (f"{at}/{step}", f"{at}/amend"), lost.text
    if field == "investigators" or field.startswith("role-"):
        assert all(value in lost.text for value in (first[field], second[field]))
        chosen: Any = [first[field], second[field]] if field == "investigators" else second[field]
    else:
        assert FIRST in lost.text
        assert SECOND in lost.text
        chosen = f"{FIRST}\n\n{SECOND}"
        assert f"{FIRST}\n\n{SECOND}" in lost.text
    fields = {key: value for key, value in form.fields.items() if key != "csrf_token"}
    texts = {key: chosen for key in second if key in ("safety_measures", "minutes") and key != field}
    done = await client.act(form.action, {**fields, **texts, field: chosen}, html=True)
    assert done.status_code == 303, done.text
    seen = await view(browser, two, at)
    if field == "investigators":
        assert {one["membership_id"] for one in seen["investigators"]} == set(chosen)
    elif field.startswith("role-"):
        assert [one["role"] for one in seen["people"]] == [chosen]
    else:
        assert seen[{"measures": "staff_measures"}.get(field, field)] == chosen
    who = "select count(*) from audit_log where actor_id = %s and %s = any (record_ids) and action <> 'incident.read'"
    assert rows(database, who, two.user_id, incident)[0][0] >= 1


async def test_parents_and_what_they_are_told_are_merged_too(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    await name(browser, region, incident, await student(region, "Аталов", "Бала"), "victim")
    for at, first, second in (
        ("parents", {"reason": FIRST}, {"reason": SECOND}),
        ("tell-parents", {"measures": FIRST, "read": "yes"}, {"measures": SECOND, "read": "yes"}),
    ):
        address = f"/incidents/{incident}/{at}"
        child = (await view(browser, region.saule, address))["children"][0]
        whom = {"participation_id": child["participation_id"], "version": child["version"]}
        saule, gulnar = await browser(region.saule), await browser(region.gulnar)
        assert (await saule.act(address, {**whom, **first})).status_code == 303
        lost = await gulnar.act(address, {**{k: str(v) for k, v in whom.items()}, **second}, html=True)
        assert (lost.status_code, FIRST in lost.text, SECOND in lost.text) == (409, True, True), at
        form = next(one for one in PageOf(lost.text).forms if one.action == address)
        both = {**form.fields, next(iter(second)): f"{FIRST} {SECOND}"}
        assert (await gulnar.act(address, both, html=True)).status_code == 303
        child = (await view(browser, region.saule, address))["children"][0]
        assert child[{"parents": "reason"}.get(at, "measures")] == f"{FIRST} {SECOND}"


async def test_who_came_to_a_meeting_is_merged(browser: Browser, region: Region, database: str) -> None:
    incident = await investigated(browser, region)
    saule, gulnar = await browser(region.saule), await browser(region.gulnar)
    at = (await saule.act("/meetings", {"planned_for": LATER, "incident_ids": [incident]})).headers["location"]
    version = (await saule.get(at)).json()["version"]
    ids = [str(one.membership_id) for one in (region.saule, region.aigerim, region.gulnar)]
    first, second = {"held_at": HELD, "attended": ids[:2]}, {"held_at": HELD, "attended": ids[1:]}
    assert (await saule.act(f"{at}/attendance", {"version": version, **first})).status_code == 303
    lost = await gulnar.act(f"{at}/attendance", {"version": str(version), **second}, html=True)
    assert (lost.status_code, all(one in lost.text for one in ids)) == (409, True)
    form = next(one for one in PageOf(lost.text).forms if one.action == f"{at}/attendance")
    done = await gulnar.act(form.action, {**form.fields, "attended": ids}, html=True)
    assert done.status_code == 303, done.text
    assert len((await saule.get(at)).json()["items"][0]["attended"]) == 3
    came = "select count(*) from audit_log where action = 'team_meeting.attended' and %s = any (record_ids)"
    assert rows(database, came, incident) == [(2,)]


async def test_words_typed_into_a_step_that_is_gone_are_shown_again(browser: Browser, region: Region) -> None:
    incident, *_ = await _findings(browser, region)
    gulnar = await browser(region.gulnar)
    stale = (await view(browser, region.gulnar, f"/incidents/{incident}"))["version"]
    assert (await act(browser, region.aigerim, region, incident, "finish", findings=FIRST)).status_code == 303
    await decided(browser, region.saule, incident, [region.saule, region.aigerim, region.gulnar])
    await act(browser, region.saule, region, incident, "close")
    late = await gulnar.act(f"/incidents/{incident}/finish", {"version": str(stale), "findings": SECOND}, html=True)
    assert (late.status_code, SECOND in late.text) == (409, True)
