"""The school's public address, as a visitor without an account and as the director who keeps it."""

from typing import Any

import psycopg

from src.platform.tenants import service as tenants
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.schools import School, founded

DOOR = "/s/mek12"
REACH = "112-кабинет, 9–17"
TOLD = "Ауладамаркер: үлкендер ақша талап етеді"


async def opened(browser: Browser, region: Region, **more: Any) -> None:
    """The director names the psychologist and opens the address of the school."""
    body = {"contact": str(region.aigerim.membership_id), "reach": REACH, "is_on": "on", **more}
    answer = await (await browser(region.daulet)).act("/door", body)
    assert answer.status_code == 303, answer.text


async def another_school(browser: Browser, region: Region, database: str) -> tuple[School, str]:
    """A fresh school with an open address."""
    school = await founded(region, browser)
    member = await school.hire("psychologist", "team_member")
    answer = await school.act("/door", {"contact": str(member.membership_id), "reach": REACH, "is_on": "on"})
    assert answer.status_code == 303, answer.text
    ((slug,),) = rows(database, "select slug from tenants where id = %s", school.tenant_id)
    return school, f"/s/{slug}"


def forget_uses(database: str) -> None:
    """As if an hour had gone by."""
    with psycopg.connect(database) as admin:
        admin.execute("delete from door_use")


async def number_on(visitor: Client, page: str = f"{DOOR}/report") -> str:
    answer = await visitor.get(page)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["number"]
    return found


async def tell(visitor: Client, description: str = TOLD, *, door: str = DOOR, **more: Any) -> Any:
    body = {"number": await number_on(visitor, f"{door}/report"), "description": description, **more}
    return await visitor.post(f"{door}/report", json=body)


async def told(visitor: Client, description: str = TOLD, **more: Any) -> str:
    """The code of the receipt."""
    answer = await tell(visitor, description, **more)
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["code"]
    return code


async def receipt(visitor: Client, code: str, *, door: str = DOOR) -> Any:
    return await visitor.post(f"{door}/receipt", json={"code": code})


async def answered(visitor: Client, code: str, text: str, **more: Any) -> Any:
    body = {"number": await number_on(visitor, f"{DOOR}/receipt"), "code": code, "text": text, **more}
    return await visitor.post(f"{DOOR}/receipt/answer", json=body)


async def with_settings(region: Region, **values: Any) -> None:
    """Choose settings of the school."""

    async with inside(region.organisations["school12"]) as work:
        for name, value in values.items():
            await tenants.change_setting(work, name, value)
