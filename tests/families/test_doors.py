"""Every child and parent with an account tells the team without anybody between; a teacher tells for a child."""

from uuid import uuid4

import pytest

from src.platform.access import catalogue
from src.platform.access import service as access
from tests.support.families import audited
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.people import Person, Region
from tests.support.queue import drain

TOLD = "Балаға маркер: асханада итереді"


async def incidents(browser: Browser, region: Region) -> list[str]:
    found = (await (await browser(region.aigerim)).get("/incidents")).json()["rows"]
    return [one["id"] for one in found]


async def told(browser: Browser, region: Region, person: Person, **body: object) -> str:
    """Tell by the person's own door; the incident as the team sees it."""
    before = set(await incidents(browser, region))
    answer = await (await browser(person)).act("/tell", {"description": TOLD, **body})
    assert (answer.status_code, answer.headers["location"]) == (303, "/start"), answer.text
    (new,) = set(await incidents(browser, region)) - before
    return new


async def test_r_032_r_259_a_student_reports_to_the_team_with_one_sentence(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await told(browser, region, region.alua)
    view = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    assert (view["state"], view["urgency"]) == ("reported", "urgent")  # not answered is danger
    (report,) = view["reports"]
    assert (report["channel"], report["reporter_status"], report["description"]) == ("student", "student", TOLD)
    assert [clock["code"] for clock in view["clocks"]] == ["clk_screen_urgent"]
    stored = rows(
        database,
        "select count(*) from outbox where actor = 'incidents.tell_team' and args::text like %s",
        f"%{incident}%",
    )
    assert stored[0][0] == 1
    await drain()
    heard = rows(database, "select membership_id from notification where subject_id = %s", incident)
    assert {row[0] for row in heard} == {p.membership_id for p in (region.saule, region.aigerim, region.gulnar)}
    actor = rows(
        database,
        "select actor_id, actor_sealed is not null from audit_log where action = 'report.submitted' and %s = any (record_ids)",
        incident,
    )
    assert actor == [(None, True)]  # who told stands nowhere in clear


async def test_r_264_a_parent_reports_about_the_own_child_and_about_no_other(
    browser: Browser, region: Region, database: str
) -> None:
    kamila = await browser(region.kamila)
    form = (await kamila.get("/tell")).json()
    assert [one["id"] for one in form["children"]] == [str(region.alua.person_id)]
    incident = await told(browser, region, region.kamila, child=str(region.alua.person_id), who="көршісі")
    report = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["reports"][0]
    assert (report["channel"], report["reporter_status"]) == ("parent", "parent")
    assert report["who"].endswith("Alibekova Alua\nкөршісі")
    for other in (uuid4(), region.marat.person_id, region.kamila.person_id):
        wrong = await kamila.act("/tell", {"description": TOLD, "child": str(other)})
        assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "child")
    alua = await (await browser(region.alua)).act("/tell", {"description": TOLD, "child": str(region.alua.person_id)})
    assert alua.status_code == 422


async def test_r_057_a_student_sees_how_far_the_own_report_is_and_nothing_else(
    browser: Browser, region: Region, database: str
) -> None:
    await told(browser, region, region.alua)
    home = (await (await browser(region.alua)).get("/start")).json()
    assert set(home) == {"reports", "has_children", "emergency_numbers", "school_slug"}
    assert {"id", "received_at", "state", "was_read", "questions"} == set(home["reports"][0])
    assert home["reports"][0]["state"] == "received"
    for text in ((await (await browser(region.alua)).page("/start")).text, str(home)):
        assert "маркер" not in text


@pytest.mark.parametrize("path", ["/start", "/tell", "/my-children"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_r_260_pages_of_families_show_whom_to_call_in_every_language(
    browser: Browser, region: Region, path: str, language: str
) -> None:
    kamila = await browser.fresh(region.kamila)
    await kamila.act(f"/language/{language}")
    page = await kamila.page(path)
    assert f'lang="{language}"' in page.text
    assert all(f'href="tel:{number}"' in page.text for number in ("112", "102", "103", "111"))
    await kamila.act("/language/kk")


@pytest.mark.parametrize("who", ["alua", "kamila"])
async def test_r_064_a_family_has_no_staff_path_and_no_staff_navigation(
    browser: Browser, region: Region, who: str
) -> None:
    person = region.people[who]
    incident, client = await told(browser, region, region.alua), await browser(person)
    for path in ("/incidents", f"/incidents/{incident}", f"/incidents/{incident}/tell-parents", "/report"):
        assert (await client.get(path)).status_code == 403, path
    for path in ("/people", "/classes", "/cases", "/referrals", "/team", "/members", "/city"):
        assert (await client.get(path)).status_code == 403, path
    page = (await client.page("/start")).text
    assert all(f'href="{path}"' not in page for path in ("/messages", "/incidents", "/report", "/classes"))
    assert ('href="/my-children"' in page) == (who == "kamila")
    assert (await client.get("/")).headers["location"] == "/start"


async def test_s_26_a_family_is_never_asked_for_a_second_factor(browser: Browser, region: Region) -> None:
    for person in (region.alua, region.kamila):
        assert (await browser.half_way(person))[1] is False


async def test_r_031_r_060_only_the_team_reads_which_student_told_a_teacher(
    browser: Browser, region: Region, database: str
) -> None:
    """A teacher tells for a student; the student's name is text that one press opens."""
    before = set(await incidents(browser, region))
    marat, aigerim = await browser(region.marat), await browser(region.aigerim)
    said = {"description": "Сыныпта ұрады", "told_by": "Ерекшебала Айту, 7Б"}
    assert (await marat.act("/report", said)).status_code == 303
    (incident,) = set(await incidents(browser, region)) - before
    assert "Ерекшебала" not in (await aigerim.get(f"/incidents/{incident}")).text
    opened = (await aigerim.act(f"/incidents/{incident}/names")).json()["reports"][0]
    assert (opened["told_by"], opened["reporter_status"]) == ("Ерекшебала Айту, 7Б", "student")
    (_, classes, _) = audited(database, "identity.read")[-1]
    assert "identity-reporter" in classes
    for who in (region.marat, region.bota, region.alua, region.kamila):
        client = await browser(who)
        for path in (f"/incidents/{incident}", "/my-reports", "/start", "/messages"):
            assert "Ерекшебала" not in (await client.get(path)).text
    assert not rows(database, "select 1 from report where told_by::text like %s", f"%{'Ерекшебала'.encode().hex()}%")


async def test_a_form_of_a_child_loses_nothing_and_says_what_is_missing(browser: Browser, region: Region) -> None:
    alua = await browser(region.alua)
    answer = await alua.act("/tell", {"description": "", "who": "көршім", "harmed": "yes"}, html=True)
    assert answer.status_code == 422
    assert "көршім" in answer.text
    assert 'href="#description"' in answer.text
    page = await alua.get("/tell", headers=HTML)
    assert page.text.count("<h1") == 1


async def test_r_030_every_employee_is_offered_the_report_and_needs_two_screens(
    browser: Browser, region: Region
) -> None:
    roles = catalogue.roles_of("school")
    assert all(access.has_module([role], "report.submit") for role in roles.all)
    assert not any(access.has_module([role], "report.submit") for role in (roles.child, roles.guardian))
    for who in (region.daulet, region.saule, region.aigerim, region.gulnar, region.bota, region.marat):
        client = await browser(who)
        assert 'href="/report"' in (await client.page("/")).text, who.name  # the first screen
        assert 'action="/report"' in (await client.page("/report")).text  # the second, and the last one
    sent = await (await browser(region.bota)).act("/report", {"description": "Дәлізде итеріп жүр"}, html=True)
    assert sent.status_code == 303
