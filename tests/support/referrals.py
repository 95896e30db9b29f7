"""Steps of process (e) that several tests need, taken over HTTP by the named people."""

from datetime import date
from typing import Any

from src.platform.kit import clock
from tests.support.http import Browser
from tests.support.incidents import classified, rows
from tests.support.people import Person, Region
from tests.support.queue import drain

WEEKLY = {"sessions_count": 2, "attended_count": 1, "progress": "slight", "work_done": "әңгіме өткізілді"}


async def managed_case(browser: Browser, region: Region, database: str) -> str:
    incident = await classified(browser, region, {"victim": "at_risk"})
    await drain()
    case = str(rows(database, "select id from child_case where incident_id = %s", incident)[0][0])
    saule = await browser(region.saule)
    await saule.act(f"/cases/{case}/manager", {"version": 1, "manager": str(region.aigerim.membership_id)})
    return case


async def agreed(browser: Browser, region: Region, *, fields: tuple[str, ...] = ("family_name", "given_name")) -> None:
    saule, timur = await browser(region.saule), await browser(region.timur)
    today = clock.local_date(clock.now())
    made = await saule.act(
        "/agreements",
        {
            "partner": str(region.organisations["umit"]),
            "service_types": ["counselling"],
            "contract_fields": list(fields),
            "valid_from": today.isoformat(),
            "valid_to": date(today.year + 2, 1, 1).isoformat(),
        },
    )
    assert made.status_code == 303, made.text
    for row in (await timur.get("/referrals")).json()["agreements"]:
        if row["to_sign"]:
            assert (await timur.act(f"/agreements/{row['id']}/sign")).status_code == 303


async def referred(browser: Browser, region: Region, case: str, *, by: Person | None = None, **changed: Any) -> Any:
    manager = await browser(by or region.aigerim)
    body = {
        "partner": str(region.organisations["umit"]),
        "service_type": "counselling",
        "reason": "қолдау керек",
        "read_for_identities": True,
        **changed,
    }
    return await manager.act(f"/cases/{case}/refer", body)


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
