"""Questions of the team to a colleague who reported, and the answers."""

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import HTML, Browser
from tests.support.incidents import act, classified, reported, rows
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.typing import autosave, open_form

QUESTION, ANSWER = "Қай сағатта болды?", "Үшінші сабақтан соң, Дархан айтты"


async def asked(browser: Browser, region: Region) -> tuple[str, str, str]:
    """Incident, report and question, by the psychologist about the report of Marat."""
    incident = await reported(browser, region)
    aigerim = await browser(region.aigerim)
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    answer = await aigerim.act(f"/incidents/{incident}/ask", {"report_id": report, "text": QUESTION})
    assert answer.status_code == 303, answer.text
    mine = (await (await browser(region.marat)).get("/my-reports")).json()["rows"]
    (question,) = next(row for row in mine if row["id"] == report)["questions"]
    return incident, report, question["id"]


async def test_r_057_who_reported_sees_the_question_where_the_state_is_and_answers_there(
    browser: Browser, region: Region, database: str
) -> None:
    incident, report, question = await asked(browser, region)
    await drain()
    kinds = rows(
        database, "select membership_id from notification where kind = 'report_question' and subject_id = %s", report
    )
    assert kinds == [(region.marat.membership_id,)]
    marat = await browser(region.marat)
    assert QUESTION in (await marat.page("/my-reports")).text
    sent = {"report_id": report, "question_id": question, "text": ANSWER}
    assert (await marat.act("/my-reports/answer", sent)).status_code == 303
    mine = await marat.get("/my-reports")
    row = next(one for one in mine.json()["rows"] if one["id"] == report)
    assert (row["questions"][0]["answered"], row["was_read"]) == (True, True)
    assert ANSWER not in mine.text
    await drain()
    told = rows(
        database, "select membership_id from notification where kind = 'report_answered' and subject_id = %s", incident
    )
    assert {one for (one,) in told} == {p.membership_id for p in (region.saule, region.aigerim, region.gulnar)}
    said = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["reports"][0]["said"]
    assert [(one["kind"], one["text"], one["unread"]) for one in said] == [
        ("question", QUESTION, False),
        ("answer", ANSWER, True),
    ]


async def test_r_059_who_answered_stands_nowhere_in_clear(browser: Browser, region: Region, database: str) -> None:
    incident, report, question = await asked(browser, region)
    marat = await browser(region.marat)
    await marat.act("/my-reports/answer", {"report_id": report, "question_id": question, "text": ANSWER})
    query = "select actor_id, actor_sealed is not null from audit_log where action = %s and %s = any (record_ids)"
    assert rows(database, query, "report.answered", incident) == [(None, True)]
    assert rows(database, query, "report.asked", incident) == [(region.aigerim.user_id, False)]
    dump = "".join(str(rows(database, f"select t::text from {table} t")) for table in ("report_message", "outbox"))  # noqa: S608
    for trace in (region.marat.user_id, region.marat.person_id, region.marat.membership_id, QUESTION, ANSWER):
        assert str(trace) not in dump


async def test_r_060_nobody_else_reads_or_answers(browser: Browser, region: Region, database: str) -> None:
    incident, report, question = await asked(browser, region)
    for person in (region.bota, region.gulnar, region.daulet):
        client = await browser(person)
        assert QUESTION not in (await client.get("/my-reports")).text
        for target in (report, str(new_id())):
            answer = await client.act("/my-reports/answer", {"report_id": target, "question_id": question, "text": "x"})
            assert answer.status_code == 404, person.name
    for person in (region.asel, region.timur, region.zhanna):
        client = await browser(person)
        assert (await client.act("/my-reports/answer", {"report_id": report, "text": "x"})).status_code == 403
        assert (await client.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "x"})).status_code == 403
    daulet = await browser(region.daulet)  # the director reads, the team asks
    assert (await daulet.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "x"})).status_code == 403
    assert rows(database, "select count(*) from report_message where report_id = %s", report) == [(1,)]


async def test_r_064_a_member_of_the_team_who_reported_asks_nobody(browser: Browser, region: Region) -> None:
    gulnar = await browser(region.gulnar)
    before = {one["id"] for one in (await gulnar.get("/incidents")).json()["rows"]}
    assert (await gulnar.act("/report", {"description": "Өзім көрдім"})).status_code == 303
    (incident,) = {one["id"] for one in (await gulnar.get("/incidents")).json()["rows"]} - before
    report = (await gulnar.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    refused = await gulnar.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.named_person")
    aigerim = await browser(region.aigerim)
    assert (await aigerim.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "x"})).status_code == 303


async def test_a_question_belongs_to_a_report_of_that_incident_and_to_an_open_one(
    browser: Browser, region: Region
) -> None:
    incident, _, _ = await asked(browser, region)
    _, foreign, question = await asked(browser, region)
    aigerim, marat = await browser(region.aigerim), await browser(region.marat)
    assert (await aigerim.act(f"/incidents/{incident}/ask", {"report_id": foreign, "text": "x"})).status_code == 404
    own = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    wrong = {"report_id": own, "question_id": question, "text": "x"}
    assert (await marat.act("/my-reports/answer", wrong)).status_code == 404
    ended = await classified(browser, region, {})
    report = (await aigerim.get(f"/incidents/{ended}")).json()["reports"][0]["id"]
    assert (await act(browser, region.saule, region, ended, "close")).status_code == 303
    late = await aigerim.act(f"/incidents/{ended}/ask", {"report_id": report, "text": "x"})
    assert (late.status_code, late.json()["code"]) == (409, "incident.wrong_state")
    assert (await marat.act("/my-reports/answer", {"report_id": report, "text": "тағы болды"})).status_code == 303


async def test_decision_15_a_marked_name_is_a_dot_to_who_is_asked(browser: Browser, region: Region) -> None:
    incident, report, _ = await asked(browser, region)
    aigerim, marat = await browser(region.aigerim), await browser(region.marat)
    await aigerim.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "Нұрсұлтан қайда болды?"})
    answer = await act(browser, region.aigerim, region, incident, "mark", surface="Нұрсұлтан", stands_for=report)
    assert answer.status_code == 303, answer.text
    page = (await marat.get("/my-reports")).text
    assert "Нұрсұлтан" not in page
    assert "••• қайда болды?" in page


@pytest.mark.parametrize("text", ["", " ", "x" * 30_000])
async def test_a_refused_answer_stands_on_the_page_again(browser: Browser, region: Region, text: str) -> None:
    _, report, question = await asked(browser, region)
    marat = await browser(region.marat)
    answer = await marat.act(
        "/my-reports/answer", {"report_id": report, "question_id": question, "text": text}, html=True
    )
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text
    assert 'id="text"' in answer.text
    assert answer.headers["content-type"].startswith(HTML["Accept"])


async def test_decision_25_a_half_written_answer_is_kept_beside_its_question(browser: Browser, region: Region) -> None:
    _, report, question = await asked(browser, region)
    marat = await browser(region.marat)
    token = await open_form(marat, "/my-reports")
    sent = {"report_id": report, "question_id": question, "text": "жарты жауап"}
    kept = await autosave(marat, "/my-reports/answer", token, **sent)
    assert kept.status_code == 200, kept.text
    page = (await marat.page("/my-reports")).text
    assert page.count(">жарты жауап</textarea>") == 1
