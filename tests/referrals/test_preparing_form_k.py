"""Form K prepared by the prevention manager, signed and sent by somebody who may (R-254)."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain
from tests.support.referrals import HELP, looked_and_sent

COLLECTED = "Жиналғанмаркер: үш рет сабаққа келмеді"


@pytest.fixture(scope="module")
async def manager(region: Region) -> Person:
    return await hire("erlan", region.organisations["school12"], ("prevention_manager",))


async def offence(browser: Browser, region: Region) -> tuple[str, dict[str, str]]:
    """A criminal offence by a student: its manager starts the council's session and needs to know of it."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, await student(region, "Қылмысов", "Алмас"), "alleged_offender")
    await name(browser, region, incident, await student(region, "Құрбанова", "Әсел"), "victim")
    told = {"harmed": False, "harm_danger": False, "criminal_offence": True}
    assert (await act(browser, region.saule, region, incident, "triage", **told)).status_code == 303
    await drain()
    people = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    return incident, {one["involvement"]: one["id"] for one in people}


def prepared(child: str, version: int = 0, **changed: Any) -> dict[str, Any]:
    return {"version": version, "child": child, "reason": COLLECTED, **HELP, **changed}


async def test_r_254_the_manager_prepares_form_k_and_never_signs_it(
    browser: Browser, region: Region, database: str, manager: Person
) -> None:
    incident, people = await offence(browser, region)
    child, at = people["alleged_offender"], f"/incidents/{incident}/form-k"
    theirs, saule = await browser(manager), await browser(region.saule)
    page = (await theirs.get(at)).json()
    assert list(page["children"]) == [child]  # never the victim (actors.md, note 6)
    assert (await theirs.act(at, prepared(people["victim"]))).status_code == 404
    assert (await theirs.act(at, prepared(child, reason=""))).status_code == 422
    assert (await theirs.act(at, prepared(child))).status_code == 303
    draft = rows(database, "select id from help_request_draft")[0][0]
    chain = "select actor_id from audit_log where action = 'help_request.prepared' and %s = any (record_ids)"
    assert rows(database, chain, draft) == [(manager.user_id,)]
    asked = "select target_tenant from outbox where actor = 'referrals.help_prepared' and args ->> 'incident' = %s"
    assert rows(database, asked, incident) == [(region.organisations["school12"],)]
    assert COLLECTED not in str(rows(database, "select t::text from help_request_draft t"))
    stale = await theirs.act(at, prepared(child))
    assert stale.status_code == 409
    changed = COLLECTED + ", төрт рет"
    assert (await theirs.act(at, prepared(child, 1, reason=changed))).status_code == 303
    assert changed in (await theirs.page(f"{at}?child={child}")).text

    # Sending is somebody else's.
    commission = f"{region.organisations['commission']}.counselling"
    body = {"recipients": commission, "child": child, "reason": COLLECTED, "read_for_identities": True, **HELP}
    assert (await theirs.act(f"/incidents/{incident}/refer", body)).status_code == 403
    assert (await theirs.get(f"/incidents/{incident}/refer")).status_code == 403
    for other in (region.marat, region.saule):  # who signs needs no page to prepare, who knows nothing has none
        assert (await (await browser(other)).act(at, prepared(child, 2))).status_code == 403
    await drain()
    told = "select membership_id from notification where kind = 'help_prepared' and subject_id = %s"
    heard = {one for (one,) in rows(database, told, incident)}
    assert region.saule.membership_id in heard
    assert manager.membership_id not in heard
    seen = await saule.page(f"/incidents/{incident}/refer?child={child}&recipients={commission}")
    assert all(text in seen.text for text in (changed, HELP["office"], "Ermekov"))
    assert rows(database, "select count(*) from referral") == [(0,)]
    done = await looked_and_sent(saule, f"/incidents/{incident}/refer", {**body, "reason": changed})
    assert done.status_code == 303, done.text
    gone = "select referral_id::text from help_request_draft where id = %s"
    assert rows(database, gone, draft) == [(done.headers["location"].rpartition("/")[2],)]
    zhanna = await browser(region.zhanna)
    await drain()
    signed = (await zhanna.act(f"{done.headers['location']}/open")).json()["slice"]["form_k"]
    assert signed["referrer_name"].startswith("Saparova")
    assert "Ermekov" not in str(signed)
    assert (await theirs.get(at)).json()["prepared"] == {}
    assert dead_or_failed(database) == []


async def test_r_254_without_a_need_to_know_there_is_nothing_to_prepare(
    browser: Browser, region: Region, database: str, manager: Person
) -> None:
    plain = await reported(browser, region, harmed="no", harm_danger="no")
    theirs = await browser(manager)
    for answer in (
        await theirs.get(f"/incidents/{plain}/form-k"),
        await theirs.act(f"/incidents/{plain}/form-k", prepared(plain)),
    ):
        assert answer.status_code == 404
