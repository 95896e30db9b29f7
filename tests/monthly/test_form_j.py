"""Form J: every referral outside education in its month, confirmed, frozen, corrected as a new version (R-151)."""

import io
from datetime import datetime
from typing import Any

import openpyxl
import psycopg
import pytest

from src.platform.forms import registry
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from tests.support import logs
from tests.support.http import Browser
from tests.support.incidents import accuse, rows
from tests.support.logs import Referred, confirmed, log_of, referrals_of, seen
from tests.support.meetings import led
from tests.support.months import DECEMBER, FIRST_OF_DECEMBER, NOVEMBER, text_of
from tests.support.people import Region, hire
from tests.support.queue import drain, set_clock

CHILD = "Балаа"


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> Referred:
    return await logs.november(region, browser, database)


async def opened_again(region: Region, browser: Browser, database: str) -> str:
    """The log of the first school, open for a confirmation whatever another test did."""
    log = log_of(database, region.saule.tenant_id)
    view = await seen(browser, region.saule, log)
    if view["state"] == "confirmed":
        again = {"version": view["version"], "reason": "тексеру"}
        assert (await (await browser(region.saule)).act(f"/form-j/{log}/reopen", again)).status_code == 303
    return log


async def test_r_151_clk_monthly_j_starts_by_itself_and_is_missed_after_the_fifth_working_day(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    saule, log = await browser(region.saule), log_of(database, region.saule.tenant_id)
    clock = "select code, period, due_at from obligation where subject_id = %s"
    ((code, period, due_at),) = rows(database, clock, log)
    assert (code, period) == ("clk_monthly_j", "")
    assert due_at.astimezone(LOCAL_ZONE).isoformat().startswith("2026-12-07T23:59:59")
    told = "select membership_id from notification where kind = 'form_j_opened' and subject_id = %s"
    assert rows(database, told, log) == [(region.saule.membership_id,)]
    opened = "select count(*) from audit_log where action = 'form_j.opened' and %s = any (record_ids)"
    assert rows(database, opened, log) == [(1,)]
    rows(database, "update obligation set met_at = null where subject_id = %s returning id", log)
    mine = (await saule.get("/")).json()["rows"]
    assert [one["label"] for one in mine if one["code"] == "clk_monthly_j"] == ["11.2026"]
    for month, said in ((DECEMBER, "month_not_over"), (202610, "no_such_month"), (202613, "no_such_month")):
        answer = await saule.get(f"/form-j?month={month}")
        assert (answer.status_code, answer.json()["code"]) == (422, f"form_j.{said}"), month
    assert "01.01.2027" in (await saule.page(f"/form-j?month={DECEMBER}")).text
    assert [row["month"] for row in (await saule.get("/form-j")).json()["rows"]] == [NOVEMBER]
    await opened_again(region, browser, database)
    view = await seen(browser, region.saule, log)
    try:
        set_clock(database, logs.LATE_IN_NOVEMBER)
        early = await saule.act(f"/form-j/{log}/confirm", {"version": view["version"], "seen": "x", "checked": True})
        assert (early.status_code, early.json()["code"]) == (422, "form_j.month_not_over")
        set_clock(database, datetime(2026, 12, 8, 0, 1, tzinfo=LOCAL_ZONE))
        await drain()
        missed = "select membership_id from notification where kind = 'clock_overdue.clk_monthly_j' and subject_id = %s"
        heard = {region.saule.membership_id, region.daulet.membership_id}
        assert {one for (one,) in rows(database, missed, log)} == heard
    finally:
        set_clock(database, FIRST_OF_DECEMBER)


async def test_r_151_every_active_referral_is_one_row_with_six_fields_for_who_may_read_it(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    log = await opened_again(region, browser, database)
    view = await seen(browser, region.saule, log)
    asked = [lived.helped, lived.asked, lived.other]
    assert sorted(referrals_of(view)) == sorted(asked)
    assert len(view["rows"]) == len(asked)  # the one that was taken back came to nobody
    row = next(one for one in view["rows"] if one["referral_id"] == lived.helped)
    told = (await (await browser(region.saule)).get(f"/referrals/{lived.helped}")).json()
    assert {**row, "id": ""} == {
        "id": "",
        "referral_id": lived.helped,
        "case_id": told["case_id"],
        "code": told["code"],
        "service": "«Үміт» ҚҚ",
        "support": "counselling",
        "sent_on": "2026-11-24",
        "contact_person": "Akhmetova Aigerim",
        "checked_on": None,
        "name": None,
    }
    law = {field.name for field in registry.form("form_j").columns("rows")}
    assert law == {"student", "service", "support", "sent_on", "contact_person", "checked_on"}
    for person in (region.daulet, region.aigerim):
        assert referrals_of(await seen(browser, person, log)) == set(asked), person.name
    bystander = await (await browser(region.gulnar)).page(f"/form-j/{log}")
    assert view["rows"][0]["code"] not in bystander.text
    assert "Осы айдың жолдамаларының ешқайсысы сізге ашық емес" in bystander.text
    for person in (region.bota, region.marat, region.kamila, region.zhanna, region.timur, region.asel):
        assert (await (await browser(person)).get(f"/form-j/{log}")).status_code == 403, person.name
    assert (await (await browser(region.saule)).get(f"/form-j/{new_id()}")).status_code == 404
    for person in (region.daulet, region.aigerim):
        body = {"version": view["version"], "seen": view["seen"], "checked": True}
        assert (await (await browser(person)).act(f"/form-j/{log}/confirm", body)).status_code == 403, person.name
    read = "select classes from audit_log where action = 'form_j.read' and %s = any (record_ids) limit 1"
    assert rows(database, read, lived.helped) == [(["case-sensitive"],)]


async def test_r_151_a_confirmed_log_is_frozen_and_a_change_makes_a_new_version(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    saule, log = await browser(region.saule), await opened_again(region, browser, database)
    unseen = await confirmed(browser, region.saule, log, seen="0" * 16)
    assert (unseen.status_code, unseen.json()["code"]) == (409, "form_j.rows_moved")
    unchecked = await confirmed(browser, region.saule, log, checked=False)
    assert (unchecked.status_code, unchecked.json()["fields"][0]["field"]) == (422, "checked")
    draft = await seen(browser, region.saule, log)
    done = await confirmed(browser, region.saule, log)
    assert (done.status_code, done.headers["location"]) == (303, f"/form-j/{log}")
    again = {"version": draft["version"] + 1, "seen": draft["seen"], "checked": True}
    twice = await saule.act(f"/form-j/{log}/confirm", again)
    assert (twice.status_code, twice.json()["code"]) == (409, "form_j.confirmed")
    first = await seen(browser, region.saule, log)
    assert referrals_of(first) == referrals_of(draft)
    assert {row["checked_on"] for row in first["rows"]} == {"2026-12-01"}
    assert (first["moved"], first["may"]) == (False, ["reopen", "take"])
    met = "select met_at is not null from obligation where code = 'clk_monthly_j' and subject_id = %s"
    assert rows(database, met, log) == [(True,)]
    counted = "select count(*) from audit_log where action = 'form_j.confirmed' and %s = any (record_ids)"
    assert rows(database, counted, log)[0][0] == first["revision"]
    with psycopg.connect(settings().role_url("qorgan_app").replace("+psycopg", "")) as app:
        for statement in ("update form_j_row set referral_id = id", "delete from form_j_row"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()

    assert (await saule.act(f"/referrals/{lived.other}/recall", {"version": 1})).status_code == 303
    moved = await seen(browser, region.saule, log)
    assert (moved["moved"], referrals_of(moved)) == (True, referrals_of(first))
    page = (await saule.page(f"/form-j/{log}")).text
    assert "Бұл айдың жолдамалары расталғаннан кейін өзгерді" in page
    bare = await saule.act(f"/form-j/{log}/reopen", {"version": moved["version"]})
    assert bare.status_code == 422
    why = {"version": moved["version"], "reason": "Бір жолдама кері алынды"}
    assert (await saule.act(f"/form-j/{log}/reopen", why)).status_code == 303
    assert (await saule.act(f"/form-j/{log}/reopen", {**why, "version": moved["version"] + 1})).status_code == 409
    assert (await confirmed(browser, region.saule, log)).status_code == 303
    second = await seen(browser, region.saule, log)
    assert referrals_of(second) == referrals_of(first) - {lived.other}
    reasons = {one["revision"]: one["reason"] for one in second["history"]}
    assert (reasons[second["revision"]], reasons[first["revision"]]) == (None, "Бір жолдама кері алынды")
    assert referrals_of(await seen(browser, region.saule, log, f"?revision={first['revision']}")) == referrals_of(first)
    assert (await saule.get(f"/form-j/{log}?revision=99")).status_code == 404
    copies = "select revision, count(*), bool_and(replaced_at is not null) from referral_log_entry where tenant_id = %s group by 1"
    kept = {row[0]: row[1:] for row in rows(database, copies, region.saule.tenant_id)}
    assert kept[first["revision"]] == (len(first["rows"]), True)
    assert kept[second["revision"]] == (len(second["rows"]), False)
    with psycopg.connect(database) as admin:  # for the tests beside this one
        admin.execute("alter table referral disable trigger referral_whose_column")
        admin.execute("update referral set state = 'sent', ended_at = null where id = %s", (lived.other,))
        admin.execute("alter table referral enable trigger referral_whose_column")


async def test_s_17_whoever_is_in_conflict_confirms_a_log_that_tells_nothing_of_the_row_they_may_not_see(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    led(database, region, region.saule, region.gulnar)
    log = await opened_again(region, browser, database)
    incident = rows(database, "select incident_id from child_case where id = %s", lived.other_case)[0][0]
    await accuse(region, database, str(incident), region.saule)
    rows(database, "update incident set lacks_coordinator = true where id = %s returning id", incident)
    hers = {lived.helped, lived.asked}
    assert referrals_of(await seen(browser, region.saule, log)) == hers
    assert (await confirmed(browser, region.saule, log)).status_code == 303
    view = await seen(browser, region.saule, log)
    assert (referrals_of(view), view["may"], view["moved"]) == (hers, ["reopen", "take"], False)
    codes = {row["referral_id"]: row["code"] for row in (await seen(browser, region.daulet, log))["rows"]}
    for kind in ("pdf", "xlsx"):
        paper = await (await browser(region.saule)).act(f"/form-j/{log}/take", {"language": "kk", "kind": kind})
        assert codes[lived.helped] in said(kind, paper.content), kind
        assert codes[lived.other] not in said(kind, paper.content), kind
    told = "select membership_id from notification where kind = 'form_j_unchecked' and subject_id = %s"
    assert rows(database, told, log) == [(region.gulnar.membership_id,)]
    nothing = await (await browser(region.saule)).act(f"/form-j/{log}/check", {"checked": True})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "form_j.nothing_to_check")

    deputy = await browser(region.gulnar)
    (row,) = (await seen(browser, region.gulnar, log))["rows"]
    assert (row["referral_id"], row["checked_on"]) == (lived.other, None)
    copy = "select checked_on::text from referral_log_entry where id = %s"
    assert rows(database, copy, row["id"]) == [(None,)]
    assert (await deputy.act(f"/form-j/{log}/check", {})).status_code == 422
    assert (await (await browser(region.daulet)).act(f"/form-j/{log}/check", {"checked": True})).status_code == 403
    assert (await deputy.act(f"/form-j/{log}/check", {"checked": True})).status_code == 303
    assert rows(database, copy, row["id"]) == [("2026-12-01",)]
    assert (await seen(browser, region.gulnar, log))["rows"][0]["checked_on"] == "2026-12-01"
    audited = "select count(*) from audit_log where action = 'form_j.checked' and %s = any (record_ids)"
    assert rows(database, audited, row["id"]) == [(1,)]
    rows(database, "delete from participation where kind = 'employee' returning id")
    rows(database, "update incident set lacks_coordinator = false where lacks_coordinator returning id")


async def test_r_151_the_log_on_paper_in_two_languages_and_as_a_table_without_formulas(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    log = await opened_again(region, browser, database)
    nothing = await (await browser(region.saule)).act(f"/form-j/{log}/take", {"language": "kk", "kind": "pdf"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "form_j.not_confirmed")
    assert (await confirmed(browser, region.saule, log)).status_code == 303
    code = (await seen(browser, region.saule, log))["rows"][0]["code"]
    saule, path = await browser(region.saule), f"/form-j/{log}/take"
    named = "update tenants set name_ru = '=1+1' where id = %s returning id"
    rows(database, named, region.organisations["umit"])
    try:
        for language, title in (("kk", "ай сайынғы жолдамалар"), ("ru", "Ежемесячный журнал направлений")):
            body = {"language": language, "kind": "pdf"}
            plain = await saule.act(path, body)
            assert plain.headers["content-type"] == "application/pdf", plain.text
            assert b"PDF/UA" in plain.content or b"pdfuaid" in plain.content
            assert title in text_of(plain.content)
            assert CHILD not in text_of(plain.content)
            with_names = text_of((await saule.act(path, {**body, "names": True})).content)
            assert CHILD in with_names, "the leader reads the names of these cases"
        table = await saule.act(path, {"language": "ru", "kind": "xlsx"})
        cells = [cell for line in page_of(table.content).iter_rows() for cell in line if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"n", "s"}
        assert "=1+1" in [cell.value for cell in cells]
        labels = ["Ученик", "Служба направления", "Получаемая поддержка", "Дата направления", "Контактное лицо"]
        values = [cell.value for cell in cells]
        assert [*labels, "Дата проверки"] == values[values.index("Ученик") :][:6]
        assert "01.12.2026" in values
    finally:
        rows(
            database,
            "update tenants set name_ru = 'ОФ «Үміт»' where id = %s returning id",
            region.organisations["umit"],
        )
    seen_by = await (await browser(region.gulnar)).act(path, {"language": "kk", "kind": "pdf", "names": True})
    assert CHILD not in text_of(seen_by.content)
    assert code not in text_of(seen_by.content)
    assert (await (await browser(region.marat)).act(path, {"language": "kk", "kind": "pdf"})).status_code == 403
    assert (await saule.act(path, {"language": "en", "kind": "doc"})).status_code == 422
    told = "select action, count(*) from audit_log where %s = any (record_ids) and action in ('form_j.taken', 'identity.read') group by 1"
    assert dict(rows(database, told, log))["identity.read"] == 2
    assert dict(rows(database, told, log))["form_j.taken"] >= 6


async def test_r_151_a_month_without_referrals_says_so_and_is_confirmed_and_a_neighbour_has_its_own(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    neighbour = region.organisations["school45"]
    leader = await hire("saule", neighbour, ("team_coordinator",))
    own, foreign = log_of(database, neighbour), log_of(database, region.saule.tenant_id)
    for path in (f"/form-j/{foreign}", f"/form-j/{foreign}?revision=1"):
        assert (await (await browser(leader)).get(path)).status_code == 404, path
    page = await (await browser(leader)).page(f"/form-j/{own}")
    assert "Осы айдың жолдамаларының ешқайсысы сізге ашық емес" in page.text
    assert (await confirmed(browser, leader, own)).status_code == 303
    paper = await (await browser(leader)).act(f"/form-j/{own}/take", {"language": "ru", "kind": "pdf"})
    assert "Ни одно направление этого месяца вам не открыто" in text_of(paper.content)
    assert rows(database, "select count(*) from referral_log_entry where tenant_id = %s", neighbour) == [(0,)]


def page_of(sheet: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0]


def said(kind: str, made: bytes) -> str:
    lines = page_of(made).iter_rows() if kind == "xlsx" else ()
    return text_of(made) if kind == "pdf" else str([[cell.value for cell in line] for line in lines])
