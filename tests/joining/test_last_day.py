"""Somebody's last day: access ends at once, and what they owed and led goes on without them (S-23)."""

import asyncio

import httpx

from src.platform.casework import service as casework
from src.platform.kit import clock
from src.platform.teams import service as teams
from tests.support.http import Browser, Client
from tests.support.incidents import classified, rows
from tests.support.inside import inside
from tests.support.joining import NEW_PASSWORD, NewSchool, audited, come_in, form, paper
from tests.support.people import Person, Region
from tests.support.queue import dead_or_failed, drain
from tests.support.referrals import agreed, referred
from tests.support.schools import founded


async def test_s_23_a_last_day_ends_access_everywhere_and_leaves_other_work_alone(
    school: NewSchool, region: Region, database: str
) -> None:
    invited = await paper(school.browser, region.daulet, "support_staff")
    said = form(invited["code"])
    there = school.browser.visitor()
    assert (await there.post("/join", json=said)).status_code == 303
    known = {"account": "known", "sign_in": said["sign_in"], "password": NEW_PASSWORD}
    here, membership = await school.hired("class_teacher", **known)
    page = await school.director.page(f"/members/{membership}/end")
    assert "Қолжетімділік барлық ашық терезеде бірден тоқтайды" in page.text
    answers = await asyncio.gather(*(school.act(membership, "end") for _ in range(2)), return_exceptions=True)
    codes = [getattr(answer, "status_code", None) for answer in answers]
    assert codes.count(303) == 1
    assert (await here.get("/")).status_code == 401
    assert (await there.get("/")).status_code == 200  # the other school's session
    assert audited(database, "membership.ended", membership) == 1
    assert (await school.director.get(f"/members/{membership}")).status_code == 404
    entered = school.browser.visitor()
    again = await entered.post("/sign-in", json={"sign_in": said["sign_in"], "password": NEW_PASSWORD})
    assert again.status_code == 303
    mine = (await entered.get("/organisations/mine")).json()["rows"]
    assert [row["id"] for row in mine] == [str(region.organisations["school12"])]


async def test_invitations_of_somebody_who_left_open_nothing(school: NewSchool, database: str) -> None:
    second, other = await school.hired("school_director")
    kept = (await second.act("/members/invite", {"roles": ["school_director"]})).json()
    mine = (await school.director.act("/members/invite", {"roles": ["class_teacher"]})).json()
    assert (await school.act(other, "end")).status_code == 303
    assert (await come_in(school.browser, kept["code"]))[1].status_code == 422
    assert audited(database, "invitation.revoked", kept["invitation_id"]) == 1
    assert (await come_in(school.browser, mine["code"]))[1].status_code == 303


async def test_r_064_who_comes_back_is_the_same_person(school: NewSchool, database: str) -> None:
    said = form("", family_name="Оралбаев")
    del said["code"]
    _, membership = await school.hired("psychologist", **said)
    assert (await school.act(membership, "end")).status_code == 303
    again = said | {"account": "known", "family_name": "Оралова"}
    _, second = await school.hired("class_teacher", **again)
    people = rows(database, "select distinct person_id from membership where id in (%s, %s)", membership, second)
    assert len(people) == 1
    assert (await school.view(second))["name"].startswith("Оралова")


async def test_r_003_a_leader_of_the_team_is_replaced_before_leaving(
    browser: Browser, region: Region, database: str
) -> None:
    made = await founded(region, browser)
    team = await made.working()
    leader, member = made.people[1], made.people[5]
    director = await browser(made.people[0])
    refused = await _let_go(director, leader)
    assert (refused.status_code, refused.json()["code"]) == (409, "team.leader_stays")
    page = await director.page(f"/members/{leader.membership_id}")
    assert "Қауіпсіздік тобының жетекшісі" in page.text
    assert rows(database, "select ended_at from membership where id = %s", leader.membership_id) == [(None,)]
    handed = await made.act("/team/duty", {"membership_id": str(member.membership_id)})
    assert handed.status_code == 303, handed.text
    assert (await _let_go(director, member)).status_code == 303
    seats = [seat["id"] for seat in made.seats(await made.page(), team)]
    assert len(seats) == 9
    async with inside(made.tenant_id) as work:
        assert member.membership_id not in {one.membership_id for one in await teams.active_members(work)}
        assert await teams.duty_member(work, clock.now()) is None
    assert audited(database, "team.member_removed", team) == 1


async def test_a_case_whose_manager_left_waits_for_another_who_answers_for_its_referrals(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk"})
    await drain()
    (case,) = rows(database, "select id from child_case where incident_id = %s", incident)[0]
    saule, daulet = await browser(region.saule), await browser(region.daulet)
    manager = region.gulnar
    appointed = await saule.act(f"/cases/{case}/manager", {"version": 1, "manager": str(manager.membership_id)})
    assert appointed.status_code == 303
    await agreed(browser, region, fields=("given_name",))
    answer = await referred(browser, region, str(case), by=manager)
    assert answer.status_code == 303, answer.text
    sent = answer.headers["location"].rpartition("/")[2]
    ended = await _let_go(daulet, manager)
    assert ended.status_code == 303, ended.text
    left = "select count(*) from outbox where actor = 'casework.manager_left' and args ->> 'membership' = %s"
    assert rows(database, left, str(manager.membership_id)) == [(1,)]
    owing = "select responsible from obligation where tenant_id = %s and subject_id = %s and met_at is null"
    assert rows(database, owing, region.daulet.tenant_id, sent) == [(None,)]
    await drain()
    assert dead_or_failed(database) == []
    assert rows(database, "select manager, state from child_case where id = %s", case) == [(None, "opened")]
    assert audited(database, "case.manager_left", case) == 1
    told = rows(database, "select membership_id from notification where kind = 'case_without_manager'")
    assert told == [(region.saule.membership_id,)]
    assert "Іс кейс-менеджерсіз қалды" in (await saule.page("/messages")).text
    version = (await saule.get(f"/cases/{case}")).json()["version"]
    body = {"version": version, "manager": str(region.aigerim.membership_id)}
    assert (await saule.act(f"/cases/{case}/manager", body)).status_code == 303
    handed = "select args ->> 'manager' from outbox where actor = 'referrals.manager_appointed' order by created_at"
    assert rows(database, handed)[-1] == (str(region.aigerim.membership_id),)
    await drain()
    assert rows(database, owing, region.daulet.tenant_id, sent) == [(region.aigerim.membership_id,)]
    async with inside(region.organisations["school12"]) as work:
        await casework.manager_left(work, manager.membership_id)  # twice is once
    assert audited(database, "case.manager_left", case) == 1


async def _let_go(director: Client, person: Person) -> httpx.Response:
    path = f"/members/{person.membership_id}"
    return await director.act(f"{path}/end", {"version": (await director.get(path)).json()["version"]})
