"""Numbers of children leave a school, and nothing else does (R-066, decisions 27)."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.incidents.tallies import DecidedChild
from src.platform.kit import clock
from src.platform.oversight import children
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from src.platform.workdays.calendar import days_of_quarter, quarter_before, statistical_quarter
from tests.support import class_lists
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows
from tests.support.inside import as_person
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain
from tests.support.referrals import agreed, referred


def counted(database: str, region: Region) -> dict[tuple[str, str], int]:
    query = "select dimension, value, children from oversight_children where tenant_id = %s and quarter = %s"
    found = rows(database, query, region.organisations["school12"], this_quarter())
    return {(row[0], row[1]): row[2] for row in found}


def this_quarter() -> int:
    return statistical_quarter(clock.local_date(clock.now()))


async def decided(browser: Browser, region: Region, child: str, outcome: str, **answers: Any) -> str:
    """An incident of one child, decided; the helper of the incidents' tests makes its own children."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, child, "alleged_offender")
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    aigerim = await browser(region.aigerim)
    await act(browser, region.saule, region, incident, "triage", **answers)
    await act(browser, region.saule, region, incident, "screen", investigators=members[1:2])
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    (person,) = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    body = {"attended": members, "outcome": outcome, "held_at": "2026-11-20T16:00", f"level-{person['id']}": "at_risk"}
    done = await act(browser, region.saule, region, incident, "classify", **body)
    assert done.status_code == 303, done.text
    return incident


async def test_r_066_what_the_team_decides_is_counted_and_a_rebuild_gives_the_same(
    browser: Browser, region: Region, database: str
) -> None:
    daulet = await browser(region.daulet)
    await class_lists.load(daulet, class_lists.as_csv(class_lists.student(1, school_class="9А")))
    boy = str(rows(database, "select person_id from enrolment")[0][0])
    async with as_person(region.aigerim) as work:
        girl = str(
            await vault.add_person(work, "student", Identity(family_name="Оңашаева", given_name="Әсел", sex="female"))
        )
    first = await decided(browser, region, boy, "confirmed_violence", violence_types=["physical"])
    second = await decided(browser, region, girl, "confirmed_violence", violence_types=["physical", "extortion"])
    await decided(browser, region, girl, "not_confirmed")
    await drain()
    expected = {
        ("what", "physical"): 1,
        ("what", "several_kinds"): 1,
        ("sex", "male"): 1,  # told by the state number
        ("sex", "female"): 1,
        ("band", "middle"): 1,
        ("band", "unknown"): 1,
    }
    assert counted(database, region) == expected, "of whom nothing was confirmed nobody is counted"
    case = str(rows(database, "select id from child_case where incident_id = %s", second)[0][0])
    saule = await browser(region.saule)
    await saule.act(f"/cases/{case}/manager", {"version": 1, "manager": str(region.aigerim.membership_id)})
    await agreed(browser, region)
    assert (await referred(browser, region, case)).status_code == 303
    await drain()
    expected["help", "counselling"] = 1
    assert counted(database, region) == expected
    sent = rows(database, "select args from outbox where actor = 'oversight.count_children'")
    assert {tuple(row[0]) for row in sent} == {("quarter",)}, "that a quarter has changed, and nothing of it, is sent"
    with psycopg.connect(database) as admin:
        admin.execute("delete from oversight_children")
    async with unit(Inside(TenantContext(region.organisations["school12"]))) as work:
        await children.count(work, this_quarter())
        await children.count(work, quarter_before(this_quarter()))
    assert counted(database, region) == expected, "a rebuild gives identical numbers"
    assert rows(database, "select count(*) from oversight_children")[0][0] == len(expected)
    done = await act(browser, region.saule, region, first, "reopen", reason="жаңа куәгер")
    assert done.status_code == 303, done.text
    await drain()
    assert ("what", "physical") not in counted(database, region), "what is investigated anew is decided no longer"
    assert dead_or_failed(database) == []


def test_r_067_every_child_stands_in_one_column_of_a_table() -> None:
    def column(outcome: str, *kinds: str) -> str:
        child = DecidedChild(UUID(int=1), b"", date(2026, 9, 1), outcome, list(kinds))
        return children.column_of(child)

    assert column("confirmed_problem_behaviour", "extortion") == "problem_behaviour"
    assert column("confirmed_violence", "extortion") == "extortion"
    assert column("confirmed_violence", "extortion", "physical") == "several_kinds"
    assert column("confirmed_violence") == "kind_not_said"
    bands = [children.band_of(grade) for grade in (None, 0, 4, 5, 9, 10, 12)]
    assert bands == ["unknown", "primary", "primary", "middle", "middle", "senior", "senior"]
    assert {"confirmed", "at_risk", "high_risk"}.isdisjoint(v for values in children.VALUES.values() for v in values)


def test_s_36_what_is_kept_of_children_has_no_place_for_a_child(database: str) -> None:
    query = "select column_name from information_schema.columns where table_name = %s order by ordinal_position"
    kept = [row[0] for row in rows(database, query, "oversight_children")]
    assert kept == ["tenant_id", "quarter", "dimension", "value", "children"]
    for value in (str(UUID(int=7)), "Асан Асанов", "1985"):
        with psycopg.connect(database) as admin, pytest.raises(psycopg.errors.CheckViolation):
            admin.execute("insert into oversight_children values (%s, 20263, 'what', %s, 1)", (UUID(int=1), value))


def test_a_quarter_has_three_months_and_one_before_it() -> None:
    assert [statistical_quarter(date(2026, month, 28)) for month in (1, 3, 4, 9, 10, 12)] == [
        20261, 20261, 20262, 20263, 20264, 20264,
    ]  # fmt: skip
    assert days_of_quarter(20264) == (date(2026, 10, 1), date(2026, 12, 31))
    assert days_of_quarter(20261) == (date(2026, 1, 1), date(2026, 3, 31))
    assert quarter_before(20271) == 20264
