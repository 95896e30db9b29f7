"""The commission's comprehensive assessment (Form L): who writes it, who closes it, and who never sees it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.people import Person, Region, hire
from tests.support.queue import drain, set_clock
from tests.support.referrals import HELP, managed_case, referred

SECRET = "Бағалаумаркер: анасы жалғыз тәрбиелейді"
ANSWERS: dict[str, Any] = {
    "people-0-name": "Қырғауылова Сәуле",
    "people-0-age": "38",
    "period": "2-20 ақпан",
    "responsible": "Куратор",
} | dict.fromkeys(
    (
        "family_history",
        "health_development",
        "parental_care",
        "environment",
        "strengths_weaknesses",
        "risks",
        "consequences",
        "effect_on_parents",
        "parents_ability",
        "change_ability",
        "help_needed",
        "recommendations",
    ),
    SECRET,
)


@pytest.fixture(scope="module")
async def curator(region: Region) -> Person:
    return await hire("gulnar", region.organisations["commission"], ("curator",))


@pytest.fixture(scope="module")
async def other_curator(region: Region) -> Person:
    return await hire("bota", region.organisations["commission"], ("curator",))


@pytest.fixture
async def request_of(browser: Browser, region: Region, database: str) -> str:
    """A request that the commission has accepted; its address at the commission."""
    case = await managed_case(browser, region, database)
    sent = await referred(browser, region, case, partner=str(region.organisations["commission"]), **HELP)
    assert sent.status_code == 303, sent.text
    await drain()
    zhanna = await browser(region.zhanna)
    path: str = sent.headers["location"]
    assert (await zhanna.act(f"{path}/accept", {"version": 1})).status_code == 303
    return path


async def opened(browser: Browser, region: Region, request_of: str, curator: Person) -> str:
    chosen = {"membership_id": str(curator.membership_id)}
    done = await (await browser(region.zhanna)).act(f"{request_of}/assessment", chosen)
    assert done.status_code == 303, done.text
    path: str = done.headers["location"]
    return path


async def version_of(client: Client, path: str) -> int:
    found: int = (await client.get(path)).json()["version"]
    return found


async def closed(client: Client, path: str) -> None:
    assert (await client.act(path, {"version": 1, **ANSWERS})).status_code == 303
    done = await client.act(f"{path}/close", {"version": 2, "family_answer": "signed"})
    assert done.status_code == 303, done.text


async def test_r_072_the_report_is_read_by_its_curator_and_the_secretary_and_by_no_other_account(
    browser: Browser, region: Region, database: str, request_of: str, curator: Person, other_curator: Person
) -> None:
    path = await opened(browser, region, request_of, curator)
    writer = await browser(curator)
    assert (await writer.act(path, {"version": 1, **ANSWERS})).status_code == 303
    for reader in (writer, await browser(region.zhanna)):
        assert SECRET in (await reader.get(path)).text
    read = rows(
        database, "select detail from audit_log where action = 'assessment.read' and record_ids[1] = %s", path[-36:]
    )
    assert len(read) == 2
    stranger = await browser(other_curator)
    hidden, unknown = await stranger.get(path), await stranger.get(f"/assessments/{new_id()}")
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    for person in region.people.values():
        if person is not region.zhanna:
            assert (await (await browser(person)).get(path)).status_code == 403, person.name
    assert rows(
        database, "select position(%s::bytea in content) from assessment where id = %s", SECRET.encode(), path[-36:]
    ) == [(0,)]


async def test_r_072_an_organisation_that_supports_the_family_opens_the_copy_that_it_was_given(
    browser: Browser, region: Region, database: str, request_of: str, curator: Person
) -> None:
    path = await opened(browser, region, request_of, curator)
    writer, timur = await browser(curator), await browser(region.timur)
    to = {"organisation": str(region.organisations["umit"]), "read_for_identities": True}
    early = await writer.act(f"{path}/give", to)
    assert (early.status_code, early.json()["code"]) == (409, "assessment.not_closed")
    await closed(writer, path)
    unread = await writer.act(f"{path}/give", {"organisation": to["organisation"]})
    assert unread.json()["fields"][0]["field"] == "read_for_identities"
    school = await writer.act(f"{path}/give", {**to, "organisation": str(region.organisations["school45"])})
    assert school.json()["fields"][0]["code"] == "not_a_supporter"
    assert (await (await browser(region.zhanna)).act(f"{path}/give", to)).status_code == 403
    assert (await writer.act(f"{path}/give", to)).status_code == 303
    again = await writer.act(f"{path}/give", to)
    assert (again.status_code, again.json()["code"]) == (409, "assessment.already_given")
    await drain()
    (row,) = (await timur.get("/assessment-copies")).json()["rows"]
    assert SECRET in (await timur.get(f"/assessment-copies/{row['id']}")).text
    assert "assessment_given" in (await timur.get("/messages")).text
    assert rows(
        database,
        "select count(*) from audit_log where action = 'assessment_copy.read' and record_ids[1] = %s",
        row["id"],
    ) == [(1,)]
    assert rows(
        database,
        "select target_tenant from outbox where actor = 'commission.copy_given' and args ->> 'copy' = %s",
        row["id"],
    ) == [(region.organisations["umit"],)]
    assert (await (await browser(region.asel)).get(f"/assessment-copies/{row['id']}")).status_code == 403
    assert (await writer.get(path)).json()["given_to"] == ["«Үміт» ҚҚ"]


async def test_r_156_only_a_curator_of_the_commission_is_appointed_and_only_for_an_accepted_request(
    browser: Browser, region: Region, database: str, curator: Person
) -> None:
    case = await managed_case(browser, region, database)
    sent = await referred(browser, region, case, partner=str(region.organisations["commission"]), **HELP)
    zhanna = await browser(region.zhanna)
    path, chosen = f"{sent.headers['location']}/assessment", {"membership_id": str(curator.membership_id)}
    early = await zhanna.act(path, chosen)
    assert (early.status_code, early.json()["code"]) == (409, "assessment.no_case")
    page = await zhanna.page(path)
    assert (page.status_code, "Ganieva" in page.text) == (200, True)
    await zhanna.act(f"{sent.headers['location']}/accept", {"version": 1})
    wrong = await zhanna.act(path, {"membership_id": str(region.zhanna.membership_id)})
    assert wrong.json()["fields"] == [
        {"field": "membership_id", "code": "not_a_curator", "message": wrong.json()["fields"][0]["message"]}
    ]
    assert (await (await browser(curator)).act(path, chosen)).status_code == 403
    assert (await zhanna.act(path, chosen)).status_code == 303
    again = await zhanna.act(path, chosen)
    assert (again.status_code, again.json()["code"]) == (409, "assessment.already_opened")
    assert (await (await browser(curator)).get(sent.headers["location"])).status_code == 200


async def test_r_159_the_assessment_is_due_in_three_weeks_and_met_by_closing(
    browser: Browser, region: Region, database: str, request_of: str, curator: Person
) -> None:
    set_clock(database, datetime(2026, 12, 12, 6, tzinfo=UTC))
    path = await opened(browser, region, request_of, curator)
    term = "select (due_at at time zone 'Asia/Almaty')::text, met_at is not null from obligation where code = 'clk_commission_assessment' and subject_id = %s"
    assert rows(database, term, path[-36:]) == [("2027-01-05 23:59:59", False)]  # calendar.md §6
    await closed(await browser(curator), path)
    assert rows(database, term, path[-36:])[0][1]


async def test_r_160_it_closes_complete_and_with_the_familys_signature_or_a_note_why_not(
    browser: Browser, region: Region, request_of: str, curator: Person
) -> None:
    path = await opened(browser, region, request_of, curator)
    writer = await browser(curator)
    some = {key: value for key, value in ANSWERS.items() if key != "risks"}
    assert (await writer.act(path, {"version": 1, **some})).status_code == 303
    missing = await writer.act(f"{path}/close", {"version": 2, "family_answer": "signed"})
    assert [one["field"] for one in missing.json()["fields"]] == ["risks"]
    assert (await writer.act(path, {"version": 2, **ANSWERS})).status_code == 303
    assert (await writer.act(path, {"version": 2, **ANSWERS})).status_code == 409
    for body, field in (({}, "family_answer"), ({"family_answer": "refused"}, "family_comment")):
        answer = await writer.act(f"{path}/close", {"version": 3, **body})
        assert [one["field"] for one in answer.json()["fields"]] == [field]
    refused = {"version": 3, "family_answer": "refused", "family_comment": "Келіспейді"}
    assert (await writer.act(f"{path}/close", refused)).status_code == 303
    late = await writer.act(path, {"version": 4, **ANSWERS})
    assert (late.status_code, late.json()["code"]) == (409, "assessment.closed")
    assert "Келіспейді" in (await writer.page(path)).text
    assert await version_of(writer, path) == 4
