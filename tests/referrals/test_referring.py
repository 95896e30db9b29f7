"""Referring a child: from an incident before there is a case, to several at once, seen before it is sent; Form K."""

from io import BytesIO
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from src.platform.db.context import TenantContext
from src.platform.kit.settings import settings
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.http import HTML, Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import as_person
from tests.support.people import Region, hire
from tests.support.queue import drain
from tests.support.referrals import HELP, agreed, looked_and_sent, managed_case, referred, sent

REASON = "Бала қорқады, көмек керек"


async def named(browser: Browser, region: Region) -> tuple[str, str]:
    """A fresh report with a victim, a child who is said to have done it, and a mother of the victim."""
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    async with as_person(region.aigerim) as work:
        identity = Identity(family_name="Серікова", given_name="Аяулым", sex="female", phone="+77010000001")
        child = await vault.add_person(work, "student", identity)
        mother = await vault.add_person(work, "guardian", Identity(family_name="Серікова", given_name="Меруерт"))
        await vault_ties.tie(work, child, mother, "mother")
    await name(browser, region, incident, str(child), "victim")
    await name(browser, region, incident, await student(region, "Қуандықов", "Ерасыл"), "alleged_offender")
    people = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    return incident, next(one["id"] for one in people if one["involvement"] == "victim")


def form_k_asked(region: Region, child: str, **changed: Any) -> dict[str, Any]:
    asked = {"recipients": f"{region.organisations['commission']}.counselling", "child": child, "reason": REASON}
    return {**asked, "read_for_identities": True, **HELP, **changed}


def printed(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


async def test_r_262_form_k_goes_for_a_child_without_case_plan_or_agreement_and_the_commission_reads_it(
    browser: Browser, region: Region, database: str
) -> None:
    incident, child = await named(browser, region)
    saule, zhanna = await browser(region.saule), await browser(region.zhanna)
    page = (await saule.get(f"/incidents/{incident}/refer")).json()
    assert child in page["children"]
    assert {one["partner"] for one in page["offers"]} == {str(region.organisations["commission"])}
    empty = await saule.act(f"/incidents/{incident}/refer", form_k_asked(region, child, office="", needed_actions=""))
    assert {one["field"] for one in empty.json()["fields"]} == {"office", "needed_actions"}
    asked = form_k_asked(region, child)
    seen = (await saule.act(f"/incidents/{incident}/refer", asked)).json()
    of_incident = "select count(*) from referral_case where incident_id = %s"
    assert rows(database, of_incident, incident) == [(0,)]
    (packet,) = seen["packets"]
    assert packet["slice"]["form_k"]["mother_name"] == "Серікова Меруерт"
    done = await saule.act(f"/incidents/{incident}/refer", {**asked, "seen": seen["seen"]})
    assert done.status_code == 303, done.text
    path, referral = done.headers["location"], done.headers["location"].rpartition("/")[2]
    chain = "select actor_id from audit_log where action = 'referral.sent' and %s = any (record_ids)"
    assert rows(database, chain, referral) == [(region.saule.user_id,)]
    crossed = "select target_tenant from outbox where actor = 'referrals.received' and args ->> 'referral' = %s"
    assert rows(database, crossed, referral) == [(region.organisations["commission"],)]
    known = (await saule.get(f"/incidents/{incident}")).json()
    assert [one["targets"] for one in known["forwarded"]] == [["commission"]]
    await drain()
    opened = (await zhanna.act(f"{path}/open")).json()["slice"]
    assert {**packet["slice"]["form_k"]} == {k: v for k, v in opened["form_k"].items() if k != "signed_at"}
    assert "Қуандықов" not in str(opened)
    for person, language, title in ((zhanna, "kk", "Көмек сұрау үлгісі"), (saule, "ru", "Форма запроса о помощи")):
        taken = await person.act(f"{path}/form-k", {"language": language})
        assert (taken.status_code, taken.headers["content-type"]) == (200, "application/pdf")
        text = printed(taken.content)
        assert title in text
        assert "Серікова Аяулым" in text
        assert "Қуандықов" not in text
    mark = "select count(*) from audit_log where action = 'referral.form_k_printed' and %s = any (record_ids)"
    assert rows(database, mark, referral) == [(2,)]
    assert (await (await browser(region.gulnar)).act(f"{path}/form-k", {"language": "kk"})).status_code == 404
    assert (await (await browser(region.marat)).get(f"/incidents/{incident}/refer")).status_code == 403
    assert "Серікова" not in str(
        rows(
            database,
            "select r::text, c::text from referral r join referral_case c on c.referral_id = r.id where r.id = %s",
            referral,
        )
    )


async def test_r_145_an_ngo_is_not_asked_before_there_is_a_case_and_only_with_a_parents_consent_r_262(
    browser: Browser, region: Region, database: str
) -> None:
    await agreed(browser, region)
    incident, child = await named(browser, region)
    saule = await browser(region.saule)
    to_ngo = form_k_asked(region, child, recipients=f"{region.organisations['umit']}.counselling", consent=True)
    refused = await saule.act(f"/incidents/{incident}/refer", to_ngo)
    assert (refused.status_code, refused.json()["code"]) == (409, "referral.needs_case")
    case = await managed_case(browser, region, database)
    without = await referred(browser, region, case, consent=False)
    assert (without.status_code, without.json()["fields"][0]["field"]) == (422, "consent")
    both = f"{region.organisations['umit']}.counselling {region.organisations['umit']}.counselling"
    twice = {"recipients": both, "reason": REASON, "consent": True, "read_for_identities": True}
    refused = await (await browser(region.aigerim)).act(f"/cases/{case}/refer", twice)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "recipients")


async def test_s_20_several_recipients_get_each_its_own_slice_and_exactly_what_was_shown(
    browser: Browser, region: Region, database: str
) -> None:
    case = await managed_case(browser, region, database)
    await agreed(browser, region, fields=("given_name",))
    aigerim, timur, zhanna = [await browser(p) for p in (region.aigerim, region.timur, region.zhanna)]
    keys = [f"{region.organisations[one]}.counselling" for one in ("umit", "commission")]
    asked = {"recipients": " ".join(keys), "reason": REASON, "read_for_identities": True, "consent": True, **HELP}
    shown = (await aigerim.act(f"/cases/{case}/refer", asked)).json()
    ngo, commission = [one["slice"] for one in shown["packets"]]
    assert set(ngo) == {"reason", "contact_person", "given_name"}
    assert {"family_name", "form_k"} <= set(commission)
    page = (await aigerim.act(f"/cases/{case}/refer", asked, html=True)).text
    assert page.count("<dl") == 2
    assert REASON in page
    boxes = ("with_findings", "consent", "read_for_identities")
    ticked = [f'name="{box}" type="checkbox" value="yes" checked' in page for box in boxes]
    assert ticked == [False, True, True]  # what nobody ticked is not ticked by looking
    # What was changed after the preview is shown again and not sent.
    changed = await aigerim.act(f"/cases/{case}/refer", {**asked, "reason": "Басқа себеп", "seen": shown["seen"]})
    assert (changed.status_code, changed.json()["seen"] != shown["seen"]) == (200, True)
    stolen = await (await browser(region.saule)).act(f"/cases/{case}/refer", {**asked, "seen": shown["seen"]})
    assert stolen.status_code == 200  # the preview of a colleague sends nothing
    assert rows(database, "select count(*) from referral_case where case_id = %s", case) == [(0,)]
    done = await aigerim.act(f"/cases/{case}/refer", {**asked, "seen": shown["seen"]})
    assert (done.status_code, done.headers["location"]) == (303, "/referrals")
    await drain()
    for client, packet in ((timur, ngo), (zhanna, commission)):
        newest = (await client.get("/referrals")).json()["rows"][0]["id"]
        opened = (await client.act(f"/referrals/{newest}/open")).json()["slice"]
        if "form_k" in opened:
            assert opened["form_k"].pop("signed_at")
        assert opened == packet


async def test_decision_15_a_text_that_seems_to_name_another_child_is_held_and_findings_go_as_codes_s_20(
    browser: Browser, region: Region, database: str
) -> None:
    incident, child = await named(browser, region)
    saule = await browser(region.saule)
    held = await saule.act(f"/incidents/{incident}/refer", form_k_asked(region, child, reason="Ерасыл ұрды"))
    assert (held.status_code, held.json()["fields"][0]["field"]) == (422, "sure")
    sure = await saule.act(f"/incidents/{incident}/refer", form_k_asked(region, child, reason="Ерасыл ұрды", sure=True))
    assert sure.status_code == 200
    members = [str(p.membership_id) for p in (region.aigerim,)]
    await act(browser, region.saule, region, incident, "screen", investigators=members)
    await act(browser, region.aigerim, region, incident, "start")
    aigerim = await browser(region.aigerim)
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], "waiver": "not_reachable"})
    await act(browser, region.aigerim, region, incident, "finish", findings="Ерасыл дәлізде итерді")
    asked = form_k_asked(region, child, with_findings=True)
    unread = await saule.act(f"/incidents/{incident}/refer", asked)
    assert (unread.status_code, unread.json()["fields"][0]["code"]) == (422, "not_read")
    offender = next(one for one in (await saule.get(f"/incidents/{incident}")).json()["people"] if one["id"] != child)
    marked = {"surface": "Ерасыл", "stands_for": offender["id"]}
    assert (await act(browser, region.saule, region, incident, "mark", **marked)).status_code == 303
    assert (await act(browser, region.saule, region, incident, "read")).status_code == 303
    seen = (await saule.act(f"/incidents/{incident}/refer", asked)).json()
    findings = seen["packets"][0]["slice"]["findings"]
    assert "Ерасыл" not in findings
    assert findings.endswith("дәлізде итерді")
    assert offender["code"] not in findings  # the commission has codes of its own (S-19)


async def test_decision_8_what_was_opened_cannot_be_recalled_and_the_database_holds_it_too(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    aigerim, timur = await browser(region.aigerim), await browser(region.timur)
    assert (await timur.act(f"{path}/open")).status_code == 200
    assert (await timur.act(f"{path}/open")).status_code == 200
    referral = path.rpartition("/")[2]
    assert rows(database, "select count(*) from referral_opening where referral_id = %s", referral) == [(1,)]
    late = await aigerim.act(f"{path}/recall", {"version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "referral.opened")
    assert rows(database, "select sealed_slice is null from referral where id = %s", referral) == [(False,)]
    seen = (await aigerim.get(path)).json()
    assert (seen["around"]["opened_at"] is not None, "recall" in seen["may"]) == (True, False)
    context = TenantContext(region.organisations["school12"]).signed(settings().key("context"))
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await app.execute("update referral set state = 'recalled', sealed_slice = null where id = %s", (referral,))


async def test_a_declined_referral_is_owed_to_another_partner_within_five_working_days_clk_partner_redirect(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    aigerim, timur = await browser(region.aigerim), await browser(region.timur)
    assert (await timur.act(f"{path}/decline", {"version": 1, "reason": "no_capacity"})).status_code == 303
    await drain()
    declined = (await aigerim.get(path)).json()
    running = {one["code"]: one["state"] for one in declined["clocks"]}
    assert running["clk_partner_redirect"] == "open"
    offered = {one["partner"] for one in declined["around"]["next_partners"]}
    assert offered == {str(region.organisations["commission"])}
    key = f"{region.organisations['commission']}.counselling"
    assert f"to={key}&amp;instead_of={declined['id']}" in (await aigerim.page(path)).text
    page = (await aigerim.page(f"/cases/{declined['case_id']}/refer?to={key}&instead_of={declined['id']}")).text
    assert f'name="instead_of" value="{declined["id"]}"' in page
    other = await managed_case(browser, region, database)
    asked = {"recipients": key, "reason": REASON, "read_for_identities": True, "instead_of": declined["id"], **HELP}
    assert (await looked_and_sent(aigerim, f"/cases/{other}/refer", asked)).status_code == 404
    done = await looked_and_sent(aigerim, f"/cases/{declined['case_id']}/refer", asked)
    assert done.status_code == 303, done.text
    await drain()
    after = (await aigerim.get(path)).json()
    assert {one["code"]: one["state"] for one in after["clocks"]}["clk_partner_redirect"] == "met_in_time"
    assert after["around"]["next_partners"] == []
    follower = (await aigerim.get(done.headers["location"])).json()
    assert (after["around"]["followed_by"], follower["around"]["instead_of"]) == (follower["id"], declined["id"])
    again = await looked_and_sent(
        aigerim, f"/cases/{declined['case_id']}/refer", {**asked, "instead_of": follower["id"]}
    )
    assert (again.status_code, again.json()["code"]) == (409, "referral.wrong_state")


async def test_r_150_a_partner_gives_a_referral_to_a_colleague_of_its_own_and_to_nobody_else(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    timur, referral = await browser(region.timur), path.rpartition("/")[2]
    colleague = await hire("bota", region.organisations["umit"], ("partner_worker",))
    for stranger in (region.aigerim, region.zhanna):
        refused = await timur.act(f"{path}/responsible", {"membership_id": str(stranger.membership_id)})
        assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "membership_id")
    to_her = {"membership_id": str(colleague.membership_id)}
    assert (await (await browser(region.aigerim)).act(f"{path}/responsible", to_her)).status_code == 403
    assert (await (await browser(region.zhanna)).act(f"{path}/responsible", to_her)).status_code == 404
    assert (await timur.act(f"{path}/responsible", to_her)).status_code == 303
    told = "select membership_id from notification where kind = 'referral_given' and subject_id = %s"
    assert rows(database, told, referral) == [(colleague.membership_id,)]
    chain = "select actor_id from audit_log where action = 'referral.given' and %s = any (record_ids)"
    assert rows(database, chain, referral) == [(region.timur.user_id,)]
    owed = "select responsible from obligation where tenant_id = %s and subject_id = %s"
    assert rows(database, owed, region.organisations["umit"], referral) == [(colleague.membership_id,)]
    assert (await timur.get(path)).json()["around"]["responsible"].startswith("Bekova")
    school = (await (await browser(region.aigerim)).get(path)).json()
    assert "Bekova" not in str(school)


async def test_another_manager_becomes_the_contact_of_the_partner_and_of_what_was_sent_before_the_case(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    saule, timur = await browser(region.saule), await browser(region.timur)
    case = (await saule.get(path)).json()["case_id"]
    version = (await saule.get(f"/cases/{case}")).json()["version"]
    appointed = {"version": version, "manager": str(region.gulnar.membership_id)}
    assert (await saule.act(f"/cases/{case}/manager", appointed)).status_code == 303
    await drain()
    assert (await timur.get(path)).json()["around"]["contact"].startswith("Ganieva")
    told = "select count(*) from notification where kind = 'referral_contact' and subject_id = %s"
    assert rows(database, told, path.rpartition("/")[2])[0][0] >= 1
    assert "Ganieva" not in str(rows(database, "select t::text from referral_contact t"))
    assert (await (await browser(region.gulnar)).get(path)).status_code == 200
    assert (await timur.get(path, headers=HTML)).status_code == 200
