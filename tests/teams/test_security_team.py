"""The security team: its minima, its roles, its training, its duty (R-001 … R-006)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from src.platform.access import service as access
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.teams import service as teams
from src.platform.teams.states import Least, checklist, school_year
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import as_person, inside
from tests.support.people import Person, Region
from tests.support.queue import set_clock
from tests.support.schools import School, founded


@pytest.fixture
async def school(region: Region, browser: Browser) -> School:
    return await founded(region, browser)


@pytest.mark.parametrize(
    ("director", "specialists", "teachers", "others", "missing"),
    [
        (1, 5, 3, 0, {"members"}),
        (1, 5, 3, 1, set()),
        (1, 4, 3, 2, {"specialists"}),
        (1, 5, 2, 2, {"teachers"}),
        (0, 5, 3, 2, {"director"}),
        (1, 6, 3, 0, set()),
        (1, 7, 3, 0, set()),
        (0, 4, 2, 0, {"members", "director", "specialists", "teachers"}),
    ],
)
def test_r_002_r_003_r_004_r_005_each_minimum_is_tested_on_its_own(
    director: int, specialists: int, teachers: int, others: int, missing: set[str]
) -> None:
    kinds = ["director"] * director + ["specialist"] * specialists + ["teacher"] * teachers + ["other"] * others
    found = checklist(kinds, {"leader", "deputy"}, Least(10, 5, 3))
    assert {one.code for one in found if not one.met} == missing


@pytest.mark.parametrize(
    ("day", "year"), [("2026-08-31", "2025/2026"), ("2026-09-01", "2026/2027"), ("2027-01-09", "2026/2027")]
)
def test_a_school_year_begins_in_september(day: str, year: str) -> None:
    assert school_year(datetime.fromisoformat(day).date()) == year


async def test_r_002_nine_are_refused_with_all_that_is_missing_and_ten_are_activated(
    school: School, database: str
) -> None:
    team = await school.draft()
    await school.fill(team, specialists=4, teachers=2, others=2)
    refused = await school.activate(team)
    assert (refused.status_code, refused.json()["code"]) == (409, "team.incomplete")
    assert {one["field"] for one in refused.json()["fields"]} == {
        "members",
        "specialists",
        "teachers",
        "leader",
        "deputy",
    }
    page = await school.activate(team, html=True)
    assert page.status_code == 409
    assert "Топта 4 маман бар, кемінде 5 керек" in page.text
    await school.seat(team, "specialist")
    await school.seat(team, "teacher")
    await school.lead(team)
    assert (await school.activate(team)).status_code == 303
    async with inside(school.tenant_id) as work:
        active = await teams.active_team(work)
        members = await teams.active_members(work)
    assert active is not None
    assert len(members) == 11
    assert rows(
        database, "select count(*) from audit_log where action = 'team.activated' and record_ids[1] = %s", team
    ) == [(1,)]


async def test_r_001_a_second_team_of_the_school_year_is_refused(school: School) -> None:
    await school.working()
    second = await school.draft()
    again = await school.act(
        "/team",
        {"school_year": (await school.page())["school_years"][0], "order_no": "1", "order_date": "2026-09-02"},
        html=True,
    )
    assert again.status_code == 409
    await school.fill(second)
    await school.lead(second)
    refused = await school.activate(second)
    assert (refused.status_code, refused.json()["code"]) == (409, "team.already_active")


async def test_the_team_of_the_next_year_ends_the_old_one(school: School, database: str) -> None:
    old = await school.working()
    await school.act(
        "/team", {"school_year": (await school.page())["school_years"][1], "order_no": "2", "order_date": "2026-11-01"}
    )
    new = next(one["id"] for one in (await school.page())["teams"] if one["status"] == "draft")
    await school.fill(new)
    await school.lead(new)
    assert (await school.activate(new)).status_code == 303
    states = dict(rows(database, "select id::text, status from security_team where tenant_id = %s", school.tenant_id))
    assert (states[old], states[new]) == ("ended", "active")
    holders = [m for m, roles in (await school.roles(database)).items() if roles & {"team_member", "team_coordinator"}]
    assert set(holders) <= {p.membership_id for p in (school.people[0], *school.people[10:])}


async def test_r_003_the_seat_of_the_director_is_for_the_director(school: School) -> None:
    team = await school.draft()
    refused = await school.seat(team, "director")
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "not_director")


async def test_an_active_seat_gives_its_role_and_ending_takes_it_back(school: School, database: str) -> None:
    team = await school.draft()
    await school.fill(team)
    await school.lead(team)
    assert not await _may_classify(school.people[5])
    await school.activate(team)
    assert await _may_classify(school.people[5])
    roles = await school.roles(database)
    led = [roles[person.membership_id] for person in school.people[1:4]]
    assert led == [{"psychologist", "team_coordinator"}] * 2 + [{"psychologist", "team_member"}]
    version = (await school.page())["teams"][0]["version"]
    assert (await school.act(f"/teams/{team}/end", {"version": version + 1})).json()["code"] == "stale_version"
    assert (await school.act(f"/teams/{team}/end", {"version": version})).status_code == 303
    left = (await school.roles(database)).values()
    assert not any(held & {"team_member", "team_coordinator"} for held in left)
    assert not await _may_classify(school.people[5])


async def _may_classify(person: Person) -> bool:
    async with as_person(person) as work:
        return access.may_enter(work.me, "incident.classify")


async def test_leadership_passes_on_and_an_active_team_is_never_without_it(school: School, database: str) -> None:
    team = await school.working()
    seats = school.seats(await school.page(), team)
    for lost in (seats[1], seats[2]):
        refused = await school.act(f"/teams/{team}/remove", {"seat_id": lost["id"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "team.leader_stays")
    refused = await school.act(f"/teams/{team}/leader", {"seat_id": seats[2]["id"], "place": "leader"})
    assert refused.json()["code"] == "team.leader_stays"
    assert (
        await school.act(f"/teams/{team}/leader", {"seat_id": seats[4]["id"], "place": "leader"})
    ).status_code == 303
    roles = await school.roles(database)
    assert "team_coordinator" not in roles[UUID(seats[1]["membership_id"])]
    assert "team_coordinator" in roles[UUID(seats[4]["membership_id"])]
    assert (await school.act(f"/teams/{team}/remove", {"seat_id": seats[1]["id"]})).status_code == 303
    assert (await school.roles(database))[UUID(seats[1]["membership_id"])] == {"psychologist"}


async def test_r_006_an_untrained_member_is_shown_and_the_team_is_not_ready(school: School) -> None:
    team = await school.working()
    assert (await school.page())["teams"][0]["ready"] is True
    assert (await school.seat(team, "other", trained="")).status_code == 303
    view = (await school.page())["teams"][0]
    assert view["ready"] is False
    new = view["seats"][-1]
    assert new["trained_on"] is None
    later = clock.local_date(clock.now() + timedelta(hours=48)).isoformat()
    refused = await school.act(f"/teams/{team}/training", {"seat_id": new["id"], "trained_on": later})
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "in_future")
    done = await school.act(f"/teams/{team}/training", {"seat_id": new["id"], "trained_on": "2026-10-01"})
    assert done.status_code == 303
    assert (await school.page())["teams"][0]["ready"] is True


async def test_a_person_has_one_seat_and_only_employees_have_one(school: School, region: Region) -> None:
    team = await school.draft()
    assert (await school.seat(team, "director", who=school.people[0])).status_code == 303
    twice = await school.seat(team, "director", who=school.people[0])
    assert (twice.status_code, twice.json()["code"]) == (409, "team.already_in_team")
    body = {"membership_id": str(school.people[0].membership_id), "kind": "director", "trained_on": ""}
    page = await school.act(f"/teams/{team}/members", body, html=True)
    assert page.status_code == 409
    assert "Бұл адам топта бар" in page.text
    parent = await school.hire("parent")
    for stranger in (str(parent.membership_id), str(region.erlan.membership_id), str(new_id())):
        answer = await school.act(f"/teams/{team}/members", {"membership_id": stranger, "kind": "other"})
        assert (answer.status_code, answer.json()["fields"][0]["code"]) == (422, "not_an_option")


async def test_the_duty_is_handed_over_from_member_to_member(school: School, database: str) -> None:
    team = await school.working()
    seats = school.seats(await school.page(), team)
    start = clock.now()
    for at in (3, 4):
        done = await school.act("/team/duty", {"membership_id": seats[at]["membership_id"]}, by=5)
        assert done.status_code == 303
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(hours=2))
    on_duty = [seat["id"] for seat in school.seats(await school.page(), team) if seat["on_duty"]]
    assert on_duty == [seats[4]["id"]]
    async with inside(school.tenant_id) as work:
        now = await teams.duty_member(work, clock.now())
        then = await teams.duty_member(work, start + timedelta(hours=1))
        nobody = await teams.duty_member(work, start - timedelta(hours=1))
    assert now is not None
    assert then is not None
    assert nobody is None
    assert [str(one.membership_id) for one in (then, now)] == [seats[3]["membership_id"], seats[4]["membership_id"]]
    outside = await school.hire("subject_teacher")
    refused = await school.act("/team/duty", {"membership_id": str(outside.membership_id)})
    assert refused.status_code == 422
    gone = await school.act(f"/teams/{team}/remove", {"seat_id": seats[4]["id"]})
    async with inside(school.tenant_id) as work:
        left = await teams.duty_member(work, clock.now())
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert gone.status_code == 303
    assert left is None


async def test_everybody_at_school_sees_the_team_and_only_the_director_orders_it(
    school: School, browser: Browser
) -> None:
    team = await school.working()
    teacher = await browser(await school.hire("class_teacher"))
    page = await teacher.page("/team")
    assert page.status_code == 200
    assert "Қауіпсіздік тобы" in page.text
    assert '<form method="post" action="/teams' not in page.text
    for path, body in (
        ("/team", {}),
        (f"/teams/{team}/members", {}),
        (f"/teams/{team}/remove", {}),
        (f"/teams/{team}/activate", {}),
        (f"/teams/{team}/end", {}),
        (f"/teams/{team}/leader", {}),
        (f"/teams/{team}/training", {}),
        ("/team/duty", {}),
    ):
        assert (await teacher.act(path, body)).status_code == 403, path


async def test_s_12_a_team_of_another_school_does_not_exist(school: School, region: Region, browser: Browser) -> None:
    team = await school.working()
    daulet = await browser(region.daulet)
    for verb, body in (
        ("activate", {"version": 1}),
        ("end", {"version": 1}),
        ("remove", {"seat_id": str(new_id())}),
        ("members", {"membership_id": str(region.marat.membership_id), "kind": "other"}),
    ):
        answers = [await daulet.act(f"/teams/{i}/{verb}", body) for i in (team, new_id())]
        assert [a.status_code for a in answers] == [404, 404], verb
        assert answers[0].content == answers[1].content


async def test_an_activated_order_is_not_activated_again(school: School) -> None:
    team = await school.working()
    again = await school.activate(team)
    assert (again.status_code, again.json()["code"]) == (409, "team.wrong_state")
