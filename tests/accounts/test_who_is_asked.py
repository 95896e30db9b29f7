"""Who is asked for a second factor, where, and what is closed without it (decisions 21, S-26)."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from src.platform.cli.demo.region import open_to_newcomers
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.web.public_routes import BEFORE_SECOND_FACTOR, PUBLIC_ROUTES
from tests.support.http import Browser, csrf_of
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.second_factor import half_way
from tests.support.typing import open_form, press
from tests.web.test_every_route import filled, routes


async def test_s_26_a_role_with_identities_is_asked_and_a_teacher_is_not(
    browser: Browser, region: Region, person: Person
) -> None:
    asked, client = (await browser.half_way(person))[1], await half_way(browser, person)
    page = await client.page("/incidents")
    assert (asked, page.status_code, page.headers["location"]) == (True, 303, "/second-factor?next=/incidents")
    answer = await client.get("/incidents")
    assert (answer.status_code, answer.json()["code"]) == (401, "account.second_factor_needed")
    teacher, asked = await browser.half_way(region.marat)
    assert (asked, (await teacher.page("/report")).status_code) == (False, 200)
    assert "/second-factor" not in (await teacher.page("/report")).text


async def test_s_26_with_the_password_alone_only_the_reviewed_addresses_open(browser: Browser, person: Person) -> None:
    client = await half_way(browser, person)
    reached = set()
    for method, path, handler in routes():
        if not handler.opt.get("permission") or path == "/sign-out":
            continue
        answer = await client.request(
            method,
            filled(path, UUID(int=7)),
            headers={"X-CSRF-Token": client.csrf},
            json=None if method == "GET" else {},
        )
        if answer.status_code != 401 or answer.json()["code"] != "account.second_factor_needed":
            reached.add(path)
    assert reached | {"/sign-out"} == BEFORE_SECOND_FACTOR
    assert not BEFORE_SECOND_FACTOR & PUBLIC_ROUTES
    assert (await client.act("/sign-out")).status_code == 303


async def test_before_the_code_no_page_tells_what_the_role_opens(browser: Browser, person: Person) -> None:
    client = await half_way(browser, person)
    page = (await client.page("/second-factor")).text
    assert "/incidents" not in page
    assert 'action="/sign-out"' in page
    client = await browser.proved(client, person.sign_in)
    assert 'href="/incidents"' in (await client.page("/second-factor")).text


async def test_switching_decides_anew_whether_the_factor_is_asked(
    browser: Browser, region: Region, database: str
) -> None:
    person = await hire("erlan", region.organisations["school45"], ("subject_teacher",))
    async with inside(region.organisations["school12"]) as work:
        await tenants.add_member(work, person.user_id, person.person_id, ("psychologist",))
    school12, school45 = (region.organisations[one] for one in ("school12", "school45"))
    client, _ = await browser.half_way(person)
    for place, status in ((school12, 401), (school45, 200), (school12, 401)):
        answer = await client.act(f"/organisations/{place}/switch")
        assert answer.status_code == 303, answer.text
        client.csrf = await csrf_of(client)
        assert (await client.get("/messages")).status_code == status, (await client.get("/messages")).text
    client = await browser.proved(client, person.sign_in)
    assert (await client.get("/messages")).status_code == 200
    for place in (school45, school12):
        await client.act(f"/organisations/{place}/switch")
        client.csrf = await csrf_of(client)
        assert (await client.get("/messages")).status_code == 200


async def test_a_role_that_is_given_in_the_middle_asks_at_the_next_request(browser: Browser, region: Region) -> None:
    person = await hire("erlan", region.organisations["school45"], ("subject_teacher",))
    client, asked = await browser.half_way(person)
    assert (asked, (await client.get("/messages")).status_code) == (False, 200)
    async with inside(region.organisations["school45"]) as work:
        await tenants.grant_role(work, person.membership_id, "team_member")
    assert (await client.get("/messages")).json()["code"] == "account.second_factor_needed"


async def test_s_26_without_the_api_description_too(browser: Browser, person: Person) -> None:
    client = await half_way(browser, person)
    assert (await client.get("/api/schema/openapi.json")).json()["code"] == "account.second_factor_needed"
    assert (await (await browser.proved(client, person.sign_in)).get("/api/schema/openapi.json")).status_code == 200


async def test_s_38_a_page_that_was_refused_for_the_missing_factor_is_on_record(
    browser: Browser, person: Person, database: str
) -> None:
    client = await half_way(browser, person)
    await client.page("/incidents")
    found = rows(
        database, "select detail from audit_log where actor_id = %s and action = 'access.denied'", person.user_id
    )
    assert found == [({"code": "account.second_factor_needed", "status": 401},)]


async def test_decision_25_a_form_that_is_sent_when_the_factor_is_missing_is_given_back(
    browser: Browser, region: Region, database: str
) -> None:
    person = await hire("erlan", region.organisations["school45"], ("subject_teacher",))
    client, _ = await browser.half_way(person)
    token = await open_form(client, "/report")
    async with inside(region.organisations["school45"]) as work:
        await tenants.grant_role(work, person.membership_id, "team_member")
    kept = (await press(client, "/report", token, description="Дәлізде ұрды")).headers["location"]
    assert kept.startswith("/kept/")
    assert (await client.page(kept)).headers["location"] == f"/second-factor?next={kept}"
    client = await browser.proved(client, person.sign_in)
    assert (await client.page(kept)).headers["location"] == "/report"
    assert "Дәлізде ұрды" in (await client.page("/report")).text
    assert rows(database, "select count(*) from report where tenant_id = %s", person.tenant_id) == [(0,)]


@pytest.fixture
def optional(database: str) -> Iterator[psycopg.Connection]:
    """A demo's database: the factor is asked of those who have one."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("update platform_state set second_factor_optional = true")
        yield admin
        admin.execute("update platform_state set is_test = true, second_factor_optional = false")


async def test_where_it_is_optional_whoever_has_none_goes_on_and_whoever_has_one_is_asked(
    browser: Browser, person: Person, optional: psycopg.Connection
) -> None:
    client, asked = await browser.half_way(person)
    assert (asked, (await client.get("/incidents")).status_code) == (False, 200)
    assert 'href="/second-factor"' in (await client.page("/account")).text
    await browser.proved(client, person.sign_in)
    again = await half_way(browser, person)
    assert (await again.get("/incidents")).json()["code"] == "account.second_factor_needed"
    optional.execute("update platform_state set second_factor_optional = false")
    newcomer = await hire("aigerim", person.tenant_id, ("psychologist",))
    assert (await (await half_way(browser, newcomer)).get("/incidents")).status_code == 401


async def test_only_a_database_marked_test_may_make_it_optional_and_the_service_cannot(
    database: str, optional: psycopg.Connection
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        optional.execute("update platform_state set is_test = false")
    with (
        psycopg.connect(settings().role_url("qorgan_app").replace("+psycopg", "")) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("update platform_state set second_factor_optional = true")


def test_the_demo_marks_its_own_database_and_an_empty_one_never_a_region(
    region: Region, optional: psycopg.Connection
) -> None:
    state = "select is_test, second_factor_optional from platform_state"
    optional.execute("update platform_state set is_test = false, second_factor_optional = false")
    open_to_newcomers(is_ours=False)
    assert optional.execute(state).fetchone() == (False, False)
    open_to_newcomers(is_ours=True)
    assert optional.execute(state).fetchone() == (True, True)


async def test_every_page_says_in_which_organisation_one_is_and_in_the_readers_language(
    browser: Browser, region: Region
) -> None:
    person = await hire("erlan", region.organisations["school45"], ("subject_teacher",))
    async with inside(region.organisations["school12"]) as work:
        await tenants.add_member(work, person.user_id, person.person_id, ("subject_teacher",))
    client = await browser.fresh(person)
    for place, language, words in (("school12", "kk", "№12 мектеп"), ("school45", "ru", "Школа №45")):
        assert (await client.act(f"/organisations/{region.organisations[place]}/switch")).status_code == 303
        client.csrf = await csrf_of(client)
        assert (await client.act(f"/language/{language}")).status_code == 303
        head = (await client.page("/")).text.partition("</header>")[0]
        assert f'<span class="q-header__place">{words}</span>' in head
    assert "q-header__place" not in (await browser.visitor().page("/sign-in")).text
