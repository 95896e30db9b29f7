"""Two people at once: one wins, the other hears that the record has changed."""

import asyncio

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region

HELD = "2026-11-20T16:00"


async def investigated(browser: Browser, region: Region) -> str:
    incident = await reported(browser, region)
    await name(browser, region, incident, await student(region, "Тілеуов", "Ислам"), "alleged_offender")
    aigerim = await browser(region.aigerim)
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    done = await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    assert done.status_code == 303
    return incident


async def test_two_people_classify_at_once_and_one_decision_stands(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await investigated(browser, region)
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    team = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    body = {"version": seen["version"], "held_at": HELD, "attended": team, "outcome": "confirmed_violence"}
    child = f"level-{seen['people'][0]['id']}"
    clients = [await browser(person) for person in (region.aigerim, region.gulnar)]
    answers = await asyncio.gather(
        *(
            client.act(f"/incidents/{incident}/classify", {**body, child: level})
            for client, level in zip(clients, ("at_risk", "high_risk"), strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    meetings = rows(database, "select count(*) from team_meeting where incident_id = %s", incident)
    audited = "select count(*) from audit_log where action = 'incident.classified' and %s = any (record_ids)"
    asked = "select count(*) from outbox where actor = 'casework.open_for_classified' and args->>'incident' = %s"
    assert (meetings, rows(database, audited, incident), rows(database, asked, incident)) == ([(1,)], [(1,)], [(1,)])
