"""The receipt: what its code opens, who gets nothing by it, and what is kept of it."""

import asyncio
import re
from typing import Any

import psycopg
import pytest

from src.platform.doors import tokens
from src.platform.kit import codes
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings as process_settings
from tests.support.doors import (
    DOOR,
    TOLD,
    another_school,
    answered,
    forget_uses,
    number_on,
    receipt,
    tell,
    told,
    with_settings,
)
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import act, rows
from tests.support.people import Region
from tests.support.queue import drain

QUESTION = "Сұрақмаркер: бұл қай күні болды?"
ANSWER = "Жауапмаркер: сейсенбіде, Арман көрді"


async def incident_of(database: str, visitor: Client) -> tuple[str, str, str]:
    """Code, incident and report of a fresh anonymous report."""
    before = {one for (one,) in rows(database, "select id from report")}
    code = await told(visitor)
    ((report, incident),) = [r for r in rows(database, "select id, incident_id from report") if r[0] not in before]
    return code, str(incident), str(report)


async def asked(browser: Browser, region: Region, incident: str, report: str, text: str = QUESTION) -> Any:
    answer = await (await browser(region.aigerim)).act(
        f"/incidents/{incident}/ask", {"report_id": report, "text": text}
    )
    assert answer.status_code == 303, answer.text
    return answer


async def test_decision_20_a_code_has_eighty_bits_and_no_letter_that_looks_like_another(visitor: Client) -> None:
    found = [await told(visitor, f"код {n}") for n in range(20)]
    for code in found:
        assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{6}-){2}[0-9A-HJKMNP-TV-Z]{6}", code), code
        assert not set(code) & set("ILOU")
    assert len({code[:16] for code in found}) == 20
    assert codes.BITS * 16 >= 80
    places = [{code.replace("-", "")[place] for code in found} for place in range(16)]
    assert all(len(seen) > 4 for seen in places)  # no place stands still


@pytest.mark.usefixtures("database")  # the settings are those of its server
async def test_decision_20_every_wrong_character_and_every_swap_is_told_at_once() -> None:
    code = tokens.code_of(b"seed").replace("-", "")
    assert not tokens.is_mistyped(code)
    for place, right in enumerate(code):
        for wrong in set(codes.ALPHABET) - {right}:
            assert tokens.is_mistyped(code[:place] + wrong + code[place + 1 :]), place
        swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
        assert tokens.is_mistyped(swapped) or swapped == code
    for other in ("", code[:-1], code + "0", "код", "\0" * 18, "U" * 18):
        assert tokens.is_mistyped(other)


async def test_decision_20_a_code_may_be_typed_as_people_type(visitor: Client) -> None:
    code = await told(visitor)
    cyrillic = code.translate(str.maketrans("ABEKMHPCTXY", "АВЕКМНРСТХУ"))
    for typed in (
        code.lower(),
        code.replace("-", ""),
        code.replace("-", "  "),
        f" {code} ",
        cyrillic,
        code.replace("0", "o"),
    ):
        assert (await receipt(visitor, typed)).status_code == 200, typed


async def test_decision_20_the_code_is_shown_once_and_stored_as_a_fingerprint_only(
    visitor: Client, database: str, browser: Browser, region: Region
) -> None:
    code, incident, report = await incident_of(database, visitor)
    ((stored,),) = rows(database, "select code_blind from report_receipt where report_id = %s", report)
    assert stored == tokens.code_blind(region.organisations["school12"], code)
    assert len(stored) == 32
    aigerim = await browser(region.aigerim)
    for page in (f"/incidents/{incident}", "/messages", "/incidents", "/door"):
        assert code not in (await aigerim.page(page)).text
    entry = await visitor.page(DOOR)
    assert code not in entry.text


async def test_decision_20_the_application_cannot_list_whose_receipt_is_whose(visitor: Client, database: str) -> None:
    await told(visitor)
    url = process_settings().role_url("qorgan_app").replace("+psycopg", "")
    with psycopg.connect(url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select * from report_receipt")
    with psycopg.connect(url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select receipt_report('x')")  # without an organisation


async def test_s_12_unknown_foreign_and_other_codes_are_one_answer(
    visitor: Client, browser: Browser, region: Region, database: str
) -> None:
    _, door = await another_school(browser, region, database)
    foreign, unknown = await told(visitor, door=door), tokens.code_of(new_id().bytes)
    answers = [await receipt(visitor, code) for code in (foreign, unknown)]
    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "door.unknown_code"
    assert (await receipt(visitor, foreign, door=door)).status_code == 200
    mistyped = await receipt(visitor, "AAAAAA-AAAAAA-AAAAAA")
    assert (mistyped.status_code, mistyped.json()["code"]) == (422, "door.mistyped_code")
    assert foreign not in answers[0].text  # nothing echoed


async def test_r_057_the_receipt_shows_the_words_of_the_state_and_nothing_of_the_story(
    visitor: Client, browser: Browser, region: Region, database: str
) -> None:
    code, incident, _ = await incident_of(database, visitor)
    found = (await receipt(visitor, code)).json()["progress"]
    assert set(found) == {"id", "received_at", "state", "was_read", "questions"}
    assert (found["state"], found["was_read"], found["questions"]) == ("received", False, [])
    await (await browser(region.bota)).get(f"/incidents/{incident}")  # not of the team: nothing is read
    assert (await receipt(visitor, code)).json()["progress"]["was_read"] is False
    await (await browser(region.aigerim)).get(f"/incidents/{incident}")
    assert (await receipt(visitor, code)).json()["progress"]["was_read"] is True
    members = [str(region.aigerim.membership_id)]
    await act(browser, region.saule, region, incident, "screen", investigators=members)
    page = await visitor.post(f"{DOOR}/receipt?lang=en", data={"code": code}, headers=HTML)
    assert "Being checked" in page.text
    assert "The team has read it." in page.text
    assert TOLD.partition(":")[0] not in page.text


async def test_x8_the_team_asks_the_receipt_answers_and_the_team_is_told(
    visitor: Client, browser: Browser, region: Region, database: str
) -> None:
    code, incident, report = await incident_of(database, visitor)
    await asked(browser, region, incident, report)
    (question,) = (await receipt(visitor, code)).json()["progress"]["questions"]
    assert (question["text"], question["answered"]) == (QUESTION, False)
    await drain()
    before = rows(database, "select count(*) from notification where kind = 'report_answered'")[0][0]
    assert (await answered(visitor, code, ANSWER, question_id=question["id"])).status_code == 200
    assert (await answered(visitor, code, "Және тағы")).status_code == 200
    await drain()
    told_to = rows(database, "select membership_id from notification where kind = 'report_answered' order by ctid")
    assert {one for (one,) in told_to[before:]} == {
        p.membership_id for p in (region.saule, region.aigerim, region.gulnar)
    }
    opened = await receipt(visitor, code)
    assert opened.json()["progress"]["questions"][0]["answered"] is True
    assert "Жауапмаркер" not in opened.text  # whoever finds a receipt reads no story
    view = (await (await browser(region.gulnar)).get(f"/incidents/{incident}")).json()
    (text,) = view["reports"]
    assert [(one["kind"], one["unread"]) for one in text["said"]] == [
        ("question", False),
        ("answer", True),
        ("more", True),
    ]
    again = (await (await browser(region.gulnar)).get(f"/incidents/{incident}")).json()
    assert not any(one["unread"] for one in again["reports"][0]["said"])
    audit = "select actor_id, actor_sealed from audit_log where action = 'report.answered' and %s = any (record_ids)"
    assert rows(database, audit, incident) == [(None, None), (None, None)]


async def test_decision_15_a_new_answer_is_to_be_read_for_identities_again(
    visitor: Client, browser: Browser, region: Region, database: str
) -> None:
    code, incident, _ = await incident_of(database, visitor)
    aigerim = await browser(region.aigerim)
    assert (await act(browser, region.aigerim, region, incident, "read")).status_code == 303
    assert (await aigerim.get(f"/incidents/{incident}")).json()["identities_read_at"]
    assert (await answered(visitor, code, ANSWER)).status_code == 200
    assert (await aigerim.get(f"/incidents/{incident}")).json().get("identities_read_at") is None
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    marked = await act(browser, region.aigerim, region, incident, "mark", surface="Арман", stands_for=report)
    assert marked.status_code == 303, marked.text
    assert "Арман" not in (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["said"][0]["text"]


async def test_decision_20_without_the_code_nobody_answers(
    visitor: Client, browser: Browser, region: Region, database: str
) -> None:
    _, incident, report = await incident_of(database, visitor)
    other = await told(visitor)
    await asked(browser, region, incident, report)
    ((question,),) = rows(database, "select id from report_message where report_id = %s", report)
    assert (await answered(visitor, other, "x", question_id=str(question))).status_code == 404  # not of that report
    assert (await answered(visitor, tokens.code_of(b"nobody"), "x")).status_code == 422
    assert rows(database, "select count(*) from report_message where report_id = %s", report) == [(1,)]


async def test_a_double_click_makes_one_answer(visitor: Client, database: str) -> None:
    code, _, report = await incident_of(database, visitor)
    sent = {"number": await number_on(visitor, f"{DOOR}/receipt"), "code": code, "text": "екі рет"}
    answers = await asyncio.gather(*(visitor.post(f"{DOOR}/receipt/answer", json=sent) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert rows(database, "select count(*) from report_message where report_id = %s", report) == [(1,)]


async def test_a_refused_answer_keeps_what_was_typed(visitor: Client) -> None:
    code = await told(visitor)
    answer = await visitor.post(
        f"{DOOR}/receipt/answer", data={"number": "x", "code": code, "text": "қалады"}, headers=HTML
    )
    assert answer.status_code == 422
    assert ">қалады</textarea>" in answer.text
    assert f'name="code" value="{code}"' in answer.text
    empty = await visitor.post(f"{DOOR}/receipt/answer", data={"number": "x", "code": code, "text": ""}, headers=HTML)
    assert empty.status_code == 422


async def test_s_28_exactly_so_many_wrong_codes_are_looked_up_in_an_hour(
    visitor: Client, region: Region, database: str
) -> None:
    code = await told(visitor)
    forget_uses(database)
    await with_settings(region, receipt_tries_per_hour=5)
    for _ in range(3):
        assert (await receipt(visitor, code)).status_code == 200  # a right code costs nothing
    wrong = await asyncio.gather(*(receipt(visitor, tokens.code_of(bytes([n]))) for n in range(9)))
    found = sorted(answer.json()["code"] for answer in wrong)
    assert found == ["door.too_many_tries"] * 4 + ["door.unknown_code"] * 5
    page = await visitor.post(f"{DOOR}/receipt", data={"code": code}, headers=HTML)
    assert page.status_code == 429
    assert "tel:112" in page.text
    forget_uses(database)
    assert (await receipt(visitor, code)).status_code == 200


async def test_r_033_a_receipt_works_on_after_the_school_closed_its_address(
    visitor: Client, browser: Browser, region: Region
) -> None:
    code = await told(visitor)
    daulet = await browser(region.daulet)
    assert (await daulet.act("/door", {})).status_code == 303
    assert (await tell(visitor, "жабық")).status_code == 409
    assert (await receipt(visitor, code)).status_code == 200
    assert (await answered(visitor, code, "әлі де")).status_code == 200
