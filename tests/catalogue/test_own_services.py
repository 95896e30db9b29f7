"""An organisation keeps and confirms what it offers; schools search it (R-270)."""

from typing import Any

import psycopg
import pytest

from src.platform.db.context import TenantContext
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from tests.support.catalogue import OFFICE, offered
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.people import Region


def listed(answer: Any) -> set[str]:
    return {row["id"] for row in answer.json()["rows"]}


async def test_r_270_a_school_finds_a_partner_by_service_and_district_and_changes_nothing_there(
    browser: Browser, region: Region, database: str
) -> None:
    oleg, marat = await browser(region.oleg), await browser(region.marat)
    for kk in ("Алмалы", "Бостандық"):
        made = await oleg.act("/districts", {"name_kk": kk, "name_ru": kk, "name_en": kk})
        assert made.status_code == 303
    ids = {name: str(one) for one, name in rows(database, "select id, name_kk from district")}
    await offered(browser, region.timur, "shelter", districts=[ids["Алмалы"]])
    await offered(browser, region.timur, "parent_support")
    umit = str(region.organisations["umit"])

    async def found(query: str) -> bool:
        return umit in listed(await marat.get(f"/catalogue{query}"))

    assert [await found(f"?service_type=shelter&district={ids[one]}") for one in ("Алмалы", "Бостандық")] == [
        True,
        False,
    ]
    assert await found(f"?service_type=parent_support&district={ids['Бостандық']}")  # none named is the whole region
    assert not await found("?service_type=medical_care")
    assert (await marat.get("/catalogue?service_type=unknown")).status_code == 422
    page = (await marat.page("/catalogue")).text
    assert all(text in page for text in (*OFFICE.values(), "Алмалы"))
    (row,) = [one for one in (await marat.get("/catalogue")).json()["rows"] if one["id"] == umit]
    assert (row["is_confirmed"], row["office"]["phone"]) == (True, OFFICE["phone"])

    assert (await marat.get("/catalogue/own")).status_code == 403
    for stranger in (region.daulet, region.asel, region.oleg):
        kept = await (await browser(stranger)).act("/catalogue/own", {"version": 0, **OFFICE})
        assert kept.status_code == 403, stranger.name
    assert (await (await browser(region.timur)).get("/catalogue")).status_code == 403


async def test_r_270_what_is_wrong_is_said_at_once_and_nothing_typed_is_lost(
    browser: Browser, region: Region, database: str
) -> None:
    timur = await browser(region.timur)
    version = (await timur.get("/catalogue/own")).json()["version"]
    empty = await timur.act("/catalogue/own", {"version": version})
    assert (empty.status_code, {one["field"] for one in empty.json()["fields"]}) == (422, set(OFFICE))
    foreign = {"version": version, "service_type": "shelter", "text": "Төсек бар", "districts": [str(new_id())]}
    refused = await timur.act("/catalogue/own/services", foreign)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "districts")
    again = await timur.act("/catalogue/own/services", {**foreign, "text": "Кешке де", "districts": []}, html=True)
    assert again.status_code == 303
    lost = await timur.act("/catalogue/own", {"version": version, **OFFICE, "hours": "Түнде"}, html=True)
    assert lost.status_code == 409
    assert "Түнде" in lost.text
    assert (await timur.get("/catalogue/own", headers=HTML)).status_code == 200


async def test_s_1_everybody_reads_the_catalogue_and_each_organisation_writes_its_own_row_only(
    browser: Browser, region: Region, database: str
) -> None:
    await offered(browser, region.timur, "counselling")
    context = TenantContext(region.organisations["school12"]).signed(settings().key("context"))
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    umit = region.organisations["umit"]
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        read = await app.execute("select phone from service_catalogue where tenant_id = %s", (umit,))
        assert await read.fetchall() == [(OFFICE["phone"],)]
        done = await app.execute("update service_catalogue set phone = '1' where tenant_id = %s", (umit,))
        assert done.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await app.execute(
                "insert into service_catalogue (tenant_id, address, phone, contact_person, hours, services, changed_at)"
                " values (%s, '', '', '', '', '{}', now())",
                (region.organisations["commission"],),
            )
