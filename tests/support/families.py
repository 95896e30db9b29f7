"""Families of a class: a class list with parents, papers for all of them, the first sign-in with a code."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support import class_lists
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.people import Region

CHOSEN = "үш қара бота су ішті"
MOTHER, FATHER = "Тегінова Айша", "Тегінов Болат"


@dataclass(frozen=True)
class Slip:
    """What stands on a paper."""

    name: str
    sign_in: str
    code: str
    children: list[str]


def slips_of(answer: httpx.Response) -> dict[str, Slip]:
    """The papers of a page, by the name on each."""
    assert answer.status_code == 200, answer.text
    found = answer.json()["slips"]
    return {one["name"]: Slip(one["name"], one["sign_in"], one["code"], one["children"]) for one in found}


async def class_of(browser: Browser, region: Region, database: str, label: str, *students: list[str]) -> str:
    """A class with these rows of a list, given to Bota; its address."""
    daulet = await browser(region.daulet)
    loaded = await class_lists.load(daulet, class_lists.as_csv(*students))
    assert loaded.status_code == 303, loaded.text
    found = (await daulet.get("/classes")).json()["rows"]
    address = f"/classes/{next(one['id'] for one in found if one['label'] == label)}"
    view = (await daulet.get(address)).json()
    teacher = {"version": view["version"], "teacher": str(region.bota.membership_id)}
    assert (await daulet.act(f"{address}/teacher", teacher)).status_code == 303
    return address


def child(number: int, label: str, *, given: str = "Аян", **parent: str) -> list[str]:
    """A row of a class list."""
    said = {"phone": f"+7701{number:07}", "relation": "Анасы"} | parent if "guardian" in parent else {}
    return class_lists.student(number, school_class=label, given=given, **said)


async def sign_in(browser: Browser, name: str, password: str) -> tuple[Client, httpx.Response]:
    """Try to sign in."""
    client = browser.visitor()
    answer = await client.post("/sign-in", json={"sign_in": name, "password": password})
    client.csrf = await token(client) if answer.status_code == 303 else ""
    return client, answer


async def come_in(browser: Browser, slip: Slip, password: str = CHOSEN) -> Client:
    """Sign in with a paper and choose a password."""
    client, answer = await sign_in(browser, slip.sign_in, slip.code)
    assert answer.status_code == 303, answer.text
    chosen = await client.act("/account/password", {"old_password": slip.code, "new_password": password})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/"), chosen.text
    client.csrf = await token(client)
    return client


async def token(client: Client) -> str:
    """The session's token, from a page that also opens before a password is chosen."""
    page = await client.page("/account")
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0].partition(".")[0]


async def given_to(browser: Browser, region: Region, address: str) -> dict[str, Slip]:
    """Papers for everybody of a class who has none."""
    return slips_of(await (await browser(region.bota)).act(f"{address}/accounts"))


def audited(database: str, action: str) -> list[Any]:
    """Rows of the audit log of an action: record ids, classes and detail."""
    query = "select record_ids, classes, detail from audit_log where action = %s order by seq"
    return rows(database, query, action)
