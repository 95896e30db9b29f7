"""X7: a child of a residential institution tells it at school: the commission hears at once, the institution never."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import ties as vault_ties
from tests.support.eyes import differing, seen_by
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import as_person, inside
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import drafted

TOLD = "Интернатмаркер: тәрбиеші ұрады дейді"
CLOCK = "clk_residential_forward"
LEFT = "select args, target_tenant from outbox where actor = 'notifications.residential_report'"


@pytest.fixture(scope="module")
async def institution(region: Region, database: str) -> list[Person]:
    """The children's home where the child lives: its director and an employee, who work with Qorgan."""
    async with inside(region.operator) as work:
        new = NewOrganisation(
            kind="residential_institution",
            code="balalar",
            slug="balalar",
            name_kk="Балалар үйі",
            name_ru="Д",
            name_en="Home",
        )
        home = await tenants.provision(work, new)
    return [await hire("erlan", home, (role,)) for role in ("residential_director", "residential_staff")]


async def clocks(browser: Browser, region: Region, incident: str) -> dict[str, str]:
    view = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    return {one["code"]: one["state"] for one in view["clocks"]}


async def told(browser: Browser, region: Region, **more: Any) -> str:
    calm = {"harmed": "no", "harm_danger": "no"}
    return await reported(browser, region, description=TOLD, residential_child=True, **calm | more)


def notified(database: str, kind: str, subject: object) -> set[UUID]:
    query = "select membership_id from notification where kind = %s and subject_id = %s and withdrawn_at is null"
    return {one for (one,) in rows(database, query, kind, subject)}


def held_by(database: str, tenant_id: UUID) -> dict[str, int]:
    """Every row of every table that an organisation could read: as its own, as the other side, as its next job."""
    query = (
        "select table_name, column_name from information_schema.columns where table_schema = 'public' "
        "and column_name in ('tenant_id', 'peer_tenant_id', 'target_tenant') and table_name not in ('audit_log', "
        "'audit_head', 'session', 'sent_form') and table_name not like 'pg_%%'"
    )
    found = {}
    with psycopg.connect(database) as admin:
        for table, column in admin.execute(query).fetchall():
            count = sql.SQL("select count(*) from {} where {} = %s").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            found[f"{table}.{column}"] = admin.execute(count, [tenant_id]).fetchone()[0]  # type: ignore[index]
    return found


async def test_x7_r_170_the_report_goes_to_the_director_then_to_the_commission_at_once(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 12, 14, tzinfo=LOCAL_ZONE))  # a Saturday: never moved
    incident = await told(browser, region)
    await drain()
    assert region.daulet.membership_id in notified(database, "residential_today", incident)
    view = (await (await browser(region.daulet)).get(f"/incidents/{incident}")).json()
    (due,) = [one["due_at"] for one in view["clocks"] if one["code"] == CLOCK]
    assert datetime.fromisoformat(due).astimezone(LOCAL_ZONE).isoformat()[:16] == "2026-12-12T23:59"
    assert view["steps"][0]["name"] == "forward"
    assert "waive_forwarding" not in view["may"]
    page = await (await browser(region.daulet)).page(f"/incidents/{incident}/steps/forward")
    assert page.status_code == 200
    waived = await act(browser, region.saule, region, incident, "waive", reason="x")
    assert waived.status_code == 409  # there is no way not to tell it
    teacher = await act(browser, region.marat, region, incident, "forward", targets=["commission"])
    assert teacher.status_code == 403
    before = len(rows(database, LEFT))
    done = await act(browser, region.daulet, region, incident, "forward", targets=["medical"])
    assert done.status_code == 303, done.text
    assert (await clocks(browser, region, incident))[CLOCK] == "met_in_time"
    left = rows(database, f"{LEFT} order by id")
    assert len(left) == before + 1
    assert left[-1] == ({"school": str(region.organisations["school12"])}, region.organisations["commission"])
    audited = "select detail from audit_log where action = 'incident.forwarded' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [({"to": "commission medical"},)]
    await drain()
    heard = (await (await browser(region.zhanna)).page("/messages")).text
    assert "№12 мектеп" in heard
    assert view["number"] not in heard
    assert incident not in heard
    again = await act(browser, region.daulet, region, incident, "forward", targets=["commission"])
    assert (again.status_code, again.json()["code"]) == (409, "incident.already_forwarded")
    assert dead_or_failed(database) == []
    set_clock(database, datetime.now(LOCAL_ZONE))


async def test_x7_r_169_an_implicated_director_is_skipped_and_the_coordinator_forwards(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, str(region.daulet.person_id), "alleged_offender", "employee")
    await drain()
    answers = {"harmed": False, "harm_danger": False, "residential_child": True}
    assert (await act(browser, region.aigerim, region, incident, "triage", **answers)).status_code == 303
    await drain()
    assert notified(database, "residential_today", incident) == {region.saule.membership_id}
    untold = {"harmed": False, "harm_danger": False}  # an unticked box takes nothing back
    assert (await act(browser, region.aigerim, region, incident, "triage", **untold)).status_code == 303
    assert (await clocks(browser, region, incident))[CLOCK] in ("open", "amber")
    assert (await act(browser, region.saule, region, incident, "forward", targets=["commission"])).status_code == 303
    assert (await clocks(browser, region, incident))[CLOCK] == "met_in_time"


async def test_x7_r_170_a_child_of_an_institution_who_is_known_later_is_made_known_again(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="yes")
    signs = {"harm_danger": True, "serious_signs": ["money_taken"]}
    assert (await act(browser, region.saule, region, incident, "triage", **signs)).status_code == 303
    assert (await act(browser, region.saule, region, incident, "forward", targets=["police"])).status_code == 303
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, incident, "screen", investigators=chosen)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "worsen", residential_child=True)).status_code == 303
    await drain()
    assert (await clocks(browser, region, incident))[CLOCK] in ("open", "amber")
    before = len(rows(database, LEFT))
    assert (await act(browser, region.saule, region, incident, "forward", targets=["commission"])).status_code == 303
    assert len(rows(database, LEFT)) == before + 1
    assert (await clocks(browser, region, incident))[CLOCK] == "met_in_time"


@pytest.mark.crawl
async def test_x7_r_170_r_171_nothing_of_it_reaches_the_institution_whichever_way_it_tries(
    browser: Browser, region: Region, database: str, institution: list[Person]
) -> None:
    home, never = institution[0].tenant_id, uuid4()
    before = [await seen_by(browser, one, never, pages=not number) for number, one in enumerate(institution)]
    empty = held_by(database, home)
    incident = await told(browser, region, place="residential_institution", harmed="yes")
    child = await student(region, "Тұрғынов", "Үйде")
    assert (await name(browser, region, incident, child, "victim")).status_code == 303
    answers = {"harmed": True, "sent_to_medical": "yes", "residential_child": True, "serious_signs": ["corporal_harm"]}
    assert (await act(browser, region.aigerim, region, incident, "triage", **answers)).status_code == 303
    await drain()
    done = await act(browser, region.daulet, region, incident, "forward", targets=["police"])
    assert done.status_code == 303, done.text
    await drain()
    after = [await seen_by(browser, one, incident, pages=not number) for number, one in enumerate(institution)]
    for one, (was, now) in zip(institution, zip(before, after, strict=True), strict=True):
        assert differing(was, now) == set(), one.roles
    assert held_by(database, home) == empty
    everything = "".join(text for routes_of in after for _, text in routes_of.values())
    number = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["number"]
    assert [word for word in (incident, number, "Интернатмаркер", "Тұрғынов", child) if word in everything] == []
    assert dead_or_failed(database) == []


async def test_x7_r_170_no_agreement_or_referral_makes_an_institution_a_partner(
    browser: Browser, region: Region, database: str, institution: list[Person]
) -> None:
    home = str(institution[0].tenant_id)
    answer = await drafted(browser, region, partner=home)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "partner")
    assert rows(database, "select 1 from agreement where peer_tenant_id = %s", home) == []


async def test_x7_r_170_whoever_stands_for_the_child_at_the_institution_is_told_nothing_by_the_school(
    browser: Browser, region: Region, database: str
) -> None:
    """An employee of the children's home has the account of a guardian of the school: Kamila's, of Alua."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, str(region.alua.person_id), "victim")
    other = await _other_family(browser, region, database, incident)
    assert (await _tell(browser, region, incident, "victim")).status_code == 303
    assert (await _tell(browser, region, incident, "witness")).status_code == 303
    guardian, mother = await browser(region.kamila), await browser(other)
    assert incident in (await guardian.get("/my-children")).text
    answers = {"harmed": False, "harm_danger": False, "residential_child": True}
    assert (await act(browser, region.aigerim, region, incident, "triage", **answers)).status_code == 303
    for client in (guardian, mother):  # nobody has said which child: it may be any
        assert incident not in (await client.get("/my-children")).text + (await client.page("/my-children")).text
        gone, never = [await client.get(f"/my-children/{one}") for one in (incident, uuid4())]
        assert (gone.status_code, gone.content) == (404, never.content)
    codes = await _children(browser, region, incident)
    aigerim = await browser(region.aigerim)
    for involvement, lives in (("victim", "yes"), ("witness", "no")):
        said = {"participation_id": codes[involvement], "residential": lives}
        assert (await aigerim.act(f"/incidents/{incident}/residence", said)).status_code == 303
    assert incident not in (await guardian.get("/my-children")).text
    assert incident in (await mother.get("/my-children")).text
    refused = await _tell(browser, region, incident, "victim")
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.nothing_goes_back")
    for whom, status in (("parents", 422), ("other_representative", 422), ("guardianship_body", 303)):
        noted = {"participation_id": codes["victim"], "informed": whom}
        assert (await aigerim.act(f"/incidents/{incident}/parents", noted)).status_code == status, whom
    noted = {"participation_id": codes["witness"], "informed": "parents"}
    assert (await aigerim.act(f"/incidents/{incident}/parents", noted)).status_code == 303
    audited = "select count(*) from audit_log where action = 'incident.residence_noted' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(2,)]
    said = {"participation_id": codes["victim"], "residential": "no"}
    assert (await (await browser(region.marat)).act(f"/incidents/{incident}/residence", said)).status_code == 403


async def test_x7_r_170_a_first_child_who_is_said_to_live_in_an_institution_starts_the_clock(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, await student(region, "Кейінов", "Бала"), "victim")
    assert CLOCK not in await clocks(browser, region, incident)
    said = {"participation_id": (await _children(browser, region, incident))["victim"], "residential": "yes"}
    assert (await (await browser(region.aigerim)).act(f"/incidents/{incident}/residence", said)).status_code == 303
    await drain()
    assert (await clocks(browser, region, incident))[CLOCK] in ("open", "amber")
    assert region.daulet.membership_id in notified(database, "residential_today", incident)


async def _children(browser: Browser, region: Region, incident: str) -> dict[str, str]:
    page = (await (await browser(region.aigerim)).get(f"/incidents/{incident}/parents")).json()
    return {one["involvement"]: one["participation_id"] for one in page["children"]}


async def _tell(browser: Browser, region: Region, incident: str, involvement: str) -> Any:
    who = (await _children(browser, region, incident))[involvement]
    client = await browser(region.aigerim)
    page = (await client.get(f"/incidents/{incident}/tell-parents")).json()
    known = next(one["version"] for one in page["children"] if one["participation_id"] == who)
    return await client.act(f"/incidents/{incident}/tell-parents", {"participation_id": who, "version": known})


async def _other_family(browser: Browser, region: Region, database: str, incident: str) -> Person:
    """Another child of the incident, with a mother who has an account."""
    child = await student(region, "Отбасынов", "Бала")
    assert (await name(browser, region, incident, child, "witness")).status_code == 303
    mother = await hire("kamila", region.organisations["school12"], ("parent",))
    async with as_person(region.aigerim) as work:
        await vault_ties.tie(work, UUID(child), mother.person_id, "mother")
    return mother
