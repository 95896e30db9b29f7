"""Invitations and newcomers, over HTTP."""

from itertools import count
from typing import Any
from uuid import UUID

import httpx

from src.platform.kit.ids import new_id
from tests.support.http import Browser, Client, csrf_of
from tests.support.incidents import rows
from tests.support.people import Person, Region

NEW_PASSWORD = "тау бұлақ сәуле 7"
_numbers = count(1)


def form(code: str, **more: Any) -> dict[str, Any]:
    """What a newcomer types."""
    number = next(_numbers)
    known = {
        "code": code,
        "account": "new",
        "family_name": "Жаңабеков",
        "given_name": f"Тимур{'абвгдежзик'[number % 10]}",
        "sign_in": f"newcomer-{new_id().hex[-8:]}@qorgan.test",
        "password": NEW_PASSWORD,
        "language": "ru",
    }
    return known | more


async def paper(browser: Browser, by: Person, *roles: str) -> dict[str, Any]:
    """An invitation of a head."""
    answer = await (await browser(by)).act("/members/invite", {"roles": list(roles)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def come_in(browser: Browser, code: str, **more: Any) -> tuple[Client, httpx.Response]:
    """Somebody comes in with a code and gives the second factor where it is asked; their client and the answer."""
    visitor, typed = browser.visitor(), form(code, **more)
    answer = await visitor.post("/join", json=typed)
    if answer.status_code == 303:
        visitor.csrf = await csrf_of(visitor)
        if (await visitor.page("/")).is_redirect:
            await browser.proved(visitor, typed["sign_in"])
    return visitor, answer


async def organisation(browser: Browser, region: Region, kind: str = "school") -> dict[str, Any]:
    """A new organisation with the paper of its first person."""
    code = f"o{new_id().hex[-9:]}"
    body = {"kind": kind, "code": code, "slug": code, "name_kk": "Жаңа", "name_ru": "Новая", "name_en": "New"}
    answer = await (await browser(region.oleg)).act("/organisations", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"org": code}


async def member_id(client: Client) -> str:
    """The reader's own line on the members page."""
    return str(next(row["id"] for row in (await client.get("/members")).json()["members"] if row["me"]))


def audited(database: str, action: str, record: str | UUID) -> int:
    """How many audit rows of an action name a record."""
    found = rows(database, "select count(*) from audit_log where action = %s and %s = any (record_ids)", action, record)
    return int(found[0][0])


class NewSchool:
    """A fresh school: its director, and colleagues who came in with codes."""

    def __init__(self, browser: Browser, database: str, tenant_id: UUID, director: Client) -> None:
        self.browser, self.database, self.tenant_id, self.director = browser, database, tenant_id, director

    async def hired(self, *roles: str, **more: Any) -> tuple[Client, str]:
        made = (await self.director.act("/members/invite", {"roles": list(roles)})).json()
        client, answer = await come_in(self.browser, made["code"], **more)
        assert answer.status_code == 303, answer.text
        found = rows(self.database, "select membership_id from invitation where id = %s", made["invitation_id"])
        return client, str(found[0][0])

    async def view(self, membership: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.director.get(f"/members/{membership}")).json()
        return found

    async def act(self, membership: str, verb: str, *, by: Client | None = None, **more: Any) -> Any:
        body = {"version": (await self.view(membership))["version"]} | more
        return await (by or self.director).act(f"/members/{membership}/{verb}", body)
