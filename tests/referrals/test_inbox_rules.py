"""Who in the partner's organisation gets a new referral: by kind of service, while away the deputy, else everybody."""

from datetime import timedelta
from uuid import UUID

import pytest

from src.platform.kit import clock
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.people import Person, Region, hire
from tests.support.queue import drain
from tests.support.referrals import agreed, managed_case, referred

TOLD = "select membership_id from notification where kind = 'referral_received' and subject_id = %s"
OWED = "select responsible from obligation where code = 'clk_partner_answer' and tenant_id = %s and subject_id = %s"


@pytest.fixture(scope="module")
async def colleague(region: Region) -> Person:
    return await hire("bota", region.organisations["umit"], ("partner_worker",))


async def received(browser: Browser, region: Region, database: str) -> str:
    await agreed(browser, region)
    answer = await referred(browser, region, await managed_case(browser, region, database))
    assert answer.status_code == 303, answer.text
    await drain()
    return str(answer.headers["location"].rpartition("/")[2])


async def test_process_e_a_new_referral_goes_to_whom_the_rule_names_and_to_the_deputy_of_who_is_away(
    browser: Browser, region: Region, database: str, colleague: Person
) -> None:
    umit, timur = region.organisations["umit"], await browser(region.timur)

    async def told() -> tuple[set[UUID], UUID | None]:
        referral = await received(browser, region, database)
        return {one for (one,) in rows(database, TOLD, referral)}, rows(database, OWED, umit, referral)[0][0]

    assert await told() == ({region.timur.membership_id, colleague.membership_id}, None)  # no rule: everybody
    rule = {"counselling": str(colleague.membership_id)}
    assert (await (await browser(region.saule)).act("/inbox/rules", rule)).status_code == 403
    stranger = await timur.act("/inbox/rules", {"counselling": str(region.saule.membership_id)})
    assert (stranger.status_code, stranger.json()["fields"][0]["field"]) == (422, "counselling")
    assert (await timur.act("/inbox/rules", rule)).status_code == 303
    assert (await timur.get("/inbox/rules")).json()["rules"] == rule
    assert (await timur.get("/inbox/rules", headers=HTML)).status_code == 200
    chain = "select actor_id from audit_log where action = 'inbox.rules_kept' and %s = any (record_ids)"
    assert rows(database, chain, umit) == [(region.timur.user_id,)]
    assert await told() == ({colleague.membership_id}, colleague.membership_id)
    newest = rows(database, "select id from referral order by sent_at desc limit 1")[0][0]
    answers = (await timur.get(f"/referrals/{newest}")).json()["around"]["responsible"]
    assert answers.startswith("Bekova")  # and the colleague who was not told still sees it

    today = clock.local_date(clock.now())
    away = {"membership_id": str(colleague.membership_id), "first_day": today.isoformat()}
    away |= {"last_day": (today + timedelta(1)).isoformat(), "deputy": str(region.timur.membership_id)}
    assert (await timur.act("/absences", away)).status_code == 303
    assert await told() == ({region.timur.membership_id}, region.timur.membership_id)
    assert (await timur.act("/inbox/rules", {})).status_code == 303
    assert await told() == ({region.timur.membership_id, colleague.membership_id}, None)
