"""The life of an agreement over HTTP: drafted, signed by both, printed, ending soon, ended; each with its refusals."""

from datetime import datetime, timedelta
from io import BytesIO

import psycopg
import pytest
from pypdf import PdfReader

from src.platform.db.context import TenantContext
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain, set_clock
from tests.support.referrals import drafted

STATE = "select kind, membership_id from notification where subject_id = %s and kind like 'agreement%%'"


def audited(database: str, agreement: str) -> list[str]:
    found = rows(
        database, "select action from audit_log where %s = any (record_ids) and action <> 'agreement.read'", agreement
    )
    return sorted(row[0] for row in found)


async def test_r_146_an_agreement_states_services_procedure_weekly_report_and_attendance(
    browser: Browser, region: Region, database: str
) -> None:
    count = "select count(*) from agreement"
    before = rows(database, count)
    for duty in ("weekly_report_duty", "biweekly_attendance_duty", "confidentiality"):
        refused = await drafted(browser, region, **{duty: False})
        assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, [duty])
    empty = await drafted(browser, region, procedure="", contacts="", service_types=[])
    assert {one["field"] for one in empty.json()["fields"]} == {"procedure", "contacts", "service_types"}
    assert rows(database, count) == before
    context = TenantContext(region.organisations["school12"]).signed(settings().key("context"))
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        with pytest.raises(psycopg.errors.CheckViolation):
            await app.execute(
                "insert into agreement (tenant_id, id, peer_tenant_id, service_types, contract_fields, valid_from, "
                "valid_to, weekly_report_duty) values (%s, gen_random_uuid(), %s, '{shelter}', '{}', now(), now(), false)",
                (region.organisations["school12"], region.organisations["umit"]),
            )


async def test_r_145_an_agreement_lives_from_a_draft_to_its_end_and_each_side_does_its_own_part(
    browser: Browser, region: Region, database: str
) -> None:
    made = await drafted(browser, region, service_types=["shelter"], contract_fields=["given_name"])
    path, agreement = made.headers["location"], made.headers["location"].rpartition("/")[2]
    saule, timur, daulet = [await browser(p) for p in (region.saule, region.timur, region.daulet)]
    assert (await saule.get(path)).json()["state"] == "draft"
    assert (await timur.get(path)).status_code == 404
    assert agreement not in {one["id"] for one in (await timur.get("/referrals")).json()["agreements"]}
    assert (await timur.act(f"{path}/sign")).status_code == 404
    assert (await (await browser(region.bota)).get(path)).status_code == 403
    assert (
        await (await browser(region.aigerim)).act(f"{path}/sign")
    ).status_code == 403  # the team reads and signs nothing
    assert (await (await browser(region.zhanna)).get(path)).status_code == 403
    assert (await daulet.act(f"{path}/sign")).status_code == 303
    assert (await daulet.act(f"{path}/sign")).status_code == 404  # nothing to sign for this side any more
    await drain()
    assert rows(database, STATE, agreement) == [("agreement_to_sign", region.timur.membership_id)]
    assert "Келісімді оқып, қол қою" in (await timur.page("/referrals")).text
    assert (await timur.act(f"{path}/discard", {"version": 2})).status_code == 403
    assert (await timur.act(f"{path}/sign")).status_code == 303
    await drain()
    seen = (await timur.get(path)).json()
    assert (seen["state"], seen["may"]) == ("in_force", ["end"])
    over = await saule.act(f"{path}/discard", {"version": seen["version"]})
    assert (over.status_code, over.json()["code"]) == (409, "agreement.over")
    for language, title in (("kk", "Өзара іс-қимыл туралы келісім"), ("ru", "Соглашение о взаимодействии")):
        paper = await timur.act(f"{path}/paper", {"language": language})
        text = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages).split())
        assert title in text
        assert "Temirov" in text  # the mark of who took it
    silent = await timur.act(f"{path}/end", {"version": seen["version"]})
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "reason")
    ended = await timur.act(f"{path}/end", {"version": seen["version"], "reason": "Маман жоқ"})
    assert ended.status_code == 303
    assert (await saule.act(f"{path}/end", {"version": 4, "reason": "Біз де"})).status_code == 409
    await drain()
    assert ("agreement_ended", region.saule.membership_id) in rows(database, STATE, agreement)
    told = (await saule.get(path)).json()
    assert (told["state"], told["ended_by"], told["end_reason"]) == ("ended", "«Үміт» ҚҚ", "Маман жоқ")
    assert "Маман жоқ" in (await saule.page(path)).text
    assert audited(database, agreement) == [
        "agreement.drafted",
        "agreement.ended",
        "agreement.printed",
        "agreement.printed",
        "agreement.signed_by_partner",
        "agreement.signed_by_school",
    ]


async def test_two_agreements_of_one_pair_never_cover_one_service_on_one_day(
    browser: Browser, region: Region, database: str
) -> None:
    saule = await browser(region.saule)
    first = await drafted(browser, region, service_types=["legal_help", "medical_care"])
    assert first.status_code == 303
    second = await drafted(browser, region, service_types=["medical_care"])
    assert (second.status_code, second.json()["code"]) == (409, "agreement.overlap")
    later = await drafted(
        browser, region, service_types=["medical_care"], valid_from="2090-01-01", valid_to="2091-01-01"
    )
    assert later.status_code == 303
    assert (await saule.act(f"{first.headers['location']}/discard", {"version": 7})).status_code == 409
    assert (await saule.act(f"{first.headers['location']}/discard", {"version": 1})).status_code == 303
    assert (await saule.get(first.headers["location"])).json()["state"] == "discarded"
    assert (await drafted(browser, region, service_types=["medical_care"])).status_code == 303


async def test_both_sides_hear_that_an_agreement_ends_soon_as_long_before_as_they_chose(
    browser: Browser, region: Region, database: str
) -> None:
    today = clock.local_date(clock.now())
    until = (today + timedelta(days=90)).isoformat()
    made = await drafted(browser, region, service_types=["victim_support"], valid_to=until)
    path, agreement = made.headers["location"], made.headers["location"].rpartition("/")[2]
    saule, timur = await browser(region.saule), await browser(region.timur)
    for person in (saule, timur):
        assert (await person.act(f"{path}/sign")).status_code == 303
    await drain()
    assert not [kind for kind, _ in rows(database, STATE, agreement) if kind == "agreement_ends_soon"]
    try:
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=61))
        await drain()
        told = {member for kind, member in rows(database, STATE, agreement) if kind == "agreement_ends_soon"}
        assert told == {p.membership_id for p in (region.saule, region.daulet, region.timur)}
        assert (await saule.get(path)).json()["state"] == "ends_soon"
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=92))
        assert (await saule.get(path)).json()["state"] == "expired"
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


ATTACKS = {
    "sign for the school": "update agreement set signed_by_school_at = now() - interval '1 day' where id = %(id)s",
    "end in the school's name": "update agreement set ended_at = now(), ended_by = tenant_id, end_reason = 'x' "
    "where id = %(id)s",
    "take it back": "update agreement set discarded_at = now() where id = %(id)s",
    "widen the contract": "update agreement set contract_fields = '{phone}' where id = %(id)s",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_decision_6_the_partner_writes_only_its_own_columns_of_an_agreement(
    browser: Browser, region: Region, database: str, attack: str
) -> None:
    made = await drafted(browser, region, service_types=["relations_change"])
    saule = await browser(region.saule)
    path = made.headers["location"]
    assert (await saule.act(f"{path}/sign")).status_code == 303
    context = TenantContext(region.organisations["umit"]).signed(settings().key("context"))
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await app.execute(ATTACKS[attack], {"id": path.rpartition("/")[2]})  # type: ignore[call-overload]
    assert (await saule.act(f"{path}/discard", {"version": 2})).status_code == 303
