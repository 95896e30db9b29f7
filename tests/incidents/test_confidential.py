"""What stays with the team: files at rest, papers, messages of those outside, a task without its incident (rules.md 3)."""

import io
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from src.platform.forms import registry
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support import files
from tests.support.http import HTML, Browser
from tests.support.incidents import act, name, reported, rows
from tests.support.inside import as_person
from tests.support.months import decided
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain

CALM = {"harmed": "no", "harm_danger": "no"}
NAMES = ("Зейнекенова", "Шахризада", "Балтабекұлы", "Нұрсерік")
TOLD = "Жасырынмаркер: дәлізде итерді"
TASK = "Бірінші қатардағы екі баланы бөлек отырғызыңыз"


@pytest.fixture(scope="module")
async def incident(region: Region, browser: Browser) -> str:
    """An incident with a file that went the whole way, with two children whose names nobody else bears."""
    async with as_person(region.aigerim) as work:
        people = [Identity(family_name=NAMES[i], given_name=NAMES[i + 1]) for i in (0, 2)]
        victim, offender = await vault.add_people(work, "student", people)
    found = await reported(browser, region, **CALM, description=TOLD)
    aigerim = await browser(region.aigerim)
    report = (await aigerim.get(f"/incidents/{found}")).json()["reports"][0]["id"]
    attached = await files.sent(aigerim, found, files.photo(), about=f"report:{report}")
    assert attached.status_code == 303, attached.text
    sides = [(str(victim), "victim"), (str(offender), "alleged_offender")]
    await decided(
        browser,
        region,
        found,
        sides,
        dict.fromkeys(("victim", "alleged_offender"), "at_risk"),
        held_at="2026-11-20T16:00",
    )
    return found


@pytest.fixture(scope="module")
async def outsiders(region: Region) -> dict[str, Person]:
    """A team member of another school, and a pedagogue of this one without a duty in any incident."""
    here, elsewhere = region.organisations["school12"], region.organisations["school45"]
    return {
        "foreign": await hire("gulnar", elsewhere, ("team_member",)),
        "without duty": await hire("erlan", here, ("social_pedagogue",)),
    }


async def test_r_073_files_are_sealed_at_rest_and_open_with_the_incident_alone(
    region: Region, browser: Browser, database: str, incident: str, outsiders: dict[str, Person]
) -> None:
    (file,) = rows(database, "select id, original, served from attachment where subject_id = %s", incident)
    stored = rows(database, "select content from attachment_part where stored_as = any(%s)", [file[1], file[2]])
    bytes_at_rest = b"".join(bytes(content) for (content,) in stored)
    assert len(bytes_at_rest) > 100
    assert b"JFIF" not in bytes_at_rest
    assert files.photo()[:32] not in bytes_at_rest
    texts = rows(database, "select description, who from report where incident_id = %s", incident)
    assert "Жасырынмаркер".encode() not in b"".join(bytes(one) for row in texts for one in row if one)
    path = f"/incidents/{incident}/files/{file[0]}/open"
    opened = await (await browser(region.aigerim)).act(path)
    assert opened.status_code == 200
    assert b"JFIF" in opened.content[:32]
    for person in outsiders.values():
        client = await browser(person)
        answers = [await client.act(one) for one in (path, path.replace(str(file[0]), str(new_id())))]
        assert [one.status_code for one in answers] == [404, 404], person.name
        assert answers[0].content == answers[1].content
    assert (await (await browser(region.marat)).act(path)).status_code == 403
    row = "select count(*) from audit_log where action = 'incident.file_opened' and %s = any (record_ids)"
    assert rows(database, row, file[0]) == [(1,)]


async def test_r_255_form_d_leaves_with_the_team_alone_marked_and_recorded(
    region: Region, browser: Browser, database: str, incident: str, outsiders: dict[str, Person]
) -> None:
    path, taken = (
        f"/incidents/{incident}/form-d",
        "select actor_id from audit_log where action = 'incident.printed' and %s = any (record_ids)",
    )
    before = len(rows(database, taken, incident))
    for person in outsiders.values():
        assert (await (await browser(person)).act(path, {"language": "kk"})).status_code == 404
    for person in (region.marat, region.alua, region.kamila, region.zhanna, region.timur, region.asel, region.oleg):
        assert (await (await browser(person)).act(path, {"language": "kk"})).status_code == 403, person.name
    assert len(rows(database, taken, incident)) == before
    paper = await (await browser(region.saule)).act(path, {"language": "kk"}, html=True)
    pages = PdfReader(io.BytesIO(paper.content)).pages
    assert all("Saparova Saule" in page.extract_text() for page in pages)
    assert rows(database, taken, incident)[before:] == [(region.saule.user_id,)]


async def test_r_241_ids_of_another_school_do_not_exist(
    region: Region, browser: Browser, database: str, incident: str, outsiders: dict[str, Person]
) -> None:
    """The same answer, byte for byte, as for an id of nothing; and the list of the other school is empty."""
    await drain()
    foreign = await browser(outsiders["foreign"])
    case = rows(database, "select id from child_case where incident_id = %s", incident)[0][0]
    person = rows(database, "select id from participation where incident_id = %s", incident)[0][0]
    for path in ("/incidents/{}", "/incidents/{}/chronology", "/incidents/{}/protection", "/access/who/incidents/{}"):
        answers = [await foreign.get(path.format(one)) for one in (incident, new_id())]
        assert [one.status_code for one in answers] == [404, 404], path
        assert answers[0].content == answers[1].content, path
    assert [(await foreign.get(f"/cases/{one}")).status_code for one in (case, new_id())] == [404, 404]
    for verb, body in (
        ("close", {"version": 1}),
        ("people", {"person_id": str(person), "involvement": "victim", "kind": "student"}),
    ):
        assert (await foreign.act(f"/incidents/{incident}/{verb}", body)).status_code in (403, 404), verb
    assert (await foreign.get("/incidents")).json()["rows"] == []
    number = rows(database, "select number from incident where id = %s", incident)[0][0]
    assert (await foreign.get(f"/incidents?code={number}")).json()["rows"] == []


@pytest.mark.parametrize("role", ["qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight"])
@pytest.mark.parametrize("change", ["update audit_log set action = 'x'", "delete from audit_log", "truncate audit_log"])
async def test_r_243_no_role_of_a_process_changes_the_audit_log(incident: str, role: str, change: str) -> None:
    url = settings().role_url(role).replace("+psycopg", "")
    with psycopg.connect(url) as process, pytest.raises(psycopg.errors.InsufficientPrivilege):
        process.execute(change)  # type: ignore[call-overload]


async def codes_of(browser: Browser, region: Region, incident: str) -> list[str]:
    people = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    return [one["code"] for one in people]


async def test_r_074_no_message_outside_the_team_tells_who_took_part_and_a_task_comes_without_its_incident(
    region: Region, browser: Browser, database: str, incident: str
) -> None:
    saule, marat, bota = [await browser(p) for p in (region.saule, region.marat, region.bota)]
    number = rows(database, "select number from incident where id = %s", incident)[0][0]
    page, path = f"/incidents/{incident}/protection", "/my-tasks"
    whom = {"membership_id": str(region.marat.membership_id), "instruction": TASK}
    unread = await saule.act(page, whom)
    assert (unread.status_code, unread.json()["fields"][0]["code"]) == (422, "not_read")
    assert (await marat.act(page, {**whom, "read": True})).status_code == 403
    asked = await saule.act(page, {**whom, "read": True})
    assert asked.status_code == 303, asked.text
    action = "select count(*) from audit_log where action = 'incident.protection_asked' and %s = any (record_ids)"
    assert rows(database, action, incident) == [(1,)]
    await drain()
    (case,) = rows(database, "select id, version from child_case where incident_id = %s and side = 'victim'", incident)
    manager = {"version": case[1], "manager": str(region.aigerim.membership_id)}
    assert (await saule.act(f"/cases/{case[0]}/manager", manager)).status_code == 303
    closed = await act(browser, region.saule, region, incident, "close")
    assert closed.status_code == 303, closed.text
    reopened = await act(browser, region.saule, region, incident, "reopen", reason="жаңа дерек")
    assert reopened.status_code == 303, reopened.text
    await drain()
    assert dead_or_failed(database) == []
    hidden = [*NAMES, *(await codes_of(browser, region, incident)), incident, number, "Жасырынмаркер"]
    for client in (marat, bota):
        for headers in ({}, HTML):
            for address in ("/messages", path, "/"):
                seen = (await client.get(address, headers=headers)).text
                assert not any(mark in seen for mark in hidden), address
    outside = [p.membership_id for p in (region.marat, region.bota)]
    told = rows(database, "select kind, subject_id::text from notification where membership_id = any(%s)", outside)
    assert "protective_task" in {kind for kind, _ in told}
    assert incident not in {subject for _, subject in told}
    (task,) = (await marat.get(path)).json()["rows"]
    assert set(task) == {"id", "instruction", "given_at", "done_at", "version"}
    assert task["instruction"] == TASK
    assert (await bota.get(path)).json()["rows"] == []
    assert TASK.encode() not in bytes(rows(database, "select instruction from protective_task")[0][0])
    stranger = await bota.act(f"/my-tasks/{task['id']}/done", {"version": 1})
    assert stranger.status_code == 404
    assert (await marat.act(f"/my-tasks/{task['id']}/done", {"version": 1})).status_code == 303
    assert (await marat.act(f"/my-tasks/{task['id']}/done", {"version": 1})).status_code == 409
    (given,) = (await saule.get(page)).json()["given"]
    assert (given["instruction"], given["done_at"] is not None) == (TASK, True)


async def test_r_074_r_064_who_is_close_to_the_matter_is_not_asked_and_loses_the_task(
    region: Region, browser: Browser, database: str
) -> None:
    found, saule, bota = (
        await reported(browser, region, **CALM),
        await browser(region.saule),
        await browser(region.bota),
    )
    page = f"/incidents/{found}/protection"
    body = {"membership_id": str(region.bota.membership_id), "instruction": "Үзілісте қасында болыңыз", "read": True}
    assert (await saule.act(page, body)).status_code == 303
    listed = [one["instruction"] for one in (await bota.get("/my-tasks")).json()["rows"]]
    assert "Үзілісте қасында болыңыз" in listed
    await name(browser, region, found, str(region.bota.person_id), "alleged_offender", "employee")
    listed = [one["instruction"] for one in (await bota.get("/my-tasks")).json()["rows"]]
    assert "Үзілісте қасында болыңыз" not in listed
    refused = await saule.act(page, body)
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "in_conflict")


async def test_r_251_r_252_violence_has_eight_kinds_and_a_child_may_stand_on_both_sides(
    region: Region, browser: Browser
) -> None:
    kinds, roles = registry.options("violence_type").keys, registry.options("child_role").keys
    assert len(kinds) == 8
    assert "peer_bullying" in kinds
    assert registry.options("bullying_subtype").keys == {"verbal", "social", "physical_bullying"}
    direct = {"role_perpetrator", "role_victim"}
    assert (len(roles), len(roles - direct)) == (6, 4)
    found = await reported(browser, region, **CALM)
    answers: dict[str, Any] = {**CALM, "place": "canteen", "repetition": "isolated", "problem_behaviours": ["fighting"]}
    ninth = await act(browser, region.saule, region, found, "triage", **answers, violence_types=["insult"])
    assert ninth.status_code == 422
    every = await act(browser, region.saule, region, found, "triage", **answers, violence_types=sorted(kinds))
    assert every.status_code == 303, every.text
    async with as_person(region.aigerim) as work:
        child = await vault.add_person(work, "student", Identity(family_name="Екіжақов", given_name="Санжар"))
    assert (await name(browser, region, found, str(child), "both")).status_code == 303
    (person,) = (await (await browser(region.saule)).get(f"/incidents/{found}")).json()["people"]
    assert person["involvement"] == "both"
