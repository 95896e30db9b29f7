"""A name for a while: person, case, fields, purpose and an end; decided by somebody else (S-14, ADR 37)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from src.platform.accounts import service as accounts
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from tests.support.clocks import real_time_again
from tests.support.grants import ask, audited, incident_with, proved, reporter_code, step
from tests.support.http import Browser
from tests.support.incidents import name, rows
from tests.support.inside import inside
from tests.support.meetings import gone
from tests.support.people import PASSWORD, Region
from tests.support.queue import drain, set_clock


async def opened(browser: Browser, region: Region, database: str) -> str:
    _, number, code = await incident_with(browser, region)
    await proved(browser, region.marat, database)
    grant = await ask(browser, region.marat, number, code)
    assert (await step(browser, region.daulet, grant, "agree", database=database)).status_code == 303
    return grant


async def test_s_14_a_name_is_asked_for_granted_by_another_used_and_audited(
    region: Region, browser: Browser, database: str
) -> None:
    incident, number, code = await incident_with(browser, region)
    marat, saule = await browser(region.marat), await browser(region.saule)
    await proved(browser, region.marat, database)
    grant = await ask(browser, region.marat, number, code, fields=["full_name", "birth_date"])
    assert audited(database, "grant.asked", grant) == [(region.marat.user_id, ["identity-victim"])]
    early = await step(browser, region.marat, grant, "use", database=database)
    assert early.status_code == 403
    assert (early.json()["code"], "Құпияев" in early.text) == ("grant.closed", False)
    denied = "select detail->>'code' from audit_log where action = 'access.denied' order by seq desc limit 1"
    assert rows(database, denied) == [("grant.closed",)]
    told = rows(database, "select membership_id, kind from notification where subject_id = %s", grant[-36:])
    assert (region.saule.membership_id, "grant_asked") in told
    assert region.marat.membership_id not in {one for one, _ in told}
    assert f'href="{grant}"' in (await saule.page("/grants")).text
    assert (await step(browser, region.saule, grant, "agree", database=database)).status_code == 303
    assert audited(database, "grant.agreed", grant) == [(region.saule.user_id, ["identity-victim"])]
    used = await step(browser, region.marat, grant, "use", database=database)
    assert used.json()["values"] == {"full_name": "Құпияев Жасырын", "birth_date": ""}
    assert audited(database, "grant.used", grant) == [(region.marat.user_id, ["identity-victim"])]
    read = "select actor_id, classes from audit_log where action = 'identity.read' and %s = any(record_ids) order by seq desc limit 1"
    assert rows(database, read, incident) == [(region.marat.user_id, ["identity-victim"])]
    log = (await saule.get(f"/access/log/incidents/{incident}")).json()["rows"]
    assert ("Muratov Marat", "identity.read") in {(one["name"], one["action"]) for one in log}
    assert (await marat.get(f"/incidents/{incident}")).status_code == 403  # a name is not the record
    await drain()
    told = rows(database, "select membership_id, kind from notification where subject_id = %s", grant[-36:])
    assert {(region.marat.membership_id, "grant_decided"), (region.daulet.membership_id, "grant_given")} <= set(told)


async def test_s_14_who_asks_is_never_who_agrees_whatever_roles_they_have(
    region: Region, browser: Browser, database: str
) -> None:
    _, number, code = await incident_with(browser, region)
    grant = await ask(browser, region.gulnar, number, code, fields=["contact"])
    own = await step(browser, region.gulnar, grant, "agree", database=database)
    assert (own.status_code, own.json()["code"]) == (409, "grant.four_eyes")
    assert (await step(browser, region.daulet, grant, "agree", database=database)).status_code == 303


async def test_s_14_one_person_with_two_accounts_is_two_eyes(region: Region, browser: Browser, database: str) -> None:
    incident, number, _ = await incident_with(browser, region)
    async with inside(region.daulet.tenant_id) as work:
        sign_in = f"second-{new_id().hex[-6:]}@qorgan.test"
        user = await accounts.create_user(work, sign_in, PASSWORD)
        membership = await tenants.add_member(work, user, region.daulet.person_id, ("team_member",))
    second = replace(region.daulet, sign_in=sign_in, user_id=user, membership_id=membership)
    grant = await ask(browser, region.bota, number, await reporter_code(browser, region, incident))
    assert (await step(browser, region.daulet, grant, "agree", database=database)).status_code == 303
    refused = await step(browser, second, grant, "agree", database=database)
    assert (refused.status_code, refused.json()["code"]) == (409, "grant.four_eyes")
    own = await ask(browser, second, number, await reporter_code(browser, region, incident))
    refused = await step(browser, region.daulet, own, "agree", database=database)
    assert (refused.status_code, refused.json()["code"]) == (409, "grant.four_eyes")
    gone(database, second)


async def test_s_14_the_identity_of_who_reported_needs_two_others(
    region: Region, browser: Browser, database: str
) -> None:
    incident, number, _ = await incident_with(browser, region)
    await proved(browser, region.bota, database)
    grant = await ask(browser, region.bota, number, await reporter_code(browser, region, incident))
    assert (await step(browser, region.daulet, grant, "agree", database=database)).status_code == 303
    half = await step(browser, region.bota, grant, "use", database=database)
    assert half.status_code == 403
    again = await step(browser, region.daulet, grant, "agree", database=database)
    assert (again.status_code, again.json()["code"]) == (409, "grant.four_eyes")
    assert (await step(browser, region.aigerim, grant, "agree", database=database)).status_code == 303
    used = await step(browser, region.bota, grant, "use", database=database)
    assert used.json()["values"] == {"full_name": "Muratov Marat"}
    assert audited(database, "grant.used", grant) == [(region.bota.user_id, ["identity-reporter"])]


async def test_s_14_it_ends_by_itself_and_at_once_when_withdrawn(
    region: Region, browser: Browser, database: str
) -> None:
    grant, other = await opened(browser, region, database), await opened(browser, region, database)
    assert (await step(browser, region.marat, grant, "use", database=database)).status_code == 200
    assert (await step(browser, region.aigerim, grant, "withdraw", database=database)).status_code == 303
    assert audited(database, "grant.withdrawn", grant)[0][0] == region.aigerim.user_id
    assert (await step(browser, region.marat, grant, "use", database=database)).status_code == 403
    with real_time_again(database):
        set_clock(database, clock.real_now() + timedelta(hours=23, minutes=59))
        assert (await step(browser, region.marat, other, "use", database=database)).status_code == 200
        set_clock(database, clock.real_now() + timedelta(hours=24, minutes=1))
        late = await step(browser, region.marat, other, "use", database=database)
        assert (late.status_code, late.json()["code"]) == (403, "grant.closed")
        assert (await (await browser(region.marat)).get(other)).json()["state"] == "ended"


async def test_s_14_nobody_else_uses_it_and_72_hours_are_the_most(
    region: Region, browser: Browser, database: str
) -> None:
    grant = await opened(browser, region, database)
    by_decider = await step(browser, region.aigerim, grant, "use", database=database)
    assert (by_decider.status_code, by_decider.json()["code"]) == (403, "grant.closed")
    bota = await browser(region.bota)
    foreign, unknown = [await bota.act(f"{at}/use", {}) for at in (grant, f"/grants/{new_id()}")]
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert (await (await browser(region.zhanna)).get(grant)).status_code == 404  # another organisation
    refused = await bota.act(
        "/grants",
        {"number": "12", "code": "K", "fields": ["full_name"], "purpose": "other", "reason": "x", "hours": 73},
    )
    assert {one["field"] for one in refused.json()["fields"]} == {"number", "code", "hours"}
    with pytest.raises(Exception, match="decided once"):
        rows(
            database,
            "update access_grant set ends_at = ends_at + interval '1 hour' where id = %s returning 1",
            grant[-36:],
        )


async def test_s_14_a_conflict_hears_nothing_asks_in_vain_and_decides_nothing(
    region: Region, browser: Browser, database: str
) -> None:
    """The implicated gets the same answers as somebody who mistyped the number."""
    incident, number, code = await incident_with(browser, region)
    assert (
        await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    ).status_code == 303
    theirs = await ask(browser, region.gulnar, number, code)
    typo = await ask(browser, region.gulnar, "000000", code)
    gulnar = await browser(region.gulnar)
    pages = [(await gulnar.get(one)).json() for one in (theirs, typo)]
    assert pages[0]["state"] == pages[1]["state"] == "asked"
    assert rows(
        database, "select count(*) from notification where subject_id = any(%s)", [theirs[-36:], typo[-36:]]
    ) == [(0,)]
    for person in (region.daulet, region.saule):
        listed = (await (await browser(person)).get("/grants")).json()
        assert theirs[-36:] not in {one["id"] for one in listed["to_decide"]}
    asked = await ask(browser, region.bota, number, code)
    assert rows(
        database,
        "select count(*) from notification where subject_id = %s and membership_id = %s",
        asked[-36:],
        region.gulnar.membership_id,
    ) == [(0,)]
    hidden, unknown = [await gulnar.act(f"{at}/agree", {"version": 1}) for at in (asked, f"/grants/{new_id()}")]
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert asked[-36:] not in (await gulnar.get("/grants")).text


async def test_s_14_who_comes_into_conflict_later_can_use_it_no_more(
    region: Region, browser: Browser, database: str
) -> None:
    incident, number, code = await incident_with(browser, region)
    await proved(browser, region.marat, database)
    grant = await ask(browser, region.marat, number, code)
    await step(browser, region.daulet, grant, "agree", database=database)
    assert (await step(browser, region.marat, grant, "use", database=database)).status_code == 200
    await name(browser, region, incident, str(region.marat.person_id), "alleged_offender", "employee")
    assert (await step(browser, region.marat, grant, "use", database=database)).status_code == 403


async def test_s_26_a_name_is_shown_after_a_second_factor_only(region: Region, browser: Browser, database: str) -> None:
    grant = await opened(browser, region, database)
    rows(
        database, "update user_session set second_factor_at = null where user_id = %s returning 1", region.marat.user_id
    )
    refused = await step(browser, region.marat, grant, "use", database=database)
    assert (refused.status_code, refused.json()["code"]) == (403, "grant.second_factor_first")


async def test_pages_say_what_to_do_when_there_is_nothing(region: Region, browser: Browser, database: str) -> None:
    page = await (await browser(region.bota)).page("/grants")
    assert page.status_code == 200
    assert 'href="/grants/new"' in page.text
    form = await (await browser(region.bota)).act("/grants", {"number": "1", "reason": "Себеп"}, html=True)
    assert (form.status_code, "Себеп" in form.text) == (422, True)
    grant = await opened(browser, region, database)
    for person, verb in ((region.marat, "use"), (region.daulet, "withdraw")):
        assert f'action="{grant}/{verb}"' in (await (await browser(person)).page(grant)).text
