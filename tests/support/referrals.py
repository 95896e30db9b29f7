"""Steps of process (e) that several tests need, taken over HTTP by the named people."""

from datetime import date
from typing import Any

from src.platform.kit import clock
from tests.support.http import Browser, Client
from tests.support.incidents import classified, rows
from tests.support.people import Person, Region
from tests.support.queue import drain

WEEKLY = {"sessions_count": 2, "attended_count": 1, "progress": "slight", "work_done": "әңгіме өткізілді"}

HELP = {
    "registered_address": "Абай даңғылы, 12-5",
    "office": "112-кабинет, +7 727 000 00 01",
    "destination": ["commission"],
    "needed_actions": "Отбасымен жұмыс",
    "previous_measures": "Әзірге жоқ",
}


async def managed_case(browser: Browser, region: Region, database: str) -> str:
    incident = await classified(browser, region, {"victim": "at_risk"})
    await drain()
    case = str(rows(database, "select id from child_case where incident_id = %s", incident)[0][0])
    saule = await browser(region.saule)
    await saule.act(f"/cases/{case}/manager", {"version": 1, "manager": str(region.aigerim.membership_id)})
    return case


async def drafted(browser: Browser, region: Region, **changed: Any) -> Any:
    """What the coordinator sends to draft an agreement with the NGO."""
    saule, today = await browser(region.saule), clock.local_date(clock.now())
    body = {
        "partner": str(region.organisations["umit"]),
        "service_types": ["counselling"],
        "contract_fields": ["family_name", "given_name"],
        "procedure": "Кейс-менеджер жолдайды, серіктес бес жұмыс күнінде жауап береді",
        "contacts": "+7 727 000 00 00",
        "weekly_report_duty": True,
        "biweekly_attendance_duty": True,
        "confidentiality": True,
        "valid_from": today.isoformat(),
        "valid_to": date(today.year + 2, 1, 1).isoformat(),
        **changed,
    }
    return await saule.act("/agreements", body)


async def agreed(browser: Browser, region: Region, *, fields: tuple[str, ...] = ("family_name", "given_name")) -> None:
    """An agreement about counselling with exactly these fields is in force; one with other fields is ended first."""
    saule, timur = await browser(region.saule), await browser(region.timur)
    for row in (await saule.get("/referrals")).json()["agreements"]:
        if row["state"] != "in_force" or row["service_types"] != ["counselling"]:
            continue
        known = (await saule.get(f"/agreements/{row['id']}")).json()
        if set(known["contract_fields"]) == set(fields):
            return
        ended = await saule.act(f"/agreements/{row['id']}/end", {"version": known["version"], "reason": "жаңасы бар"})
        assert ended.status_code == 303, ended.text
    made = await drafted(browser, region, contract_fields=list(fields))
    assert made.status_code == 303, made.text
    for person in (saule, timur):
        assert (await person.act(f"{made.headers['location']}/sign")).status_code == 303


async def referred(browser: Browser, region: Region, case: str, *, by: Person | None = None, **changed: Any) -> Any:
    """Look at what the partner will see, then send exactly that; the answer that matters."""
    manager = await browser(by or region.aigerim)
    partner = changed.pop("partner", str(region.organisations["umit"]))
    body = {
        "recipients": f"{partner}.{changed.pop('service_type', 'counselling')}",
        "reason": "қолдау керек",
        "read_for_identities": True,
        "consent": True,
        **changed,
    }
    return await looked_and_sent(manager, f"/cases/{case}/refer", body)


async def looked_and_sent(client: Client, path: str, body: dict[str, Any]) -> Any:
    """The two presses of a referral."""
    shown = await client.act(path, body)
    if shown.status_code != 200:
        return shown
    return await client.act(path, {**body, "seen": shown.json()["seen"]})


async def sent(browser: Browser, region: Region, database: str) -> str:
    case = await managed_case(browser, region, database)
    await agreed(browser, region)
    answer = await referred(browser, region, case)
    assert answer.status_code == 303, answer.text
    await drain()
    path: str = answer.headers["location"]
    return path


async def accepted(browser: Browser, region: Region, database: str) -> str:
    path, timur = await sent(browser, region, database), await browser(region.timur)
    assert (await timur.act(f"{path}/accept", {"version": 1})).status_code == 303
    await drain()
    return path
