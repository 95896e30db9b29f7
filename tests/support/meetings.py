"""Incidents that wait for the team's decision, and a team with a leader and a deputy."""

from typing import Any

import psycopg

from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Person, Region

LATER, HELD = "2099-11-20T16:00", "2026-11-20T16:00"


async def investigated(browser: Browser, region: Region, people: dict[str, str] | None = None, **triage: Any) -> str:
    """An incident whose investigation is finished; `people` maps person to involvement, one child by default."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    for person, involvement in (people or {await student(region, "Сынақов", "Бала"): "alleged_offender"}).items():
        kind = "employee" if person in {str(p.person_id) for p in region.people.values()} else "student"
        assert (await name(browser, region, incident, person, involvement, kind)).status_code == 303
    if triage:
        answers = {"harmed": False, "harm_danger": False, **triage}
        assert (await act(browser, region.aigerim, region, incident, "triage", **answers)).status_code == 303
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.aigerim, region, incident, "screen", investigators=chosen)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    await finished(browser, region, incident)
    return incident


async def finished(browser: Browser, region: Region, incident: str) -> None:
    aigerim = await browser(region.aigerim)
    view = (await aigerim.get(f"/incidents/{incident}")).json()
    for person in view["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    view = (await aigerim.get(f"/incidents/{incident}")).json()
    body = {"version": view["version"], "findings": "болды"}
    assert (await aigerim.act(f"/incidents/{incident}/finish", body)).status_code == 303


async def decided(
    browser: Browser, by: Person, incident: str, attended: list[Person], level: str = "not_at_risk", **more: Any
) -> Any:
    """The team's decision, with one level for everybody who gets one."""
    client = await browser(by)
    view = (await client.get(f"/incidents/{incident}")).json()
    levels = {
        f"level-{p['id']}": level for p in view["people"] if p["kind"] == "student" and p["involvement"] != "witness"
    }
    came = {"attended": [str(p.membership_id) for p in attended], "held_at": HELD} if attended else {}
    body = {"version": view["version"], "outcome": "confirmed_violence", "safety_measures": "бөлек отырғызу"}
    return await client.act(f"/incidents/{incident}/classify", {**body, **came, **levels, **more})


def led(database: str, region: Region, leader: Person, deputy: Person) -> None:
    """An active team of school12 with these two; the roles are those that the people have already."""
    team, tenant = new_id(), region.organisations["school12"]
    with psycopg.connect(database) as admin:
        admin.execute("update security_team set status = 'ended', ended_at = now() where tenant_id = %s", (tenant,))
        admin.execute(
            "insert into security_team (tenant_id, id, school_year, order_no, order_date, status, activated_at) "
            "values (%s, %s, '2026/2027', '1', '2026-09-01', 'active', now())",
            (tenant, team),
        )
        for person in (leader, deputy):
            admin.execute(
                "insert into security_team_member "
                "(tenant_id, id, team_id, membership_id, kind, is_leader, is_deputy, added_at) "
                "values (%s, %s, %s, %s, 'other', %s, %s, now())",
                (tenant, new_id(), team, person.membership_id, person is leader, person is deputy),
            )


def gone(database: str, *people: Person) -> None:
    """They work here no longer: other tests count the team."""
    ids = [person.membership_id for person in people]
    rows(database, "update membership set ended_at = now() where id = any(%s) returning id", ids)
