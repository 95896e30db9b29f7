"""A November in which things happen, the first of December, and steps that several tests of Form E need."""

import io
from datetime import datetime
from typing import Any

import openpyxl
from pypdf import PdfReader

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import act, name, rows
from tests.support.people import Person, Region

NOVEMBER, DECEMBER = 202611, 202612
IN_NOVEMBER = datetime(2026, 11, 10, 10, tzinfo=LOCAL_ZONE)
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 0, 1, tzinfo=LOCAL_ZONE)
CALM = {"harmed": "no", "harm_danger": "no"}


async def ticked(browser: Browser, region: Region, incident: str, *behaviours: str, **more: Any) -> None:
    answers = {"harmed": "no", "harm_danger": "no", "place": "canteen", "repetition": "isolated", **more}
    done = await act(browser, region.saule, region, incident, "triage", problem_behaviours=list(behaviours), **answers)
    assert done.status_code == 303, done.text


async def decided(
    browser: Browser,
    region: Region,
    incident: str,
    people: list[tuple[str, str]],
    levels: dict[str, str],
    *,
    held_at: str = "2026-11-10T09:00",
    outcome: str = "confirmed_violence",
) -> str:
    """Name people (person, involvement), take the incident the whole way; `levels` by involvement."""
    for person, involvement in people:
        assert (await name(browser, region, incident, person, involvement)).status_code == 303
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    screened = await act(browser, region.saule, region, incident, "screen", investigators=members[1:2])
    assert screened.status_code == 303, screened.text
    await again(browser, region, incident, levels, held_at=held_at, outcome=outcome)
    return incident


async def again(
    browser: Browser,
    region: Region,
    incident: str,
    levels: dict[str, str],
    *,
    held_at: str,
    outcome: str,
    start: bool = True,
) -> None:
    """From the start of the investigation to the decision."""
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    aigerim = await browser(region.aigerim)
    if start:
        await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    finished = await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    assert finished.status_code == 303, finished.text
    named = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    chosen = {f"level-{p['id']}": levels[p["involvement"]] for p in named if p["involvement"] in levels}
    done = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=members,
        outcome=outcome,
        held_at=held_at,
        safety_measures="бөлек отырғызу",
        **chosen,
    )
    assert done.status_code == 303, done.text


def month_of(database: str, region: Region, month: int) -> str:
    query = "select id from form_e_month where tenant_id = %s and month = %s"
    return str(rows(database, query, region.organisations["school12"], month)[0][0])


async def seen(browser: Browser, person: Person, month_id: str, query: str = "") -> dict[str, Any]:
    answer = await (await browser(person)).get(f"/form-e/{month_id}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def numbers(view: dict[str, Any]) -> dict[str, int]:
    return {one["key"]: one["value"] for one in view["counts"]}


async def confirmed(browser: Browser, person: Person, month_id: str, **more: Any) -> Any:
    view = await seen(browser, person, month_id)
    body = {"version": view["version"], "seen": view["seen"], **more}
    return await (await browser(person)).act(f"/form-e/{month_id}/confirm", body)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def cells_of(sheet: bytes) -> dict[str, Any]:
    page = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0]
    return {row[0].value: row[1] for row in page.iter_rows()}
