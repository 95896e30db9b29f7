"""The school's own page: numbers of the reader's own list, each opening what it counts (R-065, R-069, R-070, S-17)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from src.platform.insight.periods import PERIODS
from tests.support import class_lists
from tests.support.http import Browser
from tests.support.incidents import accuse, act, name, reported, rows
from tests.support.months import IN_NOVEMBER
from tests.support.people import Region
from tests.support.queue import drain, set_clock

CALM = {"harmed": False, "harm_danger": False, "happened_on": "2026-11-03"}
HAPPENED: tuple[dict[str, Any], ...] = (
    {"place": "toilet", "happened_time": "10:20", "problem_behaviours": ["fighting", "threatening"]},
    {"place": "toilet", "happened_time": "11:59", "problem_behaviours": ["fighting"]},
    {"place": "online", "happened_time": "19:00", "happened_on": "2026-11-07"},
    {"place": "canteen"},
)


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> list[str]:
    """Five incidents of November, the last one not screened and with nothing said; one of the year before."""
    set_clock(database, IN_NOVEMBER)
    await drain()
    daulet = await browser(region.daulet)
    await class_lists.load(daulet, class_lists.as_csv(class_lists.student(7), class_lists.student(8)))
    made = []
    for told in HAPPENED:
        incident = await reported(browser, region)
        done = await act(browser, region.aigerim, region, incident, "triage", **{**CALM, **told})
        assert done.status_code == 303, done.text
        made.append(incident)
    made.append(await reported(browser, region))
    before = await reported(browser, region)
    rows(
        database,
        "update incident set reported_at = reported_at - interval '370 days' where id = %s returning id",
        before,
    )
    seventh, eighth = [
        str(one[0]) for one in rows(database, "select person_id from enrolment order by started_on, id")
    ][:2]
    for incident, child, part in (
        (made[0], seventh, "victim"),
        (made[1], seventh, "both"),
        (made[1], eighth, "witness"),
    ):
        assert (await name(browser, region, incident, child, part)).status_code == 303
    return made


async def seen(browser: Browser, person: Any, period: str = "year") -> dict[str, Any]:
    answer = await (await browser(person)).get(f"/insight?period={period}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


def tiles(view: dict[str, Any]) -> Iterator[tuple[int, str]]:
    yield view["total"], view["total_at"]
    cells = [cell for row in (*view["matrix"], *view["weekdays"]) for cell in row["cells"] if cell["number"]]
    for one in (*view["behaviours"], *view["places"], *view["hot_spots"], *cells, *view["gaps"]):
        if one["rows_at"].startswith("/incidents"):
            yield one["number"], one["rows_at"]


async def test_r_247_every_number_opens_exactly_what_it_counts(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    view, saule = await seen(browser, region.saule), await browser(region.saule)
    assert (view["total"], view["before"]) == (5, 1)
    assert {one["key"]: one["number"] for one in view["behaviours"]} == {"fighting": 2, "threatening": 1}
    assert [(one["key"], one["number"]) for one in view["places"]] == [("toilet", 2), ("canteen", 1), ("online", 1)]
    assert [(one["place"], one["daytime"], one["number"]) for one in view["hot_spots"]] == [("toilet", "from_10", 2)]
    tuesday = next(row for row in view["weekdays"] if row["key"] == "2")
    assert {cell["key"]: cell["number"] for cell in tuesday["cells"] if cell["number"]} == {"from_10": 2}
    gaps = {one["key"]: one["number"] for one in view["gaps"]}
    assert gaps.items() >= {"waiting": 5, "place": 1, "day": 1, "time": 2, "behaviour": 3}.items()
    assert gaps["no_team"] == 6
    shown = list(tiles(view))
    assert len(shown) > 12
    for number, address in shown:
        listed = (await saule.get(address)).json()["rows"]
        assert len(listed) == number, address
    page = (await saule.page("/insight?period=year")).text
    assert all(address.replace("&", "&amp;") in page for _, address in shown)
    assert sum(one["number"] for one in view["trend"]) == view["total"]
    for period in PERIODS:
        assert (await seen(browser, region.saule, period))["period"] == period
    (read,) = rows(
        database, "select actor_id, classes from audit_log where action = 'insight.read' order by seq desc limit 1"
    )
    assert read == (region.saule.user_id, ["case-sensitive"])


async def test_r_068_children_are_counted_by_grade_and_nothing_names_one(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    view = await seen(browser, region.gulnar)
    grades = {one["grade"]: {k: v for k, v in one.items() if k != "grade" and v} for one in view["grades"]}
    assert sum(sum(parts.values()) for parts in grades.values()) == 3
    assert {part for parts in grades.values() for part in parts} == {"victim", "both", "witness"}
    text = (await (await browser(region.gulnar)).get("/insight?period=year")).text
    for (hidden,) in rows(database, "select person_id::text from enrolment union select id::text from participation"):
        assert hidden not in text


async def test_r_065_an_incident_that_implicates_the_director_changes_no_byte_of_the_directors_page(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    daulet, before = await browser(region.daulet), {}
    for period in PERIODS:
        before[period] = await said(daulet, period)
    coordinator = await seen(browser, region.saule)
    hidden = await reported(browser, region)
    answers = {**CALM, "place": "gym", "happened_time": "15:00", "problem_behaviours": ["theft"]}
    await accuse(region, database, hidden, region.daulet)
    assert (await act(browser, region.aigerim, region, hidden, "triage", **answers)).status_code == 303
    rows(
        database,
        "update obligation set due_at = started_at, target_at = started_at where subject_id = %s returning id",
        hidden,
    )
    for period in PERIODS:
        assert await said(daulet, period) == before[period], period
    now = await seen(browser, region.saule)
    assert now["total"] == coordinator["total"] + 1
    assert "gym" in {one["key"] for one in now["places"]}
    assert "theft" in {one["key"] for one in now["behaviours"]}
    assert "overdue" in {one["key"] for one in now["gaps"]}
    past = "update incident set reported_at = reported_at - interval '4 years' where id = %s returning id"
    rows(database, past, hidden)  # for the tests beside this one


async def said(client: Any, period: str) -> tuple[str, str]:
    """The page without the number of its form, and what a program gets."""
    page = await client.page(f"/insight?period={period}")
    assert page.status_code == 200
    without = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text)
    return without, (await client.get(f"/insight?period={period}")).text


async def test_r_069_r_070_nothing_ranks_and_nobody_else_reads(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    saule = await browser(region.saule)
    for asked in ("sort=register", "period=day", "school_class=7", "child=1"):
        assert (await saule.get(f"/insight?{asked}")).status_code == 422, asked
    text = str(await seen(browser, region.saule))
    assert "register" not in text
    for person in (region.marat, region.bota, region.kamila, region.alua, region.asel, region.timur, region.zhanna):
        client = await browser(person)
        count = "select count(*) from audit_log where action = 'access.denied' and actor_id = %s"
        before = rows(database, count, person.user_id)[0][0]
        assert (await client.get("/insight")).status_code == 403, person.name
        assert rows(database, count, person.user_id)[0][0] == before + 1
