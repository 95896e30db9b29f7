"""A draft is kept while a form is being written, shown to its author only, and gone once the form is sent."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from src.platform.db import engine
from src.platform.drafts import service as drafts
from src.platform.kit import clock
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from src.platform.web.app import UnguardedRouteError, check_routes, create_app
from src.platform.web.modules import route_modules
from tests.support.http import Browser, browser_for
from tests.support.incidents import act, name, reported, rows
from tests.support.inside import as_person, inside
from tests.support.people import Region, hire
from tests.support.queue import drain, set_clock
from tests.support.referrals import WEEKLY, accepted, agreed, managed_case
from tests.support.typing import DISCARD, SAVE, autosave, open_form, press, token_on

TYPED = "Қаламұшмаркер: асханада итеріп кетті"
NOTICE = "Бұл – сіздің қараламаңыз"
_CALL = re.compile(r"call kept_form\(([^,]+),")


def living(database: str) -> int:
    return int(rows(database, "select count(*) from form_draft where content is not null")[0][0])


@pytest.fixture(autouse=True)
def empty(database: str) -> None:
    with psycopg.connect(database) as admin:
        admin.execute("delete from form_draft")
        admin.execute("delete from wake_at where actor like 'drafts.%'")


async def investigated(browser: Browser, region: Region) -> str:
    """An incident under investigation with one child; its investigator is Aigerim."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    async with as_person(region.aigerim) as work:
        child = await vault.add_person(work, "student", Identity(family_name="Сынақов", given_name="Сынақ"))
    await name(browser, region, incident, str(child), "victim")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    return incident


async def test_decision_25_what_was_typed_stands_in_the_form_again_after_an_autosave(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    answer = await autosave(marat, "/report", token, description=TYPED, harmed="yes", place="canteen", who="")
    assert answer.status_code == 200
    assert answer.json()["text"].startswith("Қаралама сақталды: ")
    page = await marat.page("/report")
    assert TYPED in page.text
    assert NOTICE in page.text
    assert 'value="yes" checked' in page.text
    assert '<option value="canteen" selected' in page.text
    assert TYPED not in (await marat.get("/report")).text  # programs ask for the form, not for drafts
    assert living(database) == 1


async def test_decision_25_without_a_script_a_button_keeps_the_draft_and_leads_back_to_the_page(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    token, before = await open_form(marat, "/report"), rows(database, "select count(*) from report")
    answer = await press(marat, "/report", token, description=TYPED, **SAVE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/report")
    assert TYPED in (await marat.page(answer.headers["location"])).text
    assert rows(database, "select count(*) from report") == before


async def test_decision_25_two_autosaves_at_once_are_one_row_and_one_alarm(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    answers = await asyncio.gather(*(autosave(marat, "/report", token, description=TYPED) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert rows(database, "select count(*) from form_draft") == [(1,)]
    assert rows(database, "select count(*) from wake_at where actor = 'drafts.forget'") == [(1,)]


async def test_decision_25_a_sent_form_leaves_no_draft_even_when_an_autosave_arrives_late(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    await autosave(marat, "/report", token, description=TYPED)
    assert (await press(marat, "/report", token, description=TYPED)).status_code == 303
    assert living(database) == 0
    assert (await autosave(marat, "/report", token, description=TYPED)).status_code == 200
    assert living(database) == 0
    page = await marat.page("/report")
    assert TYPED not in page.text
    await autosave(marat, "/report", token_on(page), description="жаңа хабарлама")
    assert living(database) == 1


async def test_decision_25_a_program_that_sends_the_form_ends_the_draft_too(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    await autosave(marat, "/report", await open_form(marat, "/report"), description=TYPED)
    assert (await marat.act("/report", {"description": TYPED})).status_code == 303
    assert living(database) == 0


async def test_decision_25_a_refused_form_keeps_its_draft_and_shows_what_was_sent(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    await autosave(marat, "/report", token, description=TYPED)
    refused = await press(marat, "/report", token, description=" ", who="Жаңа мәтін")
    assert refused.status_code == 422
    assert "Жаңа мәтін" in refused.text
    assert NOTICE not in refused.text
    assert living(database) == 1


async def test_decision_25_a_discarded_draft_is_gone(region: Region, browser: Browser, database: str) -> None:
    marat = await browser(region.marat)
    await autosave(marat, "/report", await open_form(marat, "/report"), description=TYPED)
    token = await open_form(marat, "/report")
    answer = await press(marat, "/report", token, **DISCARD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/report")
    assert living(database) == 0
    page = await marat.page("/report")
    assert TYPED not in page.text
    assert NOTICE not in page.text


async def test_decision_25_a_form_that_was_sent_leaves_an_emptied_row_and_one_alarm_however_often(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    for _ in range(2):
        token = await open_form(marat, "/report")
        answer = await press(marat, "/report", token, description=TYPED, harmed="no", harm_danger="no")
        assert answer.status_code == 303
    ((draft, content),) = rows(database, "select id, content from form_draft")
    assert content is None
    alarms = (
        "select args ->> 'draft', at = (select expires_at from form_draft) from wake_at where actor = 'drafts.forget'"
    )
    assert rows(database, alarms) == [(str(draft), True)]


async def test_decision_25_what_is_let_go_inside_a_savepoint_falls_with_it(region: Region, database: str) -> None:
    async with as_person(region.marat) as work:
        inner = await work.session.begin_nested()
        await drafts.let_go(work, "/report", {}, "1")
        await inner.rollback()
    assert rows(database, "select from form_draft") == []
    assert rows(database, "select from wake_at where actor = 'drafts.forget'") == []


async def test_decision_25_nobody_else_gets_a_draft(region: Region, browser: Browser) -> None:
    incident = await investigated(browser, region)
    page, address = f"/incidents/{incident}/steps/finish", f"/incidents/{incident}/finish"
    aigerim = await browser(region.aigerim)
    await autosave(aigerim, address, await open_form(aigerim, page), findings=TYPED)
    assert TYPED in (await aigerim.page(page)).text
    for other in (region.gulnar, region.saule, region.daulet, region.marat, region.erlan, region.timur):
        answer = await (await browser(other)).page(page)
        assert TYPED not in answer.text, other.name
        assert NOTICE not in answer.text, other.name


async def test_r_064_whoever_is_accused_gets_neither_draft_nor_hint(region: Region, browser: Browser) -> None:
    incident = await investigated(browser, region)
    page, address = f"/incidents/{incident}/steps/finish", f"/incidents/{incident}/finish"
    gulnar = await browser(region.gulnar)
    token = await open_form(gulnar, page)
    await autosave(gulnar, address, token, findings=TYPED)
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    nowhere = "/incidents/01890a5d-ac96-774b-bcce-b302099a8057"
    shown = [await gulnar.page(path) for path in (page, f"{nowhere}/steps/finish")]
    assert shown[0].status_code == shown[1].status_code == 404
    assert TYPED not in shown[0].text
    kept = [await autosave(gulnar, path, token, findings=TYPED) for path in (address, f"{nowhere}/finish")]
    assert kept[0].status_code == kept[1].status_code == 200
    assert kept[0].json().keys() == kept[1].json().keys()
    refused = [await press(gulnar, path, token, findings=TYPED) for path in (address, f"{nowhere}/finish")]
    assert all(TYPED not in answer.text for answer in refused)


async def test_decision_25_a_change_of_organisation_carries_nothing_over(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await hire("marat", region.organisations["school12"], ("subject_teacher",))
    async with inside(region.organisations["school45"]) as work:
        person = await vault.add_person(work, "staff", Identity(family_name="Екеуов", given_name="Марат"))
        await tenants.add_member(work, marat.user_id, person, ("subject_teacher",))
    client = await browser.fresh(marat)
    await autosave(client, "/report", await open_form(client, "/report"), description=TYPED)
    here = TYPED in (await client.page("/report")).text
    other = next(row["id"] for row in (await client.get("/organisations/mine")).json()["rows"] if not row["current"])
    assert (await client.act(f"/organisations/{other}/switch")).status_code == 303
    elsewhere = await client.page("/report")
    assert here
    assert TYPED not in elsewhere.text
    assert NOTICE not in elsewhere.text
    assert living(database) == 1


async def test_decision_25_a_draft_outlives_the_session_it_was_typed_in_and_a_restart(
    region: Region, browser: Browser
) -> None:
    first = await browser.fresh(region.bota)
    await autosave(first, "/report", await open_form(first, "/report"), description=TYPED)
    await first.act("/sign-out")
    await engine.dispose()
    async with browser_for() as restarted:
        assert TYPED in (await (await restarted(region.bota)).page("/report")).text


async def test_decision_25_an_untouched_draft_ends_after_the_days_of_the_organisation(
    region: Region, browser: Browser, database: str
) -> None:
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "draft_days", 3)
    marat = await browser(region.marat)
    token, today = await open_form(marat, "/report"), clock.real_now()
    await autosave(marat, "/report", token, description=TYPED)
    set_clock(database, today + timedelta(days=2))
    await autosave(marat, "/report", token, description=f"{TYPED} және тағы")
    set_clock(database, today + timedelta(days=4))
    await drain()
    assert f"{TYPED} және тағы" in (await marat.page("/report")).text  # touched a second time on the second day
    set_clock(database, today + timedelta(days=7))
    assert TYPED not in (await marat.page("/report")).text
    assert living(database) == 1
    await drain()
    set_clock(database, today)
    assert rows(database, "select count(*) from form_draft") == [(0,)]
    assert rows(database, "select count(*) from wake_at where actor = 'drafts.forget' and fired_at is null") == [(0,)]


async def test_s_13_a_plain_dump_tells_neither_the_text_nor_the_author(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser(region.marat)
    await autosave(marat, "/report", await open_form(marat, "/report"), description=TYPED, who="Қамқамаркер")
    with psycopg.connect(database) as admin:
        tables = admin.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        query = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        dump = "".join(str(admin.execute(query.format(sql.Identifier(table))).fetchone()) for (table,) in tables)
        row = str(admin.execute("select * from form_draft").fetchone())
        alarm = str(admin.execute("select at, args from wake_at where actor = 'drafts.forget'").fetchone())
    for mark in ("Қаламұшмаркер", "Қамқамаркер"):
        assert mark not in dump
        assert mark.encode().hex() not in dump
    for about in (region.marat.user_id, region.marat.membership_id, region.marat.person_id, "/report"):
        assert str(about) not in row + alarm


async def test_s_18_no_audit_row_tells_who_is_about_to_report(region: Region, browser: Browser, database: str) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    before = rows(database, "select count(*) from audit_log")
    await autosave(marat, "/report", token, description=TYPED)
    await marat.page("/report")
    assert rows(database, "select count(*) from audit_log") == before


async def test_s_25_a_draft_needs_the_token_of_its_session(region: Region, browser: Browser, database: str) -> None:
    marat, bota = await browser(region.marat), await browser(region.bota)
    answer = await autosave(marat, "/report", await open_form(bota, "/report"), description=TYPED)
    assert (answer.status_code, answer.json()["code"]) == (403, "forged_request")
    assert living(database) == 0


async def test_s_55_more_than_a_form_can_hold_is_refused_and_the_draft_stays(region: Region, browser: Browser) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    await autosave(marat, "/report", token, description=TYPED)
    many = await autosave(marat, "/report", token, **{f"field{number}": "x" for number in range(300)})
    large = await autosave(marat, "/report", token, description="я" * 2_000_000)
    assert (many.status_code, large.status_code) == (422, 413)
    assert TYPED in (await marat.page("/report")).text


async def test_decision_25_unknown_fields_and_files_are_not_kept(region: Region, browser: Browser) -> None:
    marat = await browser(region.marat)
    token = await open_form(marat, "/report")
    typed = {"csrf_token": token, "description": TYPED, "password": "құпия", **SAVE}
    await marat.post("/report", data=typed, files={"who": ("a.txt", b"file"), "happened": ("b.txt", b"file")})
    async with as_person(region.marat) as work:
        (draft,) = await drafts.of(work, ["/report"])
    assert draft.fields == {"description": TYPED}


async def test_decision_25_each_talk_of_an_investigation_has_its_own_draft(region: Region, browser: Browser) -> None:
    incident = await investigated(browser, region)
    page, address = f"/incidents/{incident}/steps/hear", f"/incidents/{incident}/hear"
    aigerim = await browser(region.aigerim)
    to_hear = (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]
    token = await open_form(aigerim, page)
    for number, person in enumerate(to_hear):
        await autosave(aigerim, address, token, **{person["field"]: person["id"], "notes": f"Әңгіме {number}"})
    both = (await aigerim.page(page)).text
    assert len(to_hear) == 2
    assert all(both.count(f">Әңгіме {number}</textarea>") == 1 for number in range(2))
    refused = await press(aigerim, address, token, **{to_hear[0]["field"]: to_hear[0]["id"], "notes": "Басқа"})
    assert refused.status_code == 422
    assert ">Басқа</textarea>" in refused.text
    assert ">Әңгіме 1</textarea>" in refused.text
    sent = {to_hear[0]["field"]: to_hear[0]["id"], "notes": "Басқа", "held_at": "2026-11-20T10:00"}
    assert (await press(aigerim, address, token_on(await aigerim.page(page)), **sent)).status_code == 303
    left = (await aigerim.page(page)).text
    assert ">Әңгіме 1</textarea>" in left
    assert left.count(NOTICE) == 1


async def test_decision_25_levels_of_children_are_kept_with_the_decision(region: Region, browser: Browser) -> None:
    incident = await investigated(browser, region)
    aigerim = await browser(region.aigerim)
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    (child,) = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    page = f"/incidents/{incident}/steps/classify"
    typed = {f"level-{child['id']}": "high_risk", "safety_measures": TYPED, "attended": [child["id"]]}
    await autosave(aigerim, f"/incidents/{incident}/classify", await open_form(aigerim, page), **typed)
    shown = (await aigerim.page(page)).text
    assert '<option value="high_risk" selected' in shown
    assert TYPED in shown


async def test_decision_25_a_referral_is_kept_for_its_partner_and_service(
    region: Region, browser: Browser, database: str
) -> None:
    case, aigerim = await managed_case(browser, region, database), await browser(region.aigerim)
    await agreed(browser, region)
    offer = {"recipients": f"{region.organisations['umit']}.counselling"}
    page = f"/cases/{case}/refer?recipients={offer['recipients']}"
    token = await open_form(aigerim, page)
    answer = await press(aigerim, f"/cases/{case}/refer", token, **offer, reason=TYPED, **SAVE)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert TYPED in (await aigerim.page(page)).text
    offers = (await aigerim.page(f"/cases/{case}/refer")).text
    assert "Қаралама" in offers
    assert TYPED not in offers


async def test_decision_25_a_partner_keeps_the_weekly_report_and_the_school_the_agreement(
    region: Region, browser: Browser, database: str
) -> None:
    path, timur, saule = (
        await accepted(browser, region, database),
        await browser(region.timur),
        await browser(region.saule),
    )
    weekly = {**WEEKLY, "work_done": TYPED, "danger_flag": "yes"}
    await autosave(timur, f"{path}/weeks", await open_form(timur, f"{path}/report"), **weekly)
    shown = (await timur.page(f"{path}/report")).text
    assert TYPED in shown
    assert 'name="danger_flag" type="checkbox" value="yes" checked' in shown
    assert TYPED not in (await saule.page(path)).text
    await autosave(saule, "/agreements", await open_form(saule, "/referrals"), valid_from="2027-01-15")
    assert 'value="2027-01-15"' in (await saule.page("/referrals")).text


async def test_s_29_a_public_form_cannot_keep_anything(region: Region) -> None:
    app = create_app()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if route.path == "/sign-in" and "POST" in handler.http_methods:
                handler.opt["kept"] = True
                with pytest.raises(UnguardedRouteError):
                    check_routes(app)
                del handler.opt["kept"]
    check_routes(app)


def test_every_kept_form_stands_on_a_page_and_in_a_template() -> None:
    handlers = [
        (handler, path) for module in route_modules() for handler in module.route_handlers for path in handler.paths
    ]
    pages = [re.sub(r"{\w+:\w+}", "[^/]+", path) for handler, path in handlers if "GET" in handler.http_methods]
    kept = {re.sub(r"{\w+:\w+}", "*", path): handler.opt["kept"] for handler, path in handlers if "kept" in handler.opt}
    for address, form in kept.items():
        assert any(re.fullmatch(page, form.page.partition("?")[0]) for page in pages), address
    called = {_address(call, file) for file in Path("src/platform").rglob("*.html") for call in _calls(file)}
    assert called == kept.keys()


def _calls(file: Path) -> list[str]:
    return _CALL.findall(file.read_text())


def _address(call: str, file: Path) -> str:
    """The address in a call, or in the variable that the call names, with every id as a star."""
    named = re.search(rf"set {call} = (.*?) %}}", file.read_text())
    return re.sub(r'" ~ [\w.]+( ~ ")?', "*", named.group(1) if named else call).replace('"', "")
