"""What a parent is told: of the own child only, after the team told it, and nothing where the parent is accused."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.families import audited, child, class_of, come_in, given_to, slips_of
from tests.support.http import Browser, Client
from tests.support.incidents import name, reported, rows, student
from tests.support.inside import as_person
from tests.support.people import Region

MEASURES = "Балаңызбен әлеуметтік педагог күн сайын сөйлеседі"


async def happened(browser: Browser, region: Region, *, other: str = "Басқабаев", given: str = "Бөтен") -> str:
    """An incident between Alua and another child."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, str(region.alua.person_id), "victim")
    await name(browser, region, incident, await student(region, other, given), "alleged_offender")
    return incident


async def tell(browser: Browser, region: Region, incident: str, involvement: str = "victim", **more: Any) -> Any:
    saule = await browser(region.saule)
    people = (await saule.get(f"/incidents/{incident}")).json()["people"]
    who = next(one["id"] for one in people if one["involvement"] == involvement)
    page = (await saule.get(f"/incidents/{incident}/tell-parents")).json()
    version = next(one["version"] for one in page["children"] if one["participation_id"] == who)
    body = {"participation_id": who, "version": version, "measures": MEASURES, "read": True}
    return await saule.act(f"/incidents/{incident}/tell-parents", body | more)


async def ids(client: Client) -> set[str]:
    page = (await client.get("/my-children")).json()
    return {one["id"] for row in page["children"] for one in row["told"]}


async def test_r_062_a_parent_sees_the_own_child_and_nothing_of_another(
    browser: Browser, region: Region, database: str
) -> None:
    incident, kamila = await happened(browser, region), await browser(region.kamila)
    assert incident not in await ids(kamila)  # before the team told it there is nothing
    unknown = await kamila.get(f"/my-children/{uuid4()}")
    early = await kamila.get(f"/my-children/{incident}")
    assert (early.status_code, early.content) == (404, unknown.content)
    assert (await tell(browser, region, incident)).status_code == 303
    assert incident in await ids(kamila)
    read = len(audited(database, "incident.followed"))
    page = await kamila.get(f"/my-children/{incident}")
    assert set(page.json()) == {"told_at", "state", "children", "contacts", "emergency_numbers"}
    assert page.json()["children"] == [{"name": "Alibekova Alua", "measures": MEASURES}]
    assert page.json()["state"] == "received"
    view = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    html = (await kamila.page(f"/my-children/{incident}")).text
    hidden = [view["number"], *(one["code"] for one in view["people"]), "Басқабаев", "Бөтен", "Қанатбеков", "дәлізде"]
    assert [word for word in hidden if word in page.text + html] == []
    (record, classes, _), *more = audited(database, "incident.followed")[read:]
    assert [str(one) for one in record] == [incident]
    assert set(classes) == {"case-sensitive", "identity-victim", "identity-offender"}
    assert len(more) == 1  # one row a reading
    (told, _, _) = audited(database, "incident.parents_told")[-1]
    assert incident in [str(one) for one in told]
    assert rows(
        database,
        "select count(*) from outbox where args::text like %s and actor like %s",
        f"%{region.kamila.membership_id}%",
        "%",
    ) == [(0,)]


async def test_r_062_a_parent_of_another_child_sees_nothing(browser: Browser, region: Region, database: str) -> None:
    address = await class_of(
        browser,
        region,
        database,
        "5А",
        child(51, "5А"),
        child(52, "5А", given="Әсем", guardian="Бөтенова Гүл", phone="+77010000052"),
    )
    slips = await given_to(browser, region, address)
    stranger = await come_in(browser, slips["Бөтенова Гүл"])
    incident = await happened(browser, region)
    await tell(browser, region, incident)
    answers = [await stranger.get(f"/my-children/{one}") for one in (incident, uuid4())]
    assert {one.status_code for one in answers} == {404}
    assert answers[0].content == answers[1].content
    assert await ids(stranger) == set()
    assert (await (await browser(region.alua)).get(f"/my-children/{incident}")).status_code == 403


async def test_r_261_an_accused_parent_gets_404_and_no_message_and_the_other_parent_goes_on(
    browser: Browser, region: Region, database: str
) -> None:
    father, accused = await _father(browser, region, database)
    incident, kamila = await happened(browser, region), await browser(region.kamila)
    await tell(browser, region, incident)
    assert incident in await ids(father)
    before = await father.page("/my-children")
    named = await name(browser, region, incident, accused, "alleged_offender", "other_adult")
    assert named.status_code == 303, named.text
    answers = [await father.get(f"/my-children/{one}") for one in (incident, uuid4())]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers.keys() == answers[1].headers.keys()
    assert incident not in await ids(father)
    assert incident in before.text
    assert incident not in (await father.page("/my-children")).text + (await father.page("/start")).text
    await tell(browser, region, incident, measures="", read=False)  # told once more: nothing reaches the accused
    assert incident not in await ids(father)
    assert incident in await ids(kamila)
    to_families = (
        "select count(*) from notification n join membership m on (m.tenant_id, m.id) = (n.tenant_id, n.membership_id)"
    )
    assert rows(database, f"{to_families} where m.family")[0][0] == 0
    found = await (await browser(region.aigerim)).act(f"/incidents/{incident}/search", {"text": "Әкебаев"})
    assert [one["kind"] for one in found.json()["found"]] == ["guardian"]  # a parent can be named at all


async def test_s_23_a_new_code_of_a_parent_does_not_open_what_was_told_before(
    browser: Browser, region: Region, database: str
) -> None:
    address = await class_of(
        browser, region, database, "5В", child(55, "5В", guardian="Кодова Ана", phone="+77010000055")
    )
    parent = await come_in(browser, (await given_to(browser, region, address))["Кодова Ана"])
    person = rows(
        database,
        "select person_id from enrolment e join school_class c on c.id = e.class_id where grade = 5 and letter = 'В'",
    )[0][0]
    incident = await reported(browser, region)
    await name(browser, region, incident, str(person), "victim")
    await tell(browser, region, incident)
    assert incident in await ids(parent)
    accounts = (await (await browser(region.bota)).get(f"{address}/accounts")).json()
    adult = accounts["rows"][0]["adults"][0]["person_id"]
    fresh = await come_in(
        browser, slips_of(await (await browser(region.bota)).act(f"{address}/accounts/{adult}/renew"))["Кодова Ана"]
    )
    assert await ids(fresh) == set()
    assert (await fresh.get(f"/my-children/{incident}")).status_code == 404
    await tell(browser, region, incident)
    assert incident in await ids(fresh)


@pytest.mark.parametrize(
    ("measures", "complained"),
    [
        ("Басқабаевпен бөлек отырады", True),
        ("БӨТЕНДІ басқа сыныпқа ауыстырдық", True),
        ("Муратов мырза байқады, Muratovқа айттық", True),  # who reported
        ("Алуамен күн сайын сөйлесеміз", False),
        ("Alua бөлек отырады", False),  # the own child may be named
    ],
)
async def test_r_062_a_text_for_parents_that_names_somebody_else_is_stopped(
    browser: Browser, region: Region, measures: str, complained: bool
) -> None:
    incident = await happened(browser, region)
    answer = await tell(browser, region, incident, measures=measures)
    assert answer.status_code == (422 if complained else 303), answer.text
    if complained:
        assert [one["field"] for one in answer.json()["fields"]] == ["sure"]
        assert measures not in answer.text
        assert (await tell(browser, region, incident, measures=measures, sure=True)).status_code == 303


async def test_a_text_that_nobody_read_for_identities_does_not_leave(browser: Browser, region: Region) -> None:
    incident = await happened(browser, region)
    answer = await tell(browser, region, incident, read=False)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "read")
    assert incident not in await ids(await browser(region.kamila))


async def test_only_the_team_tells_parents_and_nobody_who_is_in_conflict(browser: Browser, region: Region) -> None:
    incident = await happened(browser, region)
    page = f"/incidents/{incident}/tell-parents"
    for who, status in ((region.daulet, 403), (region.marat, 403), (region.kamila, 403), (region.aigerim, 200)):
        assert (await (await browser(who)).get(page)).status_code == status, who.name
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    gulnar = await browser(region.gulnar)
    assert (await gulnar.get(page)).status_code == 404
    assert (await gulnar.act(page, {"participation_id": str(uuid4()), "version": 0})).status_code == 404


async def test_two_members_who_tell_at_once_lose_no_text(browser: Browser, region: Region) -> None:
    incident = await happened(browser, region)
    assert (await tell(browser, region, incident)).status_code == 303
    late = await tell(browser, region, incident, version=0, measures="басқа мәтін")
    assert (late.status_code, late.json()["code"]) == (409, "stale_version")
    wrong = await tell(browser, region, incident, participation_id=str(uuid4()))
    assert wrong.status_code == 404


async def _father(browser: Browser, region: Region, database: str) -> tuple[Client, str]:
    """Alua's father with an account, by a paper of her class; and who he is."""
    father = Identity(family_name="Әкебаев", given_name="Болат", phone="+77010000099")
    address = await class_of(browser, region, database, "5Б", child(59, "5Б"))
    async with as_person(region.aigerim) as work:
        adult = await vault.add_person(work, "guardian", father)
        await vault_ties.tie(work, region.alua.person_id, adult, "father")
    _enrol(database, region, address)
    return await come_in(browser, (await given_to(browser, region, address))["Әкебаев Болат"]), str(adult)


def _enrol(database: str, region: Region, address: str) -> None:
    with psycopg.connect(database) as admin:
        admin.execute(
            "insert into enrolment (tenant_id, id, person_id, class_id, started_on) "
            "values (%s, gen_random_uuid(), %s, %s, current_date)",
            (region.alua.tenant_id, region.alua.person_id, address.rpartition("/")[2]),
        )
