"""The city's statistics about children: frozen releases, without a child and without a way to one (R-066, R-067)."""

import io
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.oversight import releases, repository
from src.platform.oversight.schemas import CityChildren, CityMonth, SchoolRow
from tests.oversight.city import QUARTER, City, add, build
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock


@pytest.fixture(scope="module")
async def city(browser: Browser, region: Region, database: str) -> City:
    """A city whose third quarter has been released."""
    built = build(database)
    set_clock(database, datetime(2026, 11, 21, 12, tzinfo=LOCAL_ZONE))
    asel = await browser(region.asel)
    empty = await asel.page("/statistics")
    assert "Әзірге бірде-бір шығарылым" in empty.text
    assert "20264" not in empty.text, "a quarter that is not over has no button"
    answer = await asel.act("/statistics", {"quarter": str(QUARTER)}, html=True)
    assert answer.status_code == 303, answer.text
    work = answer.headers["location"]
    assert "Кезегін күтуде" in (await asel.page(work)).text
    again = await asel.act("/statistics", {"quarter": QUARTER})
    assert again.headers["location"] == work, "a second press shows the running one"
    assert (await asel.act(f"{work}/cancel")).status_code == 303
    await drain()
    assert rows(database, "select count(*) from oversight_release") == [(0,)], "cancelled before it is frozen"
    assert (await asel.act(f"{work}/go-on")).status_code == 303
    await drain()
    assert (await asel.get(work)).json()["state"] == "done"
    assert (await asel.act(f"{work}/cancel")).status_code == 409
    assert dead_or_failed(database) == []
    return built


async def view(browser: Browser, region: Region, **query: Any) -> dict[str, Any]:
    asel = await browser(region.asel)
    answer = await asel.get("/statistics", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def table(found: dict[str, Any], dimension: str) -> dict[str, list[int | None]]:
    (one,) = [one for one in found["tables"] if one["dimension"] == dimension]
    return {row["name"]: row["cells"] for row in one["rows"]}


async def test_r_067_small_numbers_and_what_gives_them_away_are_hidden(
    browser: Browser, region: Region, database: str, city: City
) -> None:
    found = await view(browser, region)
    assert found["release"]["number"] == 1
    assert found["release"]["quarter"] == QUARTER
    sex = table(found, "sex")
    assert sex["Алмалы"][2] == 0
    assert sex["=1+1"][0] is None, "three girls"
    assert sex["=1+1"].count(None) >= 2, "the sum of the row is in Form E"
    assert [cells[0] for cells in sex.values()].count(None) >= 2
    assert sex["Түрксіб"] == [None, None, None], "two schools would be known by it (S-60)"
    assert sex["Аудандардан тыс"] == [0, 0, 0]
    shown = [n for one in found["tables"] for row in one["rows"] for n in row["cells"] if n is not None]
    assert not any(1 <= number <= 7 for number in shown)
    assert max(shown) > 7
    assert sex["Бүкіл өңір"] != [None, None, None]
    audited = rows(
        database,
        "select action, detail from audit_log where action = any (%s) order by seq",
        ["oversight.release_asked", "oversight.released"],
    )
    assert [(row[0], row[1]["quarter"]) for row in audited] == [
        ("oversight.release_asked", QUARTER),
        ("oversight.release_asked", QUARTER),
        ("oversight.released", QUARTER),
    ]
    about = rows(database, "select id, number from long_work where kind = 'quarter_release'")
    assert [number for _id, number in about] == [QUARTER], "two presses are one piece of work"
    sent = rows(database, "select args from outbox where actor = 'longwork.step' order by created_at")
    assert [row[0] for row in sent] == [{"work": str(about[0][0]), "turn": turn} for turn in (0, 1)]


async def test_r_067_a_release_is_frozen_whatever_schools_write_later(
    browser: Browser, region: Region, database: str, city: City
) -> None:
    asel = await browser(region.asel)
    before = (await asel.get("/statistics")).content
    with psycopg.connect(database) as admin:
        add(admin, city.schools[0][0], "sex", "female", 1)
        add(admin, city.schools[0][0], "what", "physical", 1)
    again = await asel.act("/statistics", {"quarter": QUARTER})
    assert (again.status_code, again.json()["code"]) == (409, "oversight.released_already")
    async with unit(Inside(TenantContext(region.organisations["city"])), role="qorgan_worker") as work:
        await releases.make(work, QUARTER)
    assert (await asel.get("/statistics")).content == before
    refused = await asel.act("/statistics", {"quarter": QUARTER}, html=True)
    assert "шығарылым өзгертілмейді" in refused.text
    async with unit(Inside(TenantContext(region.organisations["city"]))) as work:
        connection = await work.session.connection()
        for verb in ("update oversight_release set number = 9", "delete from oversight_release"):
            with pytest.raises(Exception, match="permission denied"):
                async with connection.begin_nested():
                    await connection.exec_driver_sql(verb)


@pytest.mark.parametrize("quarter", [20264, 20251, 20274, 7])
async def test_r_067_a_quarter_that_is_not_over_is_refused_in_words(
    browser: Browser, region: Region, city: City, quarter: int
) -> None:
    asel = await browser(region.asel)
    before = (await asel.get("/statistics")).content
    refused = await asel.act("/statistics", {"quarter": quarter})
    assert refused.status_code == 422
    page = await asel.act("/statistics", {"quarter": str(quarter)}, html=True)
    assert page.status_code == 422
    assert ("күнінен бастап" if quarter == 20264 else "Жауаптардың бірін") in page.text
    assert (await asel.get("/statistics")).content == before, "the same numbers afterwards"


async def test_r_067_a_filter_shows_rows_of_the_same_release_and_nobody_slices_otherwise(
    browser: Browser, region: Region, city: City
) -> None:
    whole = await view(browser, region)
    one = await view(browser, region, district=str(city.district(0)), release=1)
    for dimension in ("what", "sex", "band", "help"):
        assert set(table(one, dimension)) == {"Алмалы", "Бүкіл өңір"}
        assert table(one, dimension).items() <= table(whole, dimension).items()
    asel = await browser(region.asel)
    for query in ("school=1", "class=7", "month=202609", "sort=sex", "release=2", "release=x", f"district={uuid4()}"):
        refused = await asel.get(f"/statistics?{query}")
        assert refused.status_code == 422, query
        assert "detail" not in refused.json() or query.split("=")[1] not in refused.json()["detail"]
        page = await asel.page(f"/statistics?{query}")
        assert page.status_code == 422, query
        assert "Балалар туралы статистика" in page.text
    assert (await view(browser, region)) == whole


async def test_r_069_nobody_puts_schools_in_the_order_of_the_register(
    browser: Browser, region: Region, city: City
) -> None:
    asel = await browser(region.asel)
    names = [row["name"] for row in (await asel.get("/city")).json()["rows"]]
    for query in ("sort=registered", "order=register_count", "sort=incidents", "month=202609&sort=registered"):
        assert (await asel.get(f"/city?{query}")).status_code == 422, query
        assert (await asel.page(f"/city?{query}")).status_code == 422, query
        assert (await asel.get(f"/statistics?{query}")).status_code == 422, query
    assert [row["name"] for row in (await asel.get("/city")).json()["rows"]] == names


def test_r_070_the_register_is_no_indicator_of_a_school() -> None:
    for struct in (SchoolRow, CityMonth, CityChildren):
        named = {field.name for field in msgspec.structs.fields(struct)}
        assert not any("regist" in name and "police" not in name for name in named), struct
    assert not any("regist" in value for values in releases.VALUES.values() for value in values)


async def test_r_066_the_page_and_the_files_say_numbers_and_nothing_else(
    browser: Browser, region: Region, database: str, city: City
) -> None:
    asel, found = await browser(region.asel), await view(browser, region)
    path = f"/statistics/{found['release']['id']}"
    page = await asel.page("/statistics")
    assert '<span class="govuk-visually-hidden">жасырылған</span>' in page.text
    assert "1-ден 7-ге дейінгі" in page.text
    sheet, paper = await asel.act(f"{path}/xlsx", html=True), await asel.act(f"{path}/pdf", html=True)
    assert (sheet.status_code, paper.status_code) == (200, 200), (sheet.text, paper.text)
    book = load_workbook(io.BytesIO(sheet.content))
    assert book.sheetnames == ["what", "sex", "band", "help"]
    told = [cell for row in book["sex"].iter_rows() for cell in row if cell.value is not None]
    assert told[0].value == "№ 1 шығарылым: 2026 жылғы 3-тоқсан"
    assert {"'=1+1", "*"} <= {cell.value for cell in told}, "a name cannot calculate (S-56)"
    assert {cell.data_type for cell in told} == {"s", "n"}
    text = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
    assert "№ 1 шығарылым" in text
    everything = [page.text, text, str([[c.value for c in row] for s in book for row in s.iter_rows()])]
    everything.append((await asel.get("/statistics")).text)
    schools = [str(one) for of_district in city.schools for one in of_district]
    for said in everything:
        assert not any(secret in said for secret in ("Құпиямектеп", "№12", *schools))
    taken = rows(database, "select detail from audit_log where action = 'oversight.taken' order by seq")
    assert [row[0]["way"] for row in taken] == ["xlsx", "pdf"]
    marat = await browser(region.marat)
    for way in ("xlsx", "pdf"):
        assert (await marat.act(f"{path}/{way}")).status_code == 403
        assert (await asel.act(f"/statistics/{uuid4()}/{way}")).status_code == 404
    assert (await marat.get("/statistics")).status_code == 403
    assert (await marat.act("/statistics", {"quarter": QUARTER})).status_code == 403


async def test_s_36_the_city_reaches_no_row_of_a_school(region: Region, city: City) -> None:
    url = settings().role_url("qorgan_oversight").replace("+psycopg", "")
    for query in (
        "select * from oversight_children",
        "select count(*) from oversight_children",
        "select * from oversight_release",
        "select * from oversight_districts(20263)",
    ):
        with psycopg.connect(url) as role, pytest.raises(psycopg.errors.InsufficientPrivilege):
            role.execute(query)  # type: ignore[call-overload]
    own, school = region.organisations["city"], region.organisations["school12"]
    async with unit(Inside(TenantContext(own))) as work:
        connection = await work.session.connection()
        seen = await connection.exec_driver_sql("select count(*) from oversight_children")
        assert seen.scalar_one() == 0, "the city's context has no row of a school"
        with pytest.raises(Exception, match="permission denied"):
            async with connection.begin_nested():
                await repository.districts(work, QUARTER)
    async with unit(Inside(TenantContext(school)), role="qorgan_worker") as work:
        connection = await work.session.connection()
        with pytest.raises(Exception, match="sums of districts are made for the city"):
            async with connection.begin_nested():
                await repository.districts(work, QUARTER)


async def test_decision_27_the_days_that_schools_have_are_counted_by_the_calendar(
    browser: Browser, region: Region, city: City
) -> None:
    waiting = {one["quarter"]: one for one in (await view(browser, region))["waiting"]}
    assert date.fromisoformat(waiting[20264]["ready_on"]) > date(2027, 1, 14)
    assert waiting[20264]["is_ready"] is False
    assert waiting[20262]["is_ready"] is True
    assert QUARTER not in waiting
