"""Steps of grants that several tests need, over HTTP by the named people."""

from typing import Any

from tests.support.http import Browser
from tests.support.incidents import name, reported, rows, student
from tests.support.people import Person, Region

ASKED = {"fields": ["full_name"], "purpose": "protect_child", "reason": "Баланы қорғау керек", "hours": 24}


async def incident_with(browser: Browser, region: Region, involvement: str = "victim") -> tuple[str, str, str]:
    """An incident with one child: its id, its number, the letters of the child's code."""
    incident = await reported(browser, region)
    child = await student(region, "Құпияев", "Жасырын")
    assert (await name(browser, region, incident, child, involvement)).status_code == 303
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    return incident, seen["number"], seen["people"][0]["code"]


async def reporter_code(browser: Browser, region: Region, incident: str) -> str:
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    code: str = seen["reports"][0]["reporter"]
    return code


async def ask(browser: Browser, person: Person, number: str, code: str, **more: Any) -> str:
    answer = await (await browser(person)).act("/grants", {**ASKED, "number": number, "code": code, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def step(browser: Browser, person: Person, grant: str, verb: str, *, database: str) -> Any:
    version = rows(database, "select version from access_grant where id = %s", grant[-36:])[0][0]
    body = {} if verb == "use" else {"version": version}
    return await (await browser(person)).act(f"{grant}/{verb}", body)


def audited(database: str, action: str, grant: str) -> list[Any]:
    query = "select actor_id, classes from audit_log where action = %s and %s = any(record_ids)"
    return rows(database, query, action, grant[-36:])


async def proved(browser: Browser, person: Person, database: str) -> None:
    """Somebody whose role asks for no second factor has given one."""
    await browser(person)
    query = "update user_session set second_factor_at = clock_timestamp() where user_id = %s returning 1"
    assert rows(database, query, person.user_id)


async def broken(browser: Browser, person: Person, record: str, *, hours: int = 12) -> str:
    body = {"record": record, "purpose": "team_absent", "reason": "Ешкім жоқ", "hours": hours}
    answer = await (await browser(person)).act("/glass", body)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])
