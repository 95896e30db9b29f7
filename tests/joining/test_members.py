"""Who keeps the people of an organisation: invites, gives roles, lets go; nobody else does, and nobody elsewhere."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest

from src.platform.access.catalogue import catalogue
from src.platform.access.policy import PolicyError, compile_table, enforcer
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from src.platform.web.templating import environment
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.joining import NewSchool, audited, come_in, member_id, paper
from tests.support.people import Region

POLICIES = Path("policies")


def test_every_kind_of_organisation_has_a_head_who_keeps_its_people() -> None:
    known = catalogue(POLICIES)
    assert set(known) == tenants.KINDS
    keeping = {
        atom
        for atom, resource, action in compile_table(enforcer(POLICIES)).grants
        if (resource, action) == ("member", "keep")
    }
    assert {head for roles in known.values() for head in roles.heads} == keeping


def test_r_003_no_role_that_is_given_opens_what_a_seat_in_the_team_opens() -> None:
    """A role that inherits from a seat's role would be the team's whole access, handed over on paper."""
    grants = compile_table(enforcer(POLICIES)).grants
    seat = {(resource, action) for atom, resource, action in grants if atom == "team_member"}
    for roles in catalogue(POLICIES).values():
        assert not {"team_coordinator", "team_member"} & set(roles.all)
        for role in roles.all:
            assert not seat <= {(resource, action) for atom, resource, action in grants if atom == role}, role


def test_every_role_that_is_given_has_a_name_for_people() -> None:
    labels = environment().get_template("macros/joining.html").module
    for roles in catalogue(POLICIES).values():
        for role in roles.all:
            name = str(labels.role_label(role))  # type: ignore[attr-defined]
            assert name[0].isupper(), role
            assert "_" not in name, role


async def test_r_003_a_school_inspector_sees_no_incident_before_the_order_gives_a_seat(school: NewSchool) -> None:
    inspector, membership = await school.hired("school_inspector")
    assert (await inspector.get("/report")).status_code == 200
    assert (await inspector.get("/incidents")).status_code == 403
    assert (await inspector.get("/people")).status_code == 403
    for role in ("team_member", "team_coordinator"):
        refused = await school.act(membership, "roles", roles=["school_inspector", role])
        assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "not_an_option")
    assert (await school.view(membership))["roles"] == ["school_inspector"]


@pytest.mark.parametrize(
    "text", ["[school", "[school]\nheads = []", '[school]\nheads = ["a"]\nothers = ["a"]', '[school]\nhead = ["a"]']
)
def test_a_damaged_file_of_roles_lets_nobody_in(tmp_path: Any, text: str) -> None:
    (tmp_path / "roles.toml").write_text(text)
    with pytest.raises(PolicyError):
        catalogue(tmp_path)


async def test_the_page_tells_who_works_here_and_who_is_invited(school: NewSchool) -> None:
    page = await school.director.page("/members")
    assert "Қазір ашық шақыру жоқ" in page.text
    await school.hired("psychologist", family_name="Әлиева", given_name="Әйгерім")
    await school.director.act("/members/invite", {"roles": ["class_teacher"]})
    page = await school.director.page("/members")
    assert "Әлиева Әйгерім" in page.text
    assert "Педагог-психолог" in page.text
    listed = (await school.director.get("/members")).json()
    assert [row["roles"] for row in listed["invitations"]] == [["class_teacher"]]
    assert listed["invitations"][0]["made_by"].startswith("Жаңабеков")


@pytest.mark.parametrize("who", ["saule", "aigerim", "bota", "marat", "erlan"])
async def test_a_colleague_keeps_nobody(browser: Browser, region: Region, who: str) -> None:
    client = await browser(getattr(region, who))
    invited = await paper(browser, region.daulet, "support_staff")
    target = region.bota.membership_id
    for path, body in (
        ("/members/invite", {"roles": ["school_director"]}),
        (f"/members/{target}/roles", {"version": 1, "roles": ["school_director"]}),
        (f"/members/{target}/end", {"version": 1}),
        (f"/invitations/{invited['invitation_id']}/revoke", {"version": 1}),
        (f"/invitations/{invited['invitation_id']}/renew", {"version": 1}),
    ):
        assert (await client.act(path, body)).status_code == 403, path
    for path in ("/members", "/members/invite", f"/members/{target}", f"/invitations/{invited['invitation_id']}"):
        assert (await client.get(path)).status_code == 403, path


async def test_s_12_another_school_has_no_such_member_and_no_such_invitation(
    school: NewSchool, browser: Browser, region: Region, database: str
) -> None:
    theirs = await paper(browser, region.daulet, "support_staff")
    listed = (await school.director.get("/members")).json()
    assert listed["invitations"] == []
    assert all(row["id"] != str(region.marat.membership_id) for row in listed["members"])
    for member in (region.marat.membership_id, new_id()):
        for path, body in (("roles", {"version": 1, "roles": ["class_teacher"]}), ("end", {"version": 1})):
            answer = await school.director.act(f"/members/{member}/{path}", body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for verb in ("revoke", "renew"):
        answers = [
            await school.director.act(f"/invitations/{i}/{verb}", {"version": 1})
            for i in (theirs["invitation_id"], new_id())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert (await school.director.get(f"/invitations/{theirs['invitation_id']}")).status_code == 404
    assert rows(database, "select revoked_at from invitation where id = %s", theirs["invitation_id"]) == [(None,)]


async def test_roles_of_another_kind_and_roles_by_order_are_not_given(school: NewSchool) -> None:
    _, membership = await school.hired("support_staff")
    for roles in (["team_member"], ["region_operator"], ["partner_worker"], ["support_staff", "nonsense"], []):
        invited = await school.director.act("/members/invite", {"roles": roles})
        given = await school.act(membership, "roles", roles=roles)
        assert [invited.status_code, given.status_code] == [422, 422], roles
        assert {answer.json()["fields"][0]["field"] for answer in (invited, given)} == {"roles"}
    page = await school.director.act("/members/invite", {"roles": "nonsense-canary"}, html=True)
    assert page.status_code == 422
    assert "Жауаптардың бірін таңдаңыз" in page.text
    assert "nonsense-canary" not in page.text


async def test_two_clicks_make_one_invitation_and_the_second_leads_to_the_list(
    school: NewSchool, database: str
) -> None:
    page = await school.director.page("/members/invite")
    token = (
        page.text.partition('action="/members/invite"')[2].partition('name="csrf_token" value="')[2].partition('"')[0]
    )
    body = {"csrf_token": token, "roles": "class_teacher"}
    answers = await asyncio.gather(
        *(school.director.post("/members/invite", data=body, headers=HTML) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 303, 303]
    assert {a.headers["location"] for a in answers if a.status_code == 303} == {"/members"}
    made = rows(database, "select count(*) from invitation where tenant_id = %s and used_at is null", school.tenant_id)
    assert made == [(1,)]


async def test_a_revoked_invitation_lets_nobody_in_and_is_revoked_once(school: NewSchool, database: str) -> None:
    made = (await school.director.act("/members/invite", {"roles": ["class_teacher"]})).json()
    path = f"/invitations/{made['invitation_id']}"
    assert "Шақырудың күшін жою" in (await school.director.page(path)).text
    stale = await school.director.act(f"{path}/revoke", {"version": 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    answers = await asyncio.gather(*(school.director.act(f"{path}/revoke", {"version": 1}) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert audited(database, "invitation.revoked", made["invitation_id"]) == 1
    assert (await come_in(school.browser, made["code"]))[1].status_code == 422
    assert (await school.director.get(path)).status_code == 404


async def test_a_lost_paper_is_made_anew_and_the_old_one_opens_nothing(school: NewSchool, database: str) -> None:
    made = (await school.director.act("/members/invite", {"roles": ["class_teacher", "psychologist"]})).json()
    path = f"/invitations/{made['invitation_id']}"
    stale = await school.director.act(f"{path}/renew", {"version": 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    answers = await asyncio.gather(*(school.director.act(f"{path}/renew", {"version": 1}) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    new = next(answer.json() for answer in answers if answer.status_code == 200)
    assert new["code"] != made["code"]
    assert sorted(new["roles"]) == ["class_teacher", "psychologist"]
    assert audited(database, "invitation.revoked", made["invitation_id"]) == 1
    assert audited(database, "invitation.made", new["invitation_id"]) == 1
    assert (await come_in(school.browser, made["code"]))[1].status_code == 422
    assert (await come_in(school.browser, new["code"]))[1].status_code == 303
    used = await school.director.act(f"/invitations/{new['invitation_id']}/renew", {"version": 2})
    assert (used.status_code, used.json()["code"]) == (409, "joining.not_waiting")


async def test_an_invitation_that_ended_waits_in_the_list_until_it_is_made_anew(
    school: NewSchool, database: str
) -> None:
    made = (await school.director.act("/members/invite", {"roles": ["class_teacher"]})).json()
    with psycopg.connect(database) as admin:
        admin.execute(
            "update invitation set made_at = now() - interval '15 days', expires_at = now() - interval '1 day' "
            "where id = %s",
            (made["invitation_id"],),
        )
    page = await school.director.page("/members")
    assert "Мерзімі өтті" in page.text
    (row,) = (await school.director.get("/members")).json()["invitations"]
    assert (row["id"], row["ended"]) == (made["invitation_id"], True)
    path = f"/invitations/{made['invitation_id']}"
    assert "Бұл шақырудың мерзімі өтті" in (await school.director.page(path)).text
    renewed = await school.director.act(f"{path}/renew", {"version": 1}, html=True)
    assert renewed.status_code == 200
    (row,) = (await school.director.get("/members")).json()["invitations"]
    assert (row["id"] != made["invitation_id"], row["ended"]) == (True, False)


async def test_joining_and_revoking_race_and_one_of_them_wins(school: NewSchool, database: str) -> None:
    made = (await school.director.act("/members/invite", {"roles": ["class_teacher"]})).json()
    revoke = school.director.act(f"/invitations/{made['invitation_id']}/revoke", {"version": 1})
    (_, joined), revoked = await asyncio.gather(come_in(school.browser, made["code"]), revoke)
    assert (joined.status_code, revoked.status_code) in {(303, 409), (422, 303)}
    ((used, gone),) = rows(database, "select used_at, revoked_at from invitation where id = %s", made["invitation_id"])
    assert (used is None) != (gone is None)


async def test_s_23_new_roles_hold_at_once_and_sessions_end(school: NewSchool, database: str) -> None:
    client, membership = await school.hired("psychologist")
    assert (await client.get("/people")).status_code == 200
    changed = await school.act(membership, "roles", roles=["school_nurse", "class_teacher"])
    assert changed.status_code == 303
    assert (await client.get("/people")).status_code == 401
    assert (await school.view(membership))["roles"] == ["school_nurse", "class_teacher"]
    assert audited(database, "membership.roles_changed", membership) == 1
    stale = await school.director.act(f"/members/{membership}/roles", {"version": 1, "roles": ["psychologist"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


async def test_r_003_what_an_order_gave_stays_when_roles_are_changed(browser: Browser, region: Region) -> None:
    daulet = await browser(region.daulet)
    view = (await daulet.get(f"/members/{region.gulnar.membership_id}")).json()
    assert (view["roles"], view["by_order"]) == (["social_pedagogue"], ["team_member"])
    body = {"version": view["version"], "roles": ["social_pedagogue", "class_teacher"]}
    assert (await daulet.act(f"/members/{region.gulnar.membership_id}/roles", body)).status_code == 303
    view = (await daulet.get(f"/members/{region.gulnar.membership_id}")).json()
    assert (view["roles"], view["by_order"]) == (["social_pedagogue", "class_teacher"], ["team_member"])


async def test_nobody_changes_their_own_roles_and_a_head_always_stays(school: NewSchool, database: str) -> None:
    mine = await member_id(school.director)
    for verb, more in (("roles", {"roles": ["class_teacher"]}), ("end", {})):
        refused = await school.act(mine, verb, **more)
        assert (refused.status_code, refused.json()["code"]) == (409, "member.own")
    second, other = await school.hired("school_director")
    theirs = (await second.get(f"/members/{mine}")).json()["version"]
    assert (await second.act(f"/members/{mine}/end", {"version": theirs})).status_code == 303
    assert (await school.director.get("/members")).status_code == 401
    heads = rows(
        database,
        "select id from membership where tenant_id = %s and ended_at is null and 'school_director' = any (roles)",
        school.tenant_id,
    )
    assert [str(one) for (one,) in heads] == [other]


async def test_two_heads_who_let_each_other_go_at_once_leave_one(school: NewSchool, database: str) -> None:
    first = await member_id(school.director)
    second, other = await school.hired("school_director")
    versions = {one: (await school.view(one))["version"] for one in (first, other)}
    answers = await asyncio.gather(
        school.director.act(f"/members/{other}/end", {"version": versions[other]}),
        second.act(f"/members/{first}/end", {"version": versions[first]}),
    )
    done, refused = sorted(answer.status_code for answer in answers)
    assert done == 303
    assert refused in (401, 409)
    living = rows(
        database, "select count(*) from membership where tenant_id = %s and ended_at is null", school.tenant_id
    )
    assert living == [(1,)]
