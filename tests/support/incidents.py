"""Steps of process (a) that several tests need, taken over HTTP by the named people."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import Browser
from tests.support.inside import as_person
from tests.support.people import Person, Region

DESCRIPTION = "Қанатбеков Арман інісін дәлізде ұрды"


async def student(region: Region, family: str, given: str, **more: Any) -> str:
    async with as_person(region.aigerim) as work:
        return str(await vault.add_person(work, "student", Identity(family_name=family, given_name=given, **more)))


async def reported(browser: Browser, region: Region, **more: Any) -> str:
    marat, aigerim = await browser(region.marat), await browser(region.aigerim)
    before = {row["id"] for row in (await aigerim.get("/incidents")).json()["rows"]}
    answer = await marat.act("/report", {"description": DESCRIPTION, **more})
    assert answer.status_code == 303, answer.text
    after = {row["id"] for row in (await aigerim.get("/incidents")).json()["rows"]}
    (new,) = after - before
    return str(new)


async def version(browser: Browser, region: Region, incident: str) -> int:
    saule = await browser(region.saule)
    found: int = (await saule.get(f"/incidents/{incident}")).json()["version"]
    return found


async def act(browser: Browser, person: Any, region: Region, incident: str, verb: str, **body: Any) -> Any:
    client = await browser(person)
    return await client.act(
        f"/incidents/{incident}/{verb}", {"version": await version(browser, region, incident), **body}
    )


async def name(
    browser: Browser, region: Region, incident: str, person_id: str, involvement: str, kind: str = "student"
) -> Any:
    client = await browser(region.aigerim)
    return await client.act(
        f"/incidents/{incident}/people", {"person_id": person_id, "involvement": involvement, "kind": kind}
    )


async def accuse(region: Region, database: str, incident: str, who: Person) -> None:
    """A colleague stands as the accused in an incident, whatever state it has."""
    row = UUID(int=who.person_id.int ^ 1)
    async with as_person(region.aigerim) as work:
        link = await vault.seal_link(work, who.person_id, row)
    put = (
        "insert into participation (tenant_id, id, incident_id, involvement, kind, link, link_blind, added_at) "
        "values (%s, %s, %s, 'alleged_offender', 'employee', %s, %s, now()) returning id"
    )
    rows(database, put, who.tenant_id, row, incident, link.sealed, link.blind)


def rows(database: str, query: str | sql.Composed, *params: Any) -> list[Any]:
    with psycopg.connect(database) as admin:
        return admin.execute(query, params).fetchall()  # type: ignore[call-overload,no-any-return]


async def classified(browser: Browser, region: Region, levels: dict[str, str], **decided: Any) -> str:
    """An incident that went the whole way; `levels` maps involvement to the risk level of one child each."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    for number, involvement in enumerate(levels):
        besides = {"phone": "+77015550177", "birth_date": date(2012, 5, 6)}  # what no contract of these tests names
        child = await student(region, f"Бала{'абвгд'[number]}ев", "Сынақ", **besides)
        await name(browser, region, incident, child, involvement)
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    aigerim = await browser(region.aigerim)
    await act(browser, region.saule, region, incident, "screen", investigators=members[1:2])
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    people = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    chosen = {f"level-{p['id']}": levels[p["involvement"]] for p in people}
    done = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=members,
        outcome="confirmed_violence",
        held_at="2026-11-20T16:00",
        safety_measures="бөлек отырғызу",
        **chosen,
        **decided,
    )
    assert done.status_code == 303, done.text
    return incident
