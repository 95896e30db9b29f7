"""Form E: numbers of the law from what happened, confirmed and frozen, a new version for a correction (R-052 … R-056)."""

from datetime import datetime

import pytest

from src.platform.forms import registry
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.monthly import service
from tests.support import doors
from tests.support.http import Browser
from tests.support.incidents import accuse, act, reported, rows, student
from tests.support.meetings import led
from tests.support.months import (
    CALM,
    DECEMBER,
    FIRST_OF_DECEMBER,
    IN_NOVEMBER,
    NOVEMBER,
    again,
    confirmed,
    decided,
    month_of,
    numbers,
    seen,
    ticked,
)
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

LEVELS = {"victim": "not_at_risk", "alleged_offender": "at_risk", "both": "high_risk"}
CHILD = "Шыңғысбаева"


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> dict[str, str]:
    """November: three incidents that the team decided, one waits, one report is linked; then December begins."""
    set_clock(database, IN_NOVEMBER)
    await drain()
    hurt, hitting, other = [await student(region, CHILD, given) for given in ("Мәлике", "Ерасыл", "Тоғжан")]
    aigerim, alua = await browser(region.aigerim), await browser(region.alua)
    first = await reported(browser, region, **CALM, reporter_status="teacher")
    await doors.opened(browser, region)
    await doors.told(browser.visitor(), doors.TOLD)
    nameless = next(row["id"] for row in (await aigerim.get("/incidents")).json()["rows"] if row["id"] != first)
    number = (await aigerim.get(f"/incidents/{first}")).json()["number"]
    linked = await act(browser, region.saule, region, nameless, "link", into=number)
    assert linked.status_code == 303, linked.text
    await ticked(browser, region, first, "fighting", "threatening")
    people = [(hurt, "victim"), (hitting, "alleged_offender"), (other, "witness")]
    await decided(browser, region, first, people, LEVELS)
    second = await reported(browser, region, **CALM)
    await ticked(browser, region, second, "fighting")
    await decided(
        browser,
        region,
        second,
        [(hurt, "victim"), (other, "both")],
        {**LEVELS, "victim": "at_risk"},
        held_at="2026-11-10T09:30",
    )
    third = await reported(browser, region, **CALM)
    await ticked(browser, region, third, "theft")
    prank = [(await student(region, "Бекзатов", "Дәурен"), "alleged_offender")]
    await decided(browser, region, third, prank, {"alleged_offender": "not_at_risk"}, outcome="not_confirmed")
    told = await alua.act("/tell", {"description": "Ақша алды"})
    assert told.status_code == 303, told.text
    waiting = next(row["id"] for row in (await aigerim.get("/incidents")).json()["rows"] if row["state"] == "reported")
    await ticked(browser, region, waiting, "theft", harmed="yes", injured_count=2)
    set_clock(database, FIRST_OF_DECEMBER)
    await drain()
    assert dead_or_failed(database) == []
    return {"first": first, "second": second, "waiting": waiting, "hurt": hurt}


async def test_r_054_r_055_every_number_is_derived_as_the_law_says(
    region: Region, browser: Browser, database: str, lived: dict[str, str]
) -> None:
    view = await seen(browser, region.saule, month_of(database, region, NOVEMBER))
    found = numbers(view)
    assert found == {
        "cases_total": 4,  # five reports, one of them linked
        "reporters_student": 1,
        "reporters_teacher": 1,
        "reporters_staff": 2,
        "reporters_parent": 0,
        "reporters_other": 1,
        "forms_completed": 3,
        **{f"by_behaviour.{key}": 0 for key in registry.options("problem_behaviour").keys},
        "by_behaviour.fighting": 2,
        "by_behaviour.threatening": 1,
        "by_behaviour.theft": 2,
        "offenders_total": 2,  # who was not confirmed is none
        "victims_total": 2,  # one of them in two incidents
        "witnesses_total": 1,
        "class_not_at_risk": 1,
        "class_at_risk": 2,  # the victim by the last level of the month
        "class_high_risk": 1,
        "injured_total": 2,
        "assessments_done": 0,
        "in_secondary": 0,
        "in_tertiary": 0,
    }
    assert sum(value for key, value in found.items() if key.startswith("by_behaviour.")) > found["cases_total"]
    law = {field.key.partition(".")[0] for field in registry.form("form_e").fields if field.type == "computed"}
    assert {key.partition(".")[0] for key in found} == law - {"school_name", "month"}
    assert all(one["rule"] for one in view["counts"])
    (listed,) = [one["rows_at"] for one in view["counts"] if one["rows_at"]]
    assert len((await (await browser(region.saule)).get(listed)).json()["rows"]) == found["cases_total"]
    page = (await (await browser(region.saule)).page(f"/form-e/{view['id']}")).text
    assert "Хабарланған зорлық-зомбылық жағдайлары" in page
    assert listed.replace("&", "&amp;") in page

    await _a_named_injury_counts_the_child_and_december_counts_nothing(region, browser, lived, view["id"])


async def _a_named_injury_counts_the_child_and_december_counts_nothing(
    region: Region, browser: Browser, lived: dict[str, str], month: str
) -> None:
    before = numbers(await seen(browser, region.saule, month))
    incident, aigerim = f"/incidents/{lived['waiting']}", await browser(region.aigerim)
    victim = {"person_id": lived["hurt"], "involvement": "victim", "kind": "student"}
    assert (await aigerim.act(f"{incident}/people", victim)).status_code == 303
    (person,) = (await aigerim.get(incident)).json()["people"]
    for region_of_body in ("forearm_left", "forearm_right"):
        hurt = {"regions": [region_of_body], "participation_id": person["id"], "sent_to_medical": "yes"}
        done = await act(browser, region.aigerim, region, lived["waiting"], "injuries", **hurt)
        assert done.status_code == 303, done.text
    await reported(browser, region, **CALM)
    reopened = await act(browser, region.saule, region, lived["second"], "reopen", reason="жаңа мәлімет")
    assert reopened.status_code == 303, reopened.text
    december = {"victim": "high_risk", "both": "high_risk"}
    await again(
        browser, region, lived["second"], december, held_at="2026-12-01T00:00", outcome="not_confirmed", start=False
    )
    after = numbers(await seen(browser, region.saule, month))
    assert after == {**before, "injured_total": 1, "forms_completed": 2}  # finished anew in December


async def test_r_052_the_clock_starts_by_itself_and_is_overdue_after_the_fifth_working_day(
    region: Region, browser: Browser, database: str, lived: dict[str, str]
) -> None:
    month = month_of(database, region, NOVEMBER)
    (clock,) = [
        one for one in (await (await browser(region.saule)).get("/")).json()["rows"] if one["subject_id"] == month
    ]
    assert (clock["code"], clock["state"], clock["label"]) == ("clk_monthly_e", "open", "11.2026")
    assert clock["due_at"].startswith("2026-12-07T18:59:59")  # Monday, the fifth working day of December
    told = "select membership_id from notification where kind = 'form_e_opened' and subject_id = %s"
    assert rows(database, told, month) == [(region.saule.membership_id,)]
    opened = "select count(*) from audit_log where action = 'form_e.opened' and %s = any (record_ids)"
    assert rows(database, opened, month) == [(1,)]
    try:
        set_clock(database, datetime(2026, 12, 8, 0, 1, tzinfo=LOCAL_ZONE))
        await drain()
        view = await seen(browser, region.daulet, month)
        assert view["clock"]["state"] == "overdue"
        heard = {
            m
            for (m,) in rows(
                database,
                "select membership_id from notification where kind like 'clock_overdue.clk_monthly_e' and subject_id = %s",
                month,
            )
        }
        assert heard == {region.saule.membership_id, region.daulet.membership_id}
        set_clock(database, datetime(2027, 1, 1, 9, tzinfo=LOCAL_ZONE))  # the city sees a month that is over
        city = (await (await browser(region.asel)).get("/city?month=202612")).json()["rows"]
        own = next(row for row in city if row["tenant_id"] == str(region.organisations["school12"]))
        assert (own["form_e_in_time"], own["form_e_late_or_never"]) == (0, 1)
    finally:
        set_clock(database, FIRST_OF_DECEMBER)
    zero = rows(database, "select id from form_e_month where tenant_id = %s", region.organisations["school45"])
    assert len(zero) == 1  # the neighbour's first month


async def test_a_month_that_goes_on_or_never_was_is_refused_in_words(
    region: Region, browser: Browser, database: str, lived: dict[str, str]
) -> None:
    saule = await browser(region.saule)
    for month, code in (
        (DECEMBER, "month_not_over"),
        (202701, "month_not_over"),
        (202610, "no_such_month"),
        (202613, "no_such_month"),
    ):
        answer = await saule.get(f"/form-e?month={month}")
        assert (answer.status_code, answer.json()["code"]) == (422, f"form_e.{code}"), month
        city = await (await browser(region.asel)).get(f"/schools/form-e?month={month}")
        assert city.status_code == (200 if month == 202610 else 422), month
    page = await saule.page(f"/form-e?month={DECEMBER}")
    assert page.status_code == 422
    assert "01.01.2027" in page.text
    listed = (await saule.get("/form-e")).json()
    assert [row["month"] for row in listed["rows"]] == [NOVEMBER]  # the school joined in November
    open_ = month_of(database, region, NOVEMBER)
    view = await seen(browser, region.saule, open_)
    try:
        set_clock(database, IN_NOVEMBER)  # as if somebody had the address of a month too early
        early = await saule.act(f"/form-e/{open_}/confirm", {"version": view["version"], "seen": view["seen"]})
        assert (early.status_code, early.json()["code"]) == (422, "form_e.month_not_over")
    finally:
        set_clock(database, FIRST_OF_DECEMBER)


async def test_r_065_s_17_nobody_who_has_a_list_to_compare_has_numbers_and_a_conflict_shows_nowhere(
    region: Region, browser: Browser, database: str, lived: dict[str, str]
) -> None:
    """The director and the team follow the state alone, so a director or coordinator who is implicated learns nothing."""
    month = month_of(database, region, NOVEMBER)
    before = {p.name: (await (await browser(p)).get(f"/form-e/{month}")).text for p in (region.daulet, region.aigerim)}
    assert '"counts":[]' in before["daulet"]
    assert before["daulet"] == before["aigerim"]
    for person in (region.daulet, region.aigerim):
        client = await browser(person)
        assert (await client.act(f"/form-e/{month}/confirm", {"version": 1, "seen": "x"})).status_code == 403
        assert (await client.act(f"/form-e/{month}/take", {"language": "kk", "kind": "pdf"})).status_code == 403
    for person in (region.bota, region.marat, region.alua, region.kamila, region.zhanna, region.timur, region.asel):
        assert (await (await browser(person)).get(f"/form-e/{month}")).status_code == 403, person.name
    assert (await (await browser(region.saule)).get(f"/form-e/{new_id()}")).status_code == 404
    led(database, region, region.saule, region.gulnar)
    deputys = numbers(await seen(browser, region.gulnar, month))
    assert deputys == numbers(await seen(browser, region.saule, month))
    for accused in (region.daulet, region.saule):
        await accuse(region, database, lived["waiting"], accused)
        assert (await (await browser(region.daulet)).get(f"/form-e/{month}")).text == before["daulet"]
    shut_out = await browser(region.saule)
    assert (await shut_out.get(f"/form-e/{month}")).text == before["aigerim"]
    assert (await shut_out.act(f"/form-e/{month}/confirm", {"version": 1, "seen": "x"})).status_code == 403
    assert numbers(await seen(browser, region.gulnar, month)) == deputys  # the number is the same whoever may see it
    rows(database, "delete from participation where kind = 'employee' returning id")
    assert numbers(await seen(browser, region.saule, month)) == deputys


async def test_r_071_a_note_to_the_city_is_refused_where_a_word_may_be_the_name_of_a_student(
    region: Region, browser: Browser, database: str, lived: dict[str, str]
) -> None:
    month = month_of(database, region, NOVEMBER)
    named = ("Мәликеге көмек керек", "көмек керек: шыңғысбаевамен сөйлестік", "Тогжанга комек", "Bekzatov Dauren")
    for text in named:
        told = await confirmed(browser, region.saule, month, note=text)
        assert told.status_code == 422, text
        (field,) = told.json()["fields"]
        assert (field["field"], field["code"]) == ("note", "may_name_a_child")
        assert not any(word in told.text for word in text.split() if len(word) > 4)
    assert "2" in (await confirmed(browser, region.saule, month, note="Кеше Мәликеге")).json()["fields"][0]["message"]
    view = await seen(browser, region.saule, month)
    typed = {"version": view["version"], "seen": view["seen"], "note": named[0]}
    page = await (await browser(region.saule)).act(f"/form-e/{month}/confirm", typed, html=True)
    assert named[0] in page.text  # nothing typed is lost
    assert view["state"] == "open"
    assert rows(database, "select count(*) from form_e") == [(0,)]


async def test_r_069_r_070_no_page_of_the_city_orders_or_counts_schools_by_the_register(
    region: Region, browser: Browser, lived: dict[str, str]
) -> None:
    asel = await browser(region.asel)
    for path in ("/city", "/schools/form-e"):
        for asked in ("sort=register_count", "sort=registered", "order=register", "sort=cases_total"):
            answer = await asel.get(f"{path}?month={NOVEMBER}&{asked}")
            assert answer.status_code == 422, (path, asked)
        rows_ = (await asel.get(f"{path}?month={NOVEMBER}")).json()["rows"]
        names = [row.get("school") or row["name"] for row in rows_]
        assert names == sorted(names)
        assert not [key for row in rows_ for key in row if "regist" in key]
    assert not [key for key in service.number_keys() if "regist" in key]
