"""Who is asked next, by the catalogue; and a declined referral that nobody follows (R-270, clk_partner_redirect)."""

from uuid import UUID

import pytest

from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from tests.support.catalogue import OFFICE, offered
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows, student
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain
from tests.support.referrals import HELP, agreed, looked_and_sent, managed_case, sent

REASON = "Бала қорқады, көмек керек"
UNFOLLOWED = "Ата-анасы өзі мамандарға барды"


@pytest.fixture(scope="module")
async def health(region: Region) -> Person:
    """Somebody of a body that acts by law, in a district of its own."""
    new = NewOrganisation(
        kind="health_department",
        code="densau",
        slug="densau",
        name_kk="Денсаулық басқармасы",
        name_ru="Управление здравоохранения",
        name_en="Health department",
    )
    async with inside(region.operator) as work:
        place = await tenants.provision(work, new)
    return await hire("bota", place, ("partner_worker",))


async def declined(browser: Browser, region: Region, incident: str, child: str, to: Person) -> str:
    """A child of an incident was referred to a body that cannot help."""
    saule = await browser(region.saule)
    asked = {"recipients": f"{to.tenant_id}.counselling", "child": child, "reason": REASON, "read_for_identities": True}
    done = await looked_and_sent(saule, f"/incidents/{incident}/refer", asked)
    assert done.status_code == 303, done.text
    await drain()
    path: str = done.headers["location"]
    refused = await (await browser(to)).act(f"{path}/decline", {"version": 1, "reason": "no_capacity"})
    assert refused.status_code == 303
    await drain()
    return path


async def test_clk_partner_redirect_the_next_partner_of_a_child_without_a_case_is_offered_prefilled(
    browser: Browser, region: Region, database: str, health: Person
) -> None:
    await agreed(browser, region)  # an NGO that is never offered before there is a case
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, await student(region, "Серікова", "Аяулым"), "victim")
    await name(browser, region, incident, await student(region, "Қуандықов", "Ерасыл"), "alleged_offender")
    saule = await browser(region.saule)
    people = {one["involvement"]: one["id"] for one in (await saule.get(f"/incidents/{incident}")).json()["people"]}
    child = people["victim"]
    path = await declined(browser, region, incident, child, health)
    view = (await saule.get(path)).json()
    key = f"{region.organisations['commission']}.counselling"
    assert [one["key"] for one in view["around"]["next_partners"]] == [key]
    assert {one["code"]: one["state"] for one in view["clocks"]}["clk_partner_redirect"] == "open"
    link = f"/incidents/{incident}/refer?child={child}&to={key}&instead_of={view['id']}"
    page = (await saule.page(path)).text
    assert link.replace("&", "&amp;") in page
    assert 'href="/referrals" class="govuk-back-link"' in page
    form = (await saule.page(link)).text
    for field, value in (("instead_of", view["id"]), ("child", child), ("recipients", key)):
        assert f'name="{field}" value="{value}"' in form, field
    asked = {"recipients": key, "child": child, "reason": REASON, "read_for_identities": True, **HELP}
    asked["instead_of"] = view["id"]
    other = await looked_and_sent(saule, f"/incidents/{incident}/refer", {**asked, "child": people["alleged_offender"]})
    assert other.status_code == 404
    done = await looked_and_sent(saule, f"/incidents/{incident}/refer", asked)
    assert done.status_code == 303, done.text
    await drain()
    after = (await saule.get(path)).json()
    assert {one["code"]: one["state"] for one in after["clocks"]}["clk_partner_redirect"] == "met_in_time"
    assert done.headers["location"].endswith(after["around"]["followed_by"])
    late = await saule.act(f"{path}/unfollowed", {"version": after["version"], "reason": UNFOLLOWED})
    assert (late.status_code, late.json()["code"]) == (409, "referral.wrong_state")


async def test_clk_partner_redirect_ends_with_a_reason_by_who_may_send_and_stays_visible(
    browser: Browser, region: Region, database: str, health: Person
) -> None:
    path = await sent(browser, region, database)
    referral = UUID(path.rpartition("/")[2])
    aigerim, timur = await browser(region.aigerim), await browser(region.timur)
    waiting = await aigerim.act(f"{path}/unfollowed", {"version": 1, "reason": UNFOLLOWED})
    assert (waiting.status_code, waiting.json()["code"]) == (409, "referral.wrong_state")
    assert (await timur.act(f"{path}/decline", {"version": 1, "reason": "cannot_reach"})).status_code == 303
    await drain()
    version = (await aigerim.get(path)).json()["version"]
    body = {"version": version, "reason": UNFOLLOWED}
    assert (
        await (await browser(region.daulet)).act(f"{path}/unfollowed", body)
    ).status_code == 403  # reads, never sends
    assert (await (await browser(region.gulnar)).act(f"{path}/unfollowed", body)).status_code == 404
    assert (await timur.act(f"{path}/unfollowed", body)).status_code == 403
    assert (await aigerim.act(f"{path}/unfollowed", {"version": version})).status_code == 422
    assert (await aigerim.act(f"{path}/unfollowed", {**body, "version": version - 1})).status_code == 409
    assert "leave" in (await aigerim.get(path)).json()["may"]
    assert (await aigerim.act(f"{path}/unfollowed", body)).status_code == 303
    chain = "select actor_id from audit_log where action = 'referral.left_unfollowed' and %s = any (record_ids)"
    assert rows(database, chain, referral) == [(region.aigerim.user_id,)]
    for reader in (aigerim, await browser(region.daulet)):
        seen = (await reader.get(path)).json()
        assert seen["around"]["unfollowed_reason"] == UNFOLLOWED
        assert {one["code"]: one["state"] for one in seen["clocks"]}["clk_partner_redirect"] == "cancelled"
        assert (seen["around"]["next_partners"], "leave" in seen["may"]) == ([], False)
    assert UNFOLLOWED in (await aigerim.page(path)).text
    assert UNFOLLOWED not in (await timur.page(path)).text
    assert UNFOLLOWED not in str(rows(database, "select t::text from referral_case t"))
    again = await aigerim.act(f"{path}/unfollowed", body)
    assert (again.status_code, again.json()["code"]) == (409, "referral.wrong_state")


async def test_r_270_proposals_go_by_the_catalogue_and_say_who_has_not_confirmed_this_year(
    browser: Browser, region: Region, database: str, health: Person
) -> None:
    case = await managed_case(browser, region, database)
    await agreed(browser, region)
    aigerim, umit = await browser(region.aigerim), str(region.organisations["umit"])
    before = [one["key"] for one in (await aigerim.get(f"/cases/{case}/refer")).json()["offers"]]
    assert before.index(f"{umit}.counselling") < before.index(f"{health.tenant_id}.counselling")  # agreed comes first
    await offered(browser, health, "counselling")
    offers = (await aigerim.get(f"/cases/{case}/refer")).json()["offers"]
    after = [one["key"] for one in offers]
    assert after.index(f"{health.tenant_id}.counselling") < after.index(f"{umit}.counselling")  # it says that it does
    known = {one["key"]: one for one in offers}
    named, unnamed = known[f"{health.tenant_id}.counselling"], known[f"{health.tenant_id}.shelter"]
    assert (named["is_in_catalogue"], unnamed["is_in_catalogue"], named["is_confirmed"]) == (True, False, True)
    assert known[f"{umit}.counselling"]["is_confirmed"] is False
    chosen = (await aigerim.page(f"/cases/{case}/refer?to={named['key']}")).text
    assert all(text in chosen for text in OFFICE.values())
    unconfirmed = "қызметтерін осы оқу жылына растамаған: жібермес бұрын"
    assert unconfirmed not in chosen
    assert unconfirmed in (await aigerim.page(f"/cases/{case}/refer?to={umit}.counselling")).text

    # A service that names its districts is near only there; the office's own seat counts where it names none.
    district = (
        "insert into district (id, name_kk, name_ru, name_en) values (gen_random_uuid(), %s, %s, %s) returning id"
    )
    here, there = (rows(database, district, *[one] * 3)[0][0] for one in ("Алатау", "Наурызбай"))
    rows(
        database,
        "update tenants set district_id = %s where id = any (%s) returning id",
        here,
        [region.organisations["school12"], health.tenant_id],
    )

    async def near() -> set[str]:
        page = (await aigerim.get(f"/cases/{case}/refer")).json()
        return {
            one["service_type"] for one in page["offers"] if one["is_near"] and one["partner"] == str(health.tenant_id)
        }

    assert {"counselling", "shelter"} <= await near()
    await offered(browser, health, "counselling", districts=[str(there)])
    assert "shelter" in await near()
    assert "counselling" not in await near()
    assert dead_or_failed(database) == []
