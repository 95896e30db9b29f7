"""The report to the parents' committee: nothing in it leads to a child (R-024), and parents read no record (R-025)."""

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from src.platform.insight import committee_numbers
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.tenants import service as tenants
from tests.support import class_lists
from tests.support.http import Browser
from tests.support.incidents import accuse, act, name, reported, rows
from tests.support.inside import as_person
from tests.support.months import IN_NOVEMBER
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

IN_JANUARY = datetime(2027, 1, 5, 10, tzinfo=LOCAL_ZONE)
QUARTER, PAGE = 202610, "/committee-report?month=202610"
FAMILY, GIVEN, CLASS, DAY, CODE = "Қырықбаева", "Шынарай", "7Ң", "13.11.2026", "Бала-QXZ"
SEED = f"{FAMILY} {GIVEN}, {CLASS}, {DAY}, {CODE}"
POLICIES = "".join((Path("policies") / one).read_text() for one in ("policy.csv", "roles.toml"))
TOLD = {"harmed": False, "harm_danger": False, "happened_on": "2026-11-03", "happened_time": "10:30", "place": "toilet"}
CALM = "Оқушылар бір-бірін тыңдауды үйренді. Рақмет!"


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> list[str]:
    """Eight incidents of November with a child each; one has the seed in every text; then the quarter is over."""
    set_clock(database, IN_NOVEMBER)
    await drain()
    daulet = await browser(region.daulet)
    children = [class_lists.student(n, school_class="6А") for n in range(7)]
    seeded = class_lists.student(7, school_class=CLASS, family=FAMILY, given=GIVEN)
    await class_lists.load(daulet, class_lists.as_csv(*children, seeded))
    people = [
        str(one[0])
        for one in rows(
            database,
            "select e.person_id from enrolment e join school_class c on c.id = e.class_id order by c.grade desc, e.id",
        )
    ]
    made = []
    for child in people:
        incident = await reported(browser, region, description=SEED, who=SEED, happened=DAY)
        more = {"behaviour_other": SEED, "injuries": SEED, "harmed": True, "injured_count": 1}
        answers = {**TOLD, "problem_behaviours": ["fighting", "other_behaviour"], **more, "sent_to_medical": "no"}
        assert (await act(browser, region.aigerim, region, incident, "triage", **answers)).status_code == 303
        assert (await name(browser, region, incident, child, "victim")).status_code == 303
        chosen = [str(region.aigerim.membership_id)]
        screened = await act(browser, region.aigerim, region, incident, "screen", investigators=chosen)
        assert screened.status_code == 303, screened.text
        made.append(incident)
    await _decided(browser, region, made[0])
    set_clock(database, IN_JANUARY)
    await drain()
    assert dead_or_failed(database) == []
    return made


async def _decided(browser: Browser, region: Region, incident: str) -> None:
    aigerim = await browser(region.aigerim)
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        heard = {person["field"]: person["id"], "held_at": "2026-11-10T09:30", "notes": SEED}
        heard["held_by"] = [str(region.aigerim.membership_id)]
        assert (await aigerim.act(f"/incidents/{incident}/hear", heard)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "finish", findings=SEED)).status_code == 303
    named = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    done = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=[str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)],
        outcome="confirmed_violence",
        held_at="2026-11-10T10:00",
        safety_measures=SEED,
        minutes=SEED,
        **{f"level-{p['id']}": "at_risk" for p in named},
    )
    assert done.status_code == 303, done.text


async def confirmed(browser: Browser, region: Region, **more: Any) -> Any:
    saule = await browser(region.saule)
    view = (await saule.get(PAGE)).json()
    body = {"month": QUARTER, "version": view["newest"], "seen": view["seen"], **more}
    return await saule.act("/committee-report/confirm", body)


async def paper(client: Any, language: str) -> str:
    made = await client.act("/committee-report/take", {"month": QUARTER, "language": language})
    assert made.status_code == 200, made.text
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made.content)).pages)


async def test_r_024_a_seeded_child_stands_in_no_format_of_the_report(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    saule, gulnar = await browser(region.saule), await browser(region.gulnar)
    for note in (f"{GIVEN} жақсарды", "Қырықбаеваның анасы", "7 сыныпта", CODE, "КТР: Child-KTR"):
        refused = await confirmed(browser, region, note=note, reason="жаңа")
        assert refused.status_code == 422, note
        assert [one["field"] for one in refused.json()["fields"]] == ["note"], note
    assert (await confirmed(browser, region, note=CALM, reason="жаңа")).status_code == 303
    newest = "select id, content::text, revision::text from committee_report order by revision desc limit 1"
    (kept,) = rows(database, newest)
    audited = "select actor_id, detail ->> 'revision' from audit_log where action = 'committee_report.confirmed' and %s = any (record_ids)"
    assert rows(database, audited, kept[0]) == [(region.saule.user_id, kept[2])]
    view = (await gulnar.get(PAGE)).json()
    assert view["note"] == CALM
    page, listed = (await gulnar.page(PAGE)).text, (await gulnar.page("/committee-reports")).text
    papers = [await paper(gulnar, language) for language in ("kk", "ru")]
    taken = "select count(*) from audit_log where action = 'committee_report.taken' and actor_id = %s"
    assert rows(database, taken, region.gulnar.user_id) == [(2,)]
    for incident in lived:
        seen = (await saule.get(f"/incidents/{incident}")).json()
        hidden = {seen["number"], *(one["code"].rpartition("-")[2] for one in seen["people"])}
        for text in (kept[1], str(view), *papers):
            assert not hidden & set(re.findall(r"\w+", text))
    for text in (kept[1], str(view), page, listed, *papers):
        for seed in (FAMILY[:-1], GIVEN, CLASS, "6А", DAY, "2026-11-13", "2026-11-03", "03.11.2026", "QXZ"):
            assert seed not in text, seed
    assert "8 бен 15 аралығында" in papers[0]
    assert "Әжетхана" in papers[0]
    assert "10:00–12:00" in papers[0]
    assert "Рақмет" in papers[0]
    assert "/s/mek12" in papers[1]
    assert "112" in papers[1]


async def test_r_065_the_report_counts_only_what_everybody_who_reads_it_may_read(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    readers = [await browser(one) for one in (region.daulet, region.saule)]

    async def said() -> list[str]:
        return [str((await client.get(PAGE)).json()["sections"]) for client in readers]

    fresh = await _content(region)
    assert (fresh.incidents, fresh.places, fresh.screened) == ("8_15", ["toilet"], "all")
    rows(database, "update incident set place = 'gym' where id = %s returning id", lived[1])
    assert (await _content(region)).places == []  # the eighth is what makes it a place of many
    before = await said()
    hidden = await _like(browser, region, database, lived[1])
    await accuse(region, database, hidden, region.daulet)
    assert await said() == before  # the director has no row of it, and nobody is told of it here
    assert (await _content(region)).places == []
    rows(database, "delete from participation where kind = 'employee' returning id")
    assert (await _content(region)).places == ["toilet"]
    rows(
        database,
        "update incident set reported_at = reported_at + interval '90 days' where id = %s returning id",
        hidden,
    )
    rows(database, "update incident set place = 'toilet' where id = %s returning id", lived[1])
    assert await _content(region) == fresh
    assert committee_numbers.band(40, 7) == committee_numbers.band(7, 40) == "few"
    bands = [committee_numbers.band(number, number) for number in (8, 15, 16, 63, 64, 900)]
    assert bands == ["8_15", "8_15", "16_31", "32_63", "64_more", "64_more"]
    assert [committee_numbers.share(*one) for one in ((7, 7), (8, 8), (19, 20), (5, 8), (4, 8))] == [
        "few",
        "all",
        "nearly_all",
        "most",
        "half_or_fewer",
    ]


async def _like(browser: Browser, region: Region, database: str, other: str) -> str:
    """A ninth incident of November, in the toilet, with the child of another one."""
    incident = await reported(browser, region)
    moved = "update incident set reported_at = reported_at - interval '60 days', place = 'toilet' where id = %s returning id"
    rows(database, moved, incident)
    copied = (
        "insert into participation (tenant_id, id, incident_id, involvement, kind, link, link_blind, added_at) "
        "select tenant_id, gen_random_uuid(), %s, involvement, kind, link, link_blind, added_at "
        "from participation where incident_id = %s returning id"
    )
    rows(database, copied, incident, other)
    return incident


async def _content(region: Region) -> committee_numbers.Content:
    start, end = (datetime(*day, tzinfo=LOCAL_ZONE) for day in ((2026, 10, 1), (2027, 1, 1)))
    async with as_person(region.saule) as work:
        return await committee_numbers.content(work, start, end)


async def test_r_024_a_confirmed_report_is_frozen_and_corrected_by_a_new_version(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    saule, gulnar = await browser(region.saule), await browser(region.gulnar)
    if not (await saule.get(PAGE)).json()["newest"]:
        assert (await confirmed(browser, region, note=CALM)).status_code == 303
    first = (await saule.get(f"{PAGE}&revision=1")).json()
    typed = {"month": str(QUARTER), "version": "1", "seen": "0", "note": "Жазылып жатыр", "_draft": "save"}
    assert (await saule.act("/committee-report/confirm", typed, html=True)).status_code == 303
    assert "Жазылып жатыр" in (await saule.page(PAGE)).text
    assert (await confirmed(browser, region)).json()["fields"][0]["field"] == "reason"
    stale = await confirmed(browser, region, version=0, reason="қате")
    moved = await confirmed(browser, region, seen="0", reason="қате")
    assert (stale.status_code, moved.status_code) == (409, 409)
    assert moved.json()["code"] == "committee_report.moved"
    assert (await confirmed(browser, region, reason="толықтырылды")).status_code == 303
    newest = (await saule.get(PAGE)).json()
    assert (newest["revision"], newest["reason"], newest["note"]) == (2, "толықтырылды", None)
    assert (await gulnar.get(PAGE)).json()["reason"] is None
    assert (await saule.get(f"{PAGE}&revision=1")).json()["note"] == first["note"] == CALM
    assert (await saule.get(f"{PAGE}&revision=9")).status_code == 404
    with psycopg.connect(database) as admin:
        admin.execute("set role qorgan_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute("update committee_report set content = '{}'")
    for month, code in (
        (202701, "not_over"),
        (202611, "no_such_period"),
        (202699, "no_such_period"),
        (202501, "no_such_period"),
    ):
        refused = await saule.get(f"/committee-report?month={month}")
        assert (refused.status_code, refused.json()["code"]) == (422, f"committee_report.{code}"), month
    async with as_person(region.saule) as work:
        await tenants.change_setting(work, "committee_report_months", 1)
    view = (await saule.get("/committee-report?month=202612")).json()
    body = {"month": 202612, "version": 0, "seen": view["seen"]}
    overlapping = await saule.act("/committee-report/confirm", body)
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "committee_report.overlaps")
    untaken = await saule.act("/committee-report/take", {"month": 202612, "language": "kk"})
    assert untaken.json()["code"] == "committee_report.not_confirmed"
    async with as_person(region.saule) as work:
        await tenants.change_setting(work, "committee_report_months", 3)


async def test_r_025_parents_of_the_committee_have_no_way_to_a_record_and_only_leaders_confirm(
    region: Region, browser: Browser, database: str, lived: list[str]
) -> None:
    assert "parents_" not in POLICIES  # no account of the committee or its subcommittee can be made
    kamila, gulnar = await browser(region.kamila), await browser(region.gulnar)
    count = "select count(*) from audit_log where action = 'access.denied' and actor_id = %s"
    before = rows(database, count, region.kamila.user_id)[0][0]
    closed = ("/incidents", f"/incidents/{lived[0]}", "/cases", "/form-e", "/insight", "/committee-reports", PAGE)
    for path in closed:
        assert (await kamila.get(path)).status_code == 403, path
    assert rows(database, count, region.kamila.user_id)[0][0] == before + len(closed)
    view = (await gulnar.get(PAGE)).json()
    assert "confirm" not in view["may"]
    assert view["seen"] == ""
    body = {"month": QUARTER, "version": view["newest"], "seen": "0"}
    for client in (kamila, gulnar):
        assert (await client.act("/committee-report/confirm", body)).status_code == 403
