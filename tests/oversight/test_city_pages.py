"""The city's pages, charts, questions and papers over two years of counters, with every name and number known."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import psycopg
import pytest
from pypdf import PdfReader

from src.platform.kit import charts, clock
from src.platform.oversight import counters, views
from src.platform.workdays.calendar import month_after, month_of
from tests.oversight.test_city import as_city
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region

NAMES = ("=Қайрат", "Тыныш", "Жаңа", "Толық", "Құлап")
KINDS = {"screened": "clk_screen_standard", "form_e": "clk_monthly_e", "team": counters.TEAM}


@pytest.fixture(scope="module")
def last() -> int:
    return month_after(month_of(clock.local_date(clock.real_now())), -1)


@pytest.fixture(scope="module")
def schools(region: Region, database: str, last: int) -> dict[str, UUID]:
    """Five schools of one district and one of another; what each did in the months before."""
    found = {name: uuid4() for name in NAMES}
    district, other = uuid4(), uuid4()
    with psycopg.connect(database) as admin:
        for one, called in ((district, "Алатау"), (other, "Медеу")):
            admin.execute("insert into district values (%s, %s, %s, %s)", (one, called, called, called))
        for name, school in found.items():
            code = f"y{school.hex[:8]}"
            admin.execute(
                "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, district_id, recipient_key, created_at) "
                "values (%s, 'school', %s, %s, %s, %s, %s, %s, '', now())",
                (school, code, code, name, name, name, other if name == "Толық" else district),
            )

        def put(name: str, back: int, clock_code: str, in_time: int, late: int = 0, missed: int = 0) -> None:
            admin.execute(
                "insert into oversight_process values (%s, %s, %s, %s, %s, %s)",
                (found[name], month_after(last, -back), clock_code, in_time, late, missed),
            )

        for back in (0, 1, 2, 3, 12):
            for name in ("=Қайрат", "Тыныш", "Толық", "Құлап"):
                put(name, back, "clk_monthly_e", 1)
                put(name, back, counters.TEAM, 1)
            put("Толық", back, "clk_screen_standard", 4)
        put("=Қайрат", 0, "clk_screen_standard", 5, 2, 1)
        put("=Қайрат", 12, "clk_screen_standard", 5, 0, 1)
        for back in (1, 2, 3):
            put("Құлап", back, "clk_screen_standard", 4)
        for name in ("=Қайрат", "Толық", "Құлап"):
            admin.execute(
                "insert into oversight_pace values (%s, %s, 'clk_screen_standard', 5, 3), (%s, %s, 'clk_screen_standard', 90, 1)",
                (found[name], last, found[name], last),
            )
            admin.execute(
                "insert into oversight_pace values (%s, %s, 'clk_investigation', 240, 3)", (found[name], last)
            )
    return {**found, "district": district, "other": other}


async def seen(browser: Browser, region: Region, query: str = "", path: str = "/city") -> dict[str, Any]:
    answer = await (await browser(region.asel)).get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def number(view: dict[str, Any], measure: str, part: str = "total") -> tuple[int, int, int]:
    (cell,) = [one for one in view[part] if one["measure"] == measure]
    return cell["in_time"], cell["late"], cell["missing"]


async def test_s_60_counters_are_exact_by_school_district_region_month_and_beside_last_year(
    browser: Browser, region: Region, schools: dict[str, UUID], last: int
) -> None:
    whole = await seen(browser, region)
    assert whole["month"] == last
    assert number(whole, "screened") == (9, 2, 1)
    assert number(whole, "screened", "year_before") == (9, 0, 1)
    assert [one["name"] for one in whole["places"]][:2] == ["Алатау", "Медеу"]
    for place in whole["places"]:
        of = [row for row in whole["rows"] if place["is_region"] or row["district_id"] == place["district_id"]]
        assert place["schools"] == len(of)
        assert number(place, "screened", "cells")[0] == sum(row["screened_in_time"] for row in of)
    part = await seen(browser, region, f"district={schools['other']}")
    assert [row["name"] for row in part["rows"]] == ["Толық"]
    assert number(part, "screened") == (4, 0, 0)
    behind = await seen(browser, region, f"district={schools['other']}", "/city/measures/screened")
    trend = [(one["month"], number(one, "screened", "cells")) for one in behind["trend"] if one["is_counted"]]
    assert trend == [(month_after(last, -back), (4, 0, 0)) for back in (12, 3, 2, 1, 0)]
    assert len(behind["trend"]) == 24
    assert [[cell["measure"] for cell in behind[part]] for part in ("total", "year_before")] == [["screened"]] * 2
    assert behind["total"] == [one for one in part["total"] if one["measure"] == "screened"]
    assert part["trend"] == []
    signs = await seen(browser, region, f"district={schools['other']}", "/city/measures/serious_signs")
    assert number(signs, "serious_signs", "year_before") == (0, 0, 0), "nothing missed is a number"
    counted = [one["month"] for one in signs["trend"] if one["is_counted"]]
    assert counted == [month_after(last, -back) for back in (12, 3, 2, 1, 0)]
    assert behind["state"] == part["state"] != whole["state"] == (await seen(browser, region))["state"]
    assert (await (await browser(region.asel)).get(f"/city?district={uuid4()}")).status_code == 422


async def test_s_60_a_median_tells_of_ten_and_three_schools_or_not_at_all(
    browser: Browser, region: Region, schools: dict[str, UUID], last: int
) -> None:
    assert (await seen(browser, region))["medians"] == [{"clock": "clk_screen_standard", "hours": 5}]
    for name in ("district", "other"):  # nine of investigations, two schools, one school
        assert (await seen(browser, region, f"district={schools[name]}"))["medians"] == []
    asel = await browser(region.asel)
    assert "6 сағат" in (await asel.page("/city/measures/screened")).text
    assert "сағат" not in (await asel.page("/city/measures/investigated")).text
    with as_city() as city:
        asked = city.execute("select * from oversight_medians(%s, %s)", (last, schools["district"])).fetchall()
    assert asked == []


async def test_r_069_r_070_questions_to_ask_stand_by_name_and_never_by_number(
    browser: Browser, region: Region, schools: dict[str, UUID]
) -> None:
    view = await seen(browser, region, f"district={schools['district']}")
    asked = {(one["school"], one["kind"]): one["numbers"] for one in view["questions"]}
    assert asked == {
        ("=Қайрат", "screened"): {"number": 3},
        ("Тыныш", "silent"): {},
        ("Жаңа", "not_counted"): {},
        ("Құлап", "drop"): {"now": 0, "before": 12},
    }
    assert [row["name"] for row in view["rows"]] == ["=Қайрат", "Жаңа", "Құлап", "Тыныш"]
    page = (await (await browser(region.asel)).page("/city")).text
    assert "Қойылатын сұрақтар" in page
    assert not any("register" in measure for measure in counters.CLOCKS)


async def test_r_069_a_long_list_of_schools_goes_on_by_name_with_the_sums_of_all(
    browser: Browser, region: Region, schools: dict[str, UUID], last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"district={schools['district']}"
    whole = await seen(browser, region, query)
    assert (whole["schools"], whole["first"], whole["after"]) == (4, 1, None)
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    first = await seen(browser, region, query)
    rest = await seen(browser, region, f"{query}&after={first['after']}")
    assert [len(first["rows"]), len(rest["rows"]), rest["after"]] == [3, 1, None]
    assert (first["first"], rest["first"], first["schools"], rest["schools"]) == (1, 4, 4, 4)
    assert first["rows"] + rest["rows"] == whole["rows"]
    assert first["questions"] + rest["questions"] == whole["questions"]
    for part in ("total", "places", "state", "medians", "year_before"):
        assert first[part] == rest[part] == whole[part], part
    asel = await browser(region.asel)
    page = (await asel.page(f"/city?month={last}&{query}")).text
    (further,) = re.findall(r'rel="next" href="(/city\?[^"]+after=[^"]+)"', page)
    page = (await asel.page(further.replace("&amp;", "&"))).text
    assert "Мектептер: 4–4, барлығы 4" in page
    assert "Тыныш" in page
    assert "Жаңа" not in page
    (back,) = re.findall(r'rel="prev" href="(/city\?[^"]+)">Басынан', page)
    assert "after" not in back
    made = await asel.act("/city/xlsx", {"month": last, "district": str(schools["district"])})
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).worksheets[1]
    assert {"'=Қайрат", "Жаңа", "Құлап", "Тыныш"} <= {row[0].value for row in sheet.iter_rows()}
    for gone in (uuid4(), schools["Тыныш"]):  # no school of the list, and the last one, behind which nobody stands now
        assert (await seen(browser, region, f"{query}&after={gone}"))["rows"] == first["rows"]


async def test_every_tile_opens_its_schools_and_a_chart_with_its_numbers(
    browser: Browser, region: Region, schools: dict[str, UUID], database: str
) -> None:
    asel = await browser(region.asel)
    page = (await asel.page("/city")).text
    for measure in counters.CLOCKS:
        (link,) = re.findall(rf'class="q-tile" href="(/city/measures/{measure}\?[^"]+)"', page)
        opened = (await asel.page(link.replace("&amp;", "&"))).text
        assert all(name in opened for name in NAMES), measure
        assert opened.count("<svg") == opened.count("</svg>") >= 4
        assert 'role="img"' in opened
        assert "style=" not in opened
        assert "<script" not in re.sub(r"<script[^>]*src=[^>]*></script>", "", opened).replace("<script>document", "")
        for drawn in re.findall(r'aria-describedby="([^"]+)"', opened):
            assert f'id="{drawn}"' in opened
        ids = {str(one) for one in schools.values()} - {str(schools["district"]), str(schools["other"])}
        assert not any(one in opened for one in ids), "names of schools, never ids"
    assert "Мектептер хабарламаларды мерзімінде қарай ма" in (await asel.page("/city/measures/screened")).text


async def test_s_56_r_066_papers_carry_the_state_and_calculate_nothing(
    browser: Browser, region: Region, schools: dict[str, UUID], database: str, last: int
) -> None:
    asel = await browser(region.asel)
    view = await seen(browser, region)
    before = len(taken(database))
    answer = await asel.act("/city/xlsx", {"month": last})
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheets = [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book]
    assert all(view["state"] in sheet[0][0] for sheet in sheets)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    (line,) = [row for row in sheets[1] if row[0] == "'=Қайрат"]
    assert line[2:4] == [5, 3]
    assert [row[0] for row in sheets[1]][2:7] == ["'=Қайрат", *[row["name"] for row in view["rows"]][1:5]]
    made = await asel.act("/city/pdf", {"month": last, "district": str(schools["other"])})
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    assert "Толық" in text
    assert "Тыныш" not in text
    assert (await seen(browser, region, f"district={schools['other']}"))["state"] in text
    assert len(taken(database)) == before + 2
    for body in ({"month": month_after(last)}, {"month": last, "sort": "incidents"}):
        assert (await asel.act("/city/xlsx", body)).status_code == 422
    assert len(taken(database)) == before + 2


def taken(database: str) -> list[tuple[Any, ...]]:
    return rows(database, "select at from audit_log where action = 'oversight.taken'")


def test_a_chart_shows_gaps_as_gaps_and_names_what_it_draws() -> None:
    line = charts.lines(
        "x", "Сұрақ?", ["a", "b", "c"], [charts.Series(label="l", values=[3, None, 7])], ["01", "02", "03"]
    )
    assert [[mark.number for mark in part] for part in line.lines[0].stretches] == [[3], [7]]
    assert [tick.text for tick in line.axis] == ["0", "2", "4", "6", "8"]
    assert line.axis[0].at > line.axis[-1].at
    flat = charts.lines("x", "?", ["a"], [charts.Series(label="l", values=[0])], ["01"])
    assert [tick.text for tick in flat.axis] == ["0", "1"]
    series = [charts.Series(label="in", values=[6, 0]), charts.Series(label="late", values=[2, 4])]
    bar = charts.bars("x", "?", ["A", "B"], series)
    assert [one.numbers for one in bar.bars] == ["6 / 2", "0 / 4"]
    assert [part.place for part in bar.bars[1].parts] == [1]
    assert bar.bars[0].end == 2 * bar.bars[1].end
    assert charts.bars("x", "?", [], []).bars == []
