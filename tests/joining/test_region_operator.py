"""The region operator's pages and the command line: organisations get their first person by invitation, districts."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import ProgrammingError

from src.platform.kit.ids import new_id
from tests.support.commands import qorgan
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.joining import audited, come_in, organisation
from tests.support.people import Region

NAMES = {"name_kk": "Наурыз", "name_ru": "Наурызбай", "name_en": "Nauryzbay"}


def id_of(database: str, code: str) -> UUID:
    found: UUID = rows(database, "select id from tenants where code = %s", code)[0][0]
    return found


async def test_a_new_organisation_gets_its_head_by_invitation(browser: Browser, region: Region, database: str) -> None:
    made = await organisation(browser, region, "commission")
    where = id_of(database, made["org"])
    assert made["roles"] == ["commission_secretary"]
    head, answer = await come_in(browser, made["code"])
    assert answer.status_code == 303
    listed = (await head.get("/members")).json()
    assert [row["roles"] for row in listed["members"]] == [["commission_secretary"]]
    in_operator = "select tenant_id from audit_log where action = 'invitation.made' and %s = any (record_ids)"
    assert {tenant for (tenant,) in rows(database, in_operator, made["invitation_id"])} == {region.operator, where}
    assert audited(database, "tenant.created", where) >= 1


@pytest.mark.parametrize("who", ["daulet", "asel", "timur", "saule"])
async def test_nobody_else_keeps_organisations_and_districts(
    browser: Browser, region: Region, database: str, who: str
) -> None:
    client, made = await browser(getattr(region, who)), await organisation(browser, region)
    where = id_of(database, made["org"])
    before = rows(database, "select count(*) from tenants")
    verbs = (
        ("/organisations", {"kind": "school", "code": "zzz", "slug": "zzz", **NAMES}),
        (f"/organisations/{where}/invite", {}),
        (f"/organisations/{where}/suspend", {"version": 1}),
        (f"/organisations/{where}/resume", {"version": 1}),
        ("/districts", NAMES),
        (f"/districts/{new_id()}", {"version": 1, **NAMES}),
    )
    for path, body in verbs:
        assert (await client.act(path, body)).status_code == 403, path
    for path in ("/organisations", f"/organisations/{where}", "/districts"):
        assert (await client.get(path)).status_code == 403, path
    assert rows(database, "select count(*) from tenants") == before
    assert (await come_in(browser, made["code"]))[1].status_code == 303  # still the one open invitation


async def test_s_2_the_database_lets_no_other_organisation_invite_a_first_person(
    browser: Browser, region: Region, database: str
) -> None:
    where = id_of(database, (await organisation(browser, region))["org"])
    with pytest.raises(ProgrammingError, match="only the region operator invites"):
        async with inside(region.organisations["school12"]) as work:
            await (await work.session.connection()).exec_driver_sql(
                "select invite_first(%(tenant)s, %(id)s, '\\x00', '{school_director}', now(), now())",
                {"tenant": where, "id": new_id()},
            )


async def test_what_cannot_be_an_organisation_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, region: Region
) -> None:
    oleg = await browser(region.oleg)
    body = {"kind": "school", "code": "Мектеп 7", "slug": "no/such", **NAMES}
    refused = await oleg.act("/organisations", body)
    assert refused.status_code == 422
    assert {one["field"] for one in refused.json()["fields"]} == {"code", "slug"}
    page = await oleg.act("/organisations", body, html=True)
    assert page.status_code == 422
    assert 'value="Наурызбай"' in page.text
    assert 'value="Мектеп 7"' in page.text
    taken = await oleg.act("/organisations", body | {"code": "mek12", "slug": "mek12"}, html=True)
    assert taken.status_code == 409
    assert 'value="Наурызбай"' in taken.text
    operator = await oleg.act("/organisations", body | {"kind": "region_operator", "code": "abc", "slug": "abc"})
    assert (operator.status_code, operator.json()["fields"][0]["field"]) == (422, "kind")


async def test_the_first_person_is_invited_again_until_somebody_came(
    browser: Browser, region: Region, database: str
) -> None:
    oleg, made = await browser(region.oleg), await organisation(browser, region)
    where = id_of(database, made["org"])
    again = (await oleg.act(f"/organisations/{where}/invite")).json()
    assert (await come_in(browser, made["code"]))[1].status_code == 422  # the first paper opens nothing any more
    assert (await come_in(browser, again["code"]))[1].status_code == 303
    full = await oleg.act(f"/organisations/{where}/invite")
    assert (full.status_code, full.json()["code"]) == (409, "joining.has_people")
    page = await oleg.act(f"/organisations/{where}/invite", html=True)
    assert page.status_code == 409
    assert "Бұл ұйымда адамдар жұмыс істеп жатыр" in page.text
    assert (await oleg.act(f"/organisations/{new_id()}/invite")).status_code == 404


async def test_s_23_suspending_signs_everybody_out_and_resuming_lets_them_in_again(
    browser: Browser, region: Region, database: str
) -> None:
    oleg, made = await browser(region.oleg), await organisation(browser, region)
    where = id_of(database, made["org"])
    head, _ = await come_in(browser, made["code"])
    invited = (await head.act("/members/invite", {"roles": ["class_teacher"]})).json()
    path = f"/organisations/{where}"
    stale = await oleg.act(f"{path}/suspend", {"version": 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (await head.get("/")).status_code == 200
    assert (await oleg.act(f"{path}/suspend", {"version": 1})).status_code == 303
    assert (await head.get("/")).status_code == 401
    assert (await come_in(browser, invited["code"]))[1].json()["code"] == "joining.unknown_code"
    twice = await oleg.act(f"{path}/suspend", {"version": 2})
    assert (twice.status_code, twice.json()["code"]) == (409, "tenant.already_suspended")
    closed = await oleg.act(f"{path}/invite")
    assert (closed.status_code, closed.json()["code"]) == (409, "joining.suspended")
    assert (await oleg.get(path)).json()["may"] == ["resume"]
    assert (await oleg.act(f"{path}/resume", {"version": 2})).status_code == 303
    resumed = await oleg.act(f"{path}/resume", {"version": 3})
    assert (resumed.status_code, resumed.json()["code"]) == (409, "tenant.not_suspended")
    assert [audited(database, f"tenant.{verb}", where) for verb in ("suspended", "resumed")] == [1, 1]
    assert (await come_in(browser, invited["code"]))[1].status_code == 303


async def test_the_operator_does_not_suspend_itself(browser: Browser, region: Region) -> None:
    oleg = await browser(region.oleg)
    refused = await oleg.act(f"/organisations/{region.operator}/suspend", {"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant.operator_stays")
    assert (await oleg.get(f"/organisations/{region.operator}")).json()["may"] == []


async def test_districts_are_added_and_renamed(browser: Browser, region: Region, database: str) -> None:
    oleg = await browser(region.oleg)
    assert "Әзірге аудандар жоқ" in (await oleg.page("/districts")).text
    refused = await oleg.act("/districts", NAMES | {"name_en": ""}, html=True)
    assert refused.status_code == 422
    assert 'value="Наурызбай"' in refused.text
    assert (await oleg.act("/districts", NAMES)).status_code == 303
    ((district, version),) = rows(database, "select id, version from district")
    path, body = f"/districts/{district}", {"version": version, **NAMES, "name_kk": "Наурызбай"}
    assert (await oleg.act(path, body)).status_code == 303
    stale = await oleg.act(path, body)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    other = {"name_kk": "Түрксіб", "name_ru": "Турксиб", "name_en": "Turksib"}
    assert (await oleg.act("/districts", other)).status_code == 303
    taken = await oleg.act("/districts", other | {"name_kk": "Әуезов"}, html=True)
    assert taken.status_code == 409
    assert 'value="Әуезов"' in taken.text
    renamed = await oleg.act(path, body | {"version": version + 1, "name_ru": "Турксиб"})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "district.exists")
    assert [row["name_kk"] for row in (await oleg.get("/districts")).json()["rows"]] == ["Наурызбай", "Түрксіб"]
    assert (await oleg.get(f"/districts/{new_id()}")).status_code == 404
    assert (await oleg.act(f"/districts/{new_id()}", body)).status_code == 404
    assert [audited(database, f"district.{verb}", district) for verb in ("created", "renamed")] == [1, 1]
    page = await oleg.page("/organisations")
    assert "Наурызбай" in page.text


async def test_the_command_line_creates_an_organisation_and_prints_the_invitation_once(
    browser: Browser, region: Region, database: str
) -> None:
    names = ("--name-kk", "Жаңа", "--name-ru", "Новая", "--name-en", "New")
    made = await qorgan("tenant", "create", "--kind", "school", "--code", "cli77", *names)
    assert made.returncode == 0, made.stderr
    where, code = str(id_of(database, "cli77")), _code(made)
    assert made.stdout.splitlines()[0] == where
    assert f"/join#{code}" in made.stdout
    again = await qorgan("tenant", "invite", where)
    assert (await come_in(browser, code))[1].status_code == 422
    assert (await come_in(browser, _code(again)))[1].status_code == 303
    full = await qorgan("tenant", "invite", where)
    assert (full.returncode, "joining.has_people" in full.stdout) == (1, True)
    listed = await qorgan("tenant", "list")
    assert where in listed.stdout
    assert code not in listed.stdout + listed.stderr + made.stderr
    assert [(await qorgan("tenant", verb, where)).returncode for verb in ("suspend", "suspend", "resume")] == [0, 1, 0]
    assert audited(database, "tenant.resumed", where) == 1


async def test_the_command_line_says_what_it_refuses(region: Region, database: str) -> None:
    before = rows(database, "select count(*) from tenants")
    names = ("--name-kk", "Жаңа", "--name-ru", "Новая", "--name-en", "New")
    shape = await qorgan("tenant", "create", "--kind", "school", "--code", "NO CODE", *names)
    assert (shape.returncode, "code: " in shape.stdout) == (1, True)
    taken = await qorgan("tenant", "create", "--kind", "school", "--code", "mek12", *names)
    assert taken.returncode == 1
    unknown = await qorgan("tenant", "invite", str(new_id()))
    assert (unknown.returncode, "not_found" in unknown.stdout) == (1, True)
    assert rows(database, "select count(*) from tenants") == before


def _code(said: Any) -> str:
    return str(said.stdout.partition("UTC:\n  ")[2].partition("\n")[0])
