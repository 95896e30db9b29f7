"""How punctual partners are, and which agreements end: exact where no school can be tied to a service, else nothing."""

import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import psycopg
import pytest
from pypdf import PdfReader

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.oversight import agreements, service
from src.platform.tenants import service as tenants
from src.platform.workdays.calendar import add_days, month_after, month_of
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import agreed, drafted, managed_case, referred

ANSWER, WEEKLY = "clk_partner_answer", "clk_partner_weekly"
KEPT = "select * from oversight_partner where tenant_id = %s order by month, clock"


@pytest.fixture(autouse=True)
async def as_it_was(database: str) -> AsyncIterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


def last_month() -> int:
    return month_after(month_of(clock.local_date(clock.real_now())), -1)


@pytest.fixture(scope="module")
def places(region: Region, database: str) -> dict[str, UUID]:
    """Four schools and three partners without people."""
    found = {name: uuid4() for name in ("s1", "s2", "s3", "s4", "=Тірек", "Шапағат", "Дәрігер")}
    with psycopg.connect(database) as admin:
        for name, one in found.items():
            kind = "school" if name[0] == "s" else "narcology_service" if name == "Дәрігер" else "ngo"
            code = f"z{one.hex[:8]}"
            admin.execute(
                "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, recipient_key, created_at) "
                "values (%s, %s, %s, %s, %s, %s, %s, '', now())",
                (one, kind, code, code, name, name, name),
            )
    return found


def put(
    database: str, month: int, schools: dict[UUID, tuple[int, int, int]], partners: dict[UUID, tuple[int, ...]]
) -> None:
    """The counters of a month: answers in time, late, missing; of partners also how many schools."""
    with psycopg.connect(database) as admin:
        admin.execute("delete from oversight_process where month = %s", (month,))
        admin.execute("delete from oversight_partner where month = %s", (month,))
        for one, numbers in schools.items():
            admin.execute(
                "insert into oversight_process values (%s, %s, %s, %s, %s, %s)", (one, month, ANSWER, *numbers)
            )
        for one, numbers in partners.items():
            admin.execute(
                "insert into oversight_partner values (%s, %s, %s, %s, %s, %s, %s)", (one, month, ANSWER, *numbers)
            )


async def seen(browser: Browser, region: Region, query: str = "") -> dict[str, Any]:
    answer = await (await browser(region.asel)).get(f"/city/partners?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def answers(browser: Browser, region: Region) -> dict[str, Any]:
    return {row["name"]: row["answers"] for row in (await seen(browser, region))["rows"] if row["answers"]}


async def test_s_60_a_partner_is_shown_exactly_where_no_school_can_be_tied_to_it(
    browser: Browser, region: Region, database: str, places: dict[str, UUID]
) -> None:
    month = last_month()
    four = [places[name] for name in ("s1", "s2", "s3", "s4")]
    first, second, doctor = (places[name] for name in ("=Тірек", "Шапағат", "Дәрігер"))
    even = dict.fromkeys(four, (8, 1, 1))
    put(database, month, even, {first: (15, 2, 1, 4), second: (14, 1, 2, 3), doctor: (3, 1, 1, 3)})
    shown = await answers(browser, region)
    assert set(shown) == {"=Тірек"}  # one alone kept back would be the difference to the sum of the schools
    umit = region.organisations["umit"]
    put(database, month, even, {first: (15, 2, 1, 4), second: (13, 1, 1, 3), doctor: (3, 1, 1, 3), umit: (1, 0, 1, 1)})
    shown = await answers(browser, region)
    assert shown["=Тірек"] == {"due": 18, "in_time": 15, "late": 2, "missing": 1}
    assert set(shown) == {"=Тірек", "Шапағат"}
    asked = [(one["partner"], one["kind"], one["number"]) for one in (await seen(browser, region))["questions"]]
    assert ("=Тірек", "answers_missing", 1) in asked
    # every late answer of the region came to one school: how a partner's terms divide would name that school
    one_late = {one: (8, 4 if one == four[0] else 0, 0) for one in four}
    put(
        database,
        month,
        one_late,
        {first: (14, 2, 0, 4), second: (12, 1, 0, 3), doctor: (3, 1, 0, 3), umit: (3, 0, 0, 1)},
    )
    shown = await answers(browser, region)
    assert shown["=Тірек"] == {"due": 16, "in_time": None, "late": None, "missing": None}
    # one school has nearly everything: some of it must be with the partner
    uneven = {one: (30 if one == four[0] else 2, 0, 0) for one in four}
    put(
        database, month, uneven, {first: (14, 0, 0, 4), second: (12, 0, 0, 3), doctor: (5, 0, 0, 3), umit: (5, 0, 0, 1)}
    )
    assert await answers(browser, region) == {}
    page = (await (await browser(region.asel)).page("/city/partners")).text
    assert "Сызықша" in page


async def test_s_36_only_the_function_tells_of_partners_and_nothing_narrows_it(
    browser: Browser, region: Region, database: str, places: dict[str, UUID]
) -> None:
    asel = await browser(region.asel)
    for query in ("school=1", "district=1", "service=narcology", "order=late", "month=209901", "month=202613"):
        assert (await asel.get(f"/city/partners?{query}")).status_code == 422, query
    for who in (region.daulet, region.saule, region.marat, region.timur, region.zhanna):
        client = await browser(who)
        assert (await client.get("/city/partners")).status_code == 403
        assert (await client.act("/city/partners/xlsx")).status_code == 403
        assert (await client.act("/city/partners/pdf")).status_code == 403
    async with inside(region.organisations["school12"]) as work:
        await service.refresh(work, 202610)
    kinds = "select distinct t.kind from oversight_process p join tenants t on t.id = p.tenant_id"
    assert {kind for (kind,) in rows(database, kinds)} == {"school"}


async def test_r_147_a_partners_terms_are_counted_inside_the_partner_and_a_rebuild_gives_the_same(
    browser: Browser, region: Region, database: str
) -> None:
    rows(database, "delete from oversight_partner returning 1")  # what another test has put there
    await agreed(browser, region)
    case = await managed_case(browser, region, database)
    sent = await referred(browser, region, case)
    assert sent.status_code == 303, sent.text
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=12))
    await drain()  # the answer never came
    umit = region.organisations["umit"]
    kept = [row for row in rows(database, KEPT, umit) if row[2] == ANSWER and row[6] == 1 and row[5] == 1]
    assert len(kept) == 1
    assert (await (await browser(region.timur)).act(f"{sent.headers['location']}/accept", {"version": 1})).is_redirect
    await drain()
    after = rows(database, KEPT, umit)
    late = [row for row in after if row[1] == kept[0][1] and row[2] == ANSWER]
    assert [row[3:] for row in late] == [(0, 1, 0, 1)]
    rows(database, "delete from oversight_partner where tenant_id = %s returning 1", umit)
    async with inside(umit) as work:
        for month in {row[1] for row in after}:
            await service.refresh(work, month)
    assert rows(database, KEPT, umit) == after
    assert dead_or_failed(database) == []


async def test_r_145_agreements_that_end_or_have_ended_without_another_one_are_shown_with_who_has_none(
    browser: Browser, region: Region, database: str
) -> None:
    today = clock.local_date(clock.now())
    await agreed(browser, region)  # ends in two years
    await drain()
    assert [one for one in (await seen(browser, region))["agreements"] if one["service_types"] == ["counselling"]] == []
    rows(database, "delete from oversight_agreement returning 1")
    rows(database, "delete from agreement returning 1")
    soon = {"valid_to": add_days(today, 30).isoformat()}
    for services, changed in ((["shelter"], soon), (["legal_help"], {})):
        made = await drafted(browser, region, service_types=services, **changed)
        assert made.status_code == 303, made.text
        for person in (region.saule, region.timur):
            assert (await (await browser(person)).act(f"{made.headers['location']}/sign")).status_code == 303
    await drain()
    view = await seen(browser, region)
    assert view["agreements"] == []  # a later one with the same partner follows
    assert "№12 мектеп" not in view["without"]
    assert "№45 мектеп" in view["without"]
    saule, path = await browser(region.saule), made.headers["location"]
    version = (await saule.get(path)).json()["version"]
    ended = await saule.act(f"{path}/end", {"version": version, "reason": "маман кетті"})
    assert ended.status_code == 303
    await drain()
    (line,) = (await seen(browser, region))["agreements"]
    assert line["service_types"] == ["shelter"]
    assert (line["last_day"], line["is_over"]) == (soon["valid_to"], False)
    kept = "select * from oversight_agreement order by agreement_id"
    before = rows(database, kept)
    async with inside(region.organisations["school12"]) as work:
        await agreements.count(work)
    assert rows(database, kept) == before
    async with inside(region.organisations["city"]) as work:
        await tenants.change_setting(work, "agreements_ending_days", 10)
    assert (await seen(browser, region))["agreements"] == []
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=35))
    (over,) = [one for one in (await seen(browser, region))["agreements"] if one["service_types"] == ["shelter"]]
    assert over["is_over"]
    assert not over["ended_early"]
    assert "№12 мектеп" in (await seen(browser, region))["without"]
    assert "маман" not in str(rows(database, "select t::text from oversight_agreement t"))


async def test_the_page_goes_along_as_a_spreadsheet_and_on_paper_and_taking_it_is_recorded(
    browser: Browser, region: Region, database: str, places: dict[str, UUID]
) -> None:
    asel = await browser(region.asel)
    taken = await asel.act("/city/partners/xlsx", {"month": last_month()})
    book = openpyxl.load_workbook(io.BytesIO(taken.content))
    assert len(book.sheetnames) == 4
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any(cell.value in {"=Тірек", "'=Тірек"} and cell.data_type == "s" for cell in cells)
    paper = await asel.act("/city/partners/pdf", {"month": last_month()})
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "Үміт" in text
    assert "Asanova" in text
    ways = rows(database, "select detail ->> 'way' from audit_log where action = 'oversight.taken'")
    assert {way for (way,) in ways} == {"xlsx", "pdf"}
