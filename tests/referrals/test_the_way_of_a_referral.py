"""Process (e) over HTTP: agreement, referral, answer, weekly reports, silence; each with its refusals."""

from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from src.platform.db.context import TenantContext
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.referrals import service
from src.platform.workdays.calendar import monday_of, week_of
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region, hire
from tests.support.queue import drain, set_clock
from tests.support.referrals import HELP, WEEKLY, accepted, agreed, drafted, managed_case, referred, sent


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL_ZONE)


async def test_r_145_an_ngo_needs_an_agreement_that_both_have_signed_and_a_body_of_law_does_not(
    browser: Browser, region: Region, database: str
) -> None:
    case = await managed_case(browser, region, database)
    refused = await referred(browser, region, case, service_type="legal_help")
    assert (refused.status_code, refused.json()["code"]) == (409, "referral.no_agreement")
    to_commission = {"partner": str(region.organisations["commission"]), "service_type": "legal_help"}
    commission = await referred(browser, region, case, **to_commission, **HELP, consent=False)
    assert commission.status_code == 303, commission.text
    waits = await drafted(browser, region, service_types=["legal_help"])  # neither side has signed: it opens nothing
    unsigned = await referred(browser, region, case, service_type="legal_help")
    assert unsigned.json()["code"] == "referral.no_agreement"
    await (await browser(region.saule)).act(f"{waits.headers['location']}/discard", {"version": 1})


async def test_the_page_offers_what_is_in_force_today_and_shows_what_they_would_see(
    browser: Browser, region: Region, database: str
) -> None:
    case = await managed_case(browser, region, database)
    await agreed(browser, region, fields=("given_name", "phone"))
    aigerim, umit = await browser(region.aigerim), str(region.organisations["umit"])
    offers = (await aigerim.get(f"/cases/{case}/refer")).json()["offers"]
    of_umit = [one for one in offers if one["partner"] == umit]
    assert [(one["service_type"], one["fields"]) for one in of_umit] == [("counselling", ["given_name", "phone"])]
    assert {one["partner"] for one in offers} == {umit, str(region.organisations["commission"])}
    chosen = (await aigerim.page(f"/cases/{case}/refer?to={umit}.counselling")).text
    assert "Телефоны" in chosen
    assert "Туған күні" not in chosen
    assert "<textarea" not in (await aigerim.page(f"/cases/{case}/refer?to={umit}.shelter")).text
    typed = {"recipients": f"{umit}.counselling", "reason": "айтылған себеп"}
    refused = await aigerim.act(f"/cases/{case}/refer", typed, html=True)
    assert refused.status_code == 422
    assert "айтылған себеп" in refused.text


async def test_text_leaves_only_after_somebody_read_it_for_identities(
    browser: Browser, region: Region, database: str
) -> None:
    case = await managed_case(browser, region, database)
    await agreed(browser, region)
    refused = await referred(browser, region, case, read_for_identities=False)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "read_for_identities")


async def test_s_20_the_partner_gets_exactly_the_fields_of_the_contract_and_the_school_cannot_reopen_them(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    timur, aigerim = await browser(region.timur), await browser(region.aigerim)
    assert "Балаа" not in (await timur.page(path)).text
    opened = (await timur.act(f"{path}/open")).json()["slice"]
    assert set(opened) == {"family_name", "given_name", "reason", "contact_person"}
    assert opened["family_name"].startswith("Бала")
    own_chain = rows(
        database,
        "select tenant_id from audit_log where action = 'identity.read' and %s = any (record_ids)",
        path.rpartition("/")[2],
    )
    assert own_chain == [(region.organisations["umit"],)]
    assert (await aigerim.act(f"{path}/open")).status_code == 403
    dump = str(rows(database, "select t::text from referral t"))
    assert "Балаа" not in dump


async def test_r_150_nobody_else_sees_the_referral(browser: Browser, region: Region, database: str) -> None:
    path = await sent(browser, region, database)
    stranger = await hire("erlan", region.organisations["commission"], ("partner_worker",))
    client = await browser(stranger)
    foreign, random = await client.get(path), await client.get(f"/referrals/{new_id()}")
    assert foreign.status_code == random.status_code == 404
    assert foreign.content == random.content
    gulnar = await browser(region.gulnar)  # a team member who does not manage this case
    assert (await gulnar.get(path)).status_code == 404
    assert (await (await browser(region.marat)).get(path)).status_code == 403


async def test_s_19_school_and_partner_see_different_codes(browser: Browser, region: Region, database: str) -> None:
    path = await sent(browser, region, database)
    codes = {(await (await browser(p)).get(path)).json()["code"] for p in (region.aigerim, region.timur)}
    assert len(codes) == 2


async def test_a_recalled_referral_is_destroyed_and_an_accepted_one_cannot_be_recalled(
    browser: Browser, region: Region, database: str
) -> None:
    path, aigerim, timur = (
        await sent(browser, region, database),
        await browser(region.aigerim),
        await browser(region.timur),
    )
    assert (await aigerim.act(f"{path}/recall", {"version": 1})).status_code == 303
    assert rows(database, "select sealed_slice from referral where id = %s", path.rpartition("/")[2]) == [(None,)]
    late = await timur.act(f"{path}/accept", {"version": 2})
    assert (late.status_code, late.json()["code"]) == (409, "referral.wrong_state")
    path = await accepted(browser, region, database)
    assert (await aigerim.act(f"{path}/recall", {"version": 2})).status_code == 409


async def test_a_second_click_changes_nothing(browser: Browser, region: Region, database: str) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    assert (await timur.act(f"{path}/accept", {"version": 1})).status_code == 409
    assert len((await timur.get(path)).json()["clocks"]) == 2


async def test_r_147_r_148_one_report_a_week_in_words_of_its_own(
    browser: Browser, region: Region, database: str
) -> None:
    path, timur = await accepted(browser, region, database), await browser(region.timur)
    week = week_of(clock.local_date(clock.now()))
    for wrong, field in (({"week": "2031-W05"}, "week"), ({"week": week, "attended_count": 3}, "attended_count")):
        refused = await timur.act(f"{path}/weeks", {**WEEKLY, **wrong})
        assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, field)
    empty = await timur.post(
        f"{path}/weeks", data={"week": week, "work_done": "жазғаным", "csrf_token": timur.csrf}, headers=HTML
    )
    assert empty.status_code == 422
    assert "жазғаным" in empty.text
    assert (await timur.act(f"{path}/weeks", {**WEEKLY, "week": week})).status_code == 303
    twice = await timur.act(f"{path}/weeks", {**WEEKLY, "week": week})
    assert (twice.status_code, twice.json()["code"]) == (409, "referral.week_reported")
    await drain()
    seen = (await (await browser(region.aigerim)).get(path)).json()
    assert seen["reports"][0]["work_done"] == WEEKLY["work_done"]
    assert {c["state"] for c in seen["clocks"] if c["period"] == week} == {"met_in_time"}
    assert "әңгіме" not in str(rows(database, "select t::text from weekly_report t"))


async def test_three_silent_weeks_climb_the_ladder_and_a_late_report_keeps_its_time(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    referral = path.rpartition("/")[2]
    first = monday_of(week_of(clock.local_date(clock.now())))

    def told() -> set[object]:
        found = rows(
            database,
            "select membership_id from notification where subject_id = %s and kind = 'clock_overdue.clk_partner_weekly'",
            referral,
        )
        return {row[0] for row in found}

    try:
        owing = {region.aigerim, region.timur}
        for weeks, expected in ((1, owing), (2, {*owing, region.saule, region.daulet})):
            set_clock(database, at(first + timedelta(days=7 * weeks + 4)))
            await drain()
            assert told() == {p.membership_id for p in expected}, weeks
        set_clock(database, at(first + timedelta(days=7 * 3 + 4)))
        await drain()
        missed = rows(
            database,
            "select period from obligation where tenant_id = %s and subject_id = %s and code = 'clk_partner_weekly' "
            "and overdue_at is not null order by period",
            region.organisations["school12"],
            referral,
        )
        assert len(missed) == 3
        timur = await browser(region.timur)
        weeks_open = (await timur.get(path)).json()["weeks"]
        assert len(weeks_open) == 4
        assert (await timur.act(f"{path}/weeks", {**WEEKLY, "week": missed[0][0]})).status_code == 303
        await drain()
        seen = (await (await browser(region.saule)).get(path)).json()
        assert {c["period"]: c["state"] for c in seen["clocks"] if c["period"]}[missed[0][0]] == "met_late"
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_s_50_the_week_opens_once_however_often_it_is_asked(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    week = week_of(clock.local_date(clock.now()))
    for _ in range(3):
        async with inside(region.organisations["school12"]) as work:
            await service.open_week(work, UUID(path.rpartition("/")[2]), week)
    found = rows(
        database,
        "select count(*) from obligation where subject_id = %s and code = 'clk_partner_weekly' group by tenant_id",
        path.rpartition("/")[2],
    )
    assert found == [(1,), (1,)]


ATTACKS = {
    "delete": "delete from referral where id = %(id)s",
    "steal": "update referral set tenant_id = peer_tenant_id where id = %(id)s",
    "swap": "update referral set tenant_id = peer_tenant_id, peer_tenant_id = tenant_id where id = %(id)s",
    "swap while accepting": "update referral set tenant_id = peer_tenant_id, peer_tenant_id = tenant_id, state = 'accepted' "
    "where id = %(id)s",
    "rewrite the slice while accepting": "update referral set sealed_slice = '', state = 'accepted' where id = %(id)s",
    "rewrite the slice": "update referral set sealed_slice = '' where id = %(id)s",
    "recall as the partner": "update referral set state = 'recalled', sealed_slice = null where id = %(id)s",
    "complete unanswered": "update referral set state = 'completed' where id = %(id)s",
    "write in the school's name": "insert into referral (tenant_id, id, peer_tenant_id, service_type, state, sent_at) "
    "select tenant_id, gen_random_uuid(), peer_tenant_id, 'shelter', 'sent', now() from referral where id = %(id)s",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_two_party_rows_withstand_the_partner(
    browser: Browser, region: Region, database: str, attack: str
) -> None:
    path = await sent(browser, region, database)
    context = TenantContext(region.organisations["umit"]).signed(settings().key("context"))
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await app.execute(ATTACKS[attack], {"id": path.rpartition("/")[2]})  # type: ignore[call-overload]
