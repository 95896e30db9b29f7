"""HTTP clients of named people, speaking to the application in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from litestar import Litestar

from src.platform.access import policy
from src.platform.accounts.session_cookie import NAME
from src.platform.web.app import create_app
from tests.support.people import PASSWORD, Person

ORIGIN = "https://qorgan.test"
HTML = {"Accept": "text/html"}
PRINTED: dict[str, list[str]] = {}
"""Codes of the second factor by sign-in name: on paper as long as the tests run, whoever signs in."""


class Client(httpx.AsyncClient):
    """A client that sends what a browser of the same site would send; `act` adds the session's token."""

    async def act(self, path: str, body: dict[str, Any] | None = None, *, html: bool = False) -> httpx.Response:
        """An unsafe request: a form when `html`, else JSON."""
        headers = {"X-CSRF-Token": self.csrf}
        if html:
            return await self.post(path, data=body or {}, headers=headers | HTML)
        return await self.post(path, json=body or {}, headers=headers)

    async def page(self, path: str) -> httpx.Response:
        """A page as a browser asks for it."""
        return await self.get(path, headers=HTML)

    csrf = ""


class Browser:
    """Opens clients over one application."""

    def __init__(self, transport: httpx.ASGITransport) -> None:
        self._transport = transport
        self._clients: dict[str, Client] = {}

    def visitor(self) -> Client:
        """Somebody without a session."""
        return Client(
            transport=self._transport,
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "Accept": "application/json"},
        )

    async def __call__(self, person: Person) -> Client:
        """The client of a named person, signed in once."""
        if person.sign_in not in self._clients:
            self._clients[person.sign_in] = await self.fresh(person)
        return self._clients[person.sign_in]

    async def fresh(self, person: Person) -> Client:
        """A new session of a named person."""
        client, asked = await self.half_way(person)
        return await self.proved(client, person.sign_in) if asked else client

    async def half_way(self, person: Person) -> tuple[Client, bool]:
        """A session that has given the password only, and whether more is asked."""
        client = self.visitor()
        answer = await client.post("/sign-in", json={"sign_in": person.sign_in, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        client.csrf = await csrf_of(client)
        return client, answer.headers["location"].startswith("/second-factor")

    async def proved(self, client: Client, sign_in: str) -> Client:
        """Pass the second factor as somebody without a phone: with printed codes, made when first asked."""
        printed = PRINTED.setdefault(sign_in, [])
        if not printed:
            await self._print(client, sign_in)
            return client
        answer = await client.act("/second-factor", {"code": printed.pop()})
        assert answer.status_code == 303, answer.text
        client.csrf = await csrf_of(client)
        if answer.headers["location"].startswith("/second-factor/codes"):
            await self._print(client, sign_in)
        return client

    async def _print(self, client: Client, sign_in: str) -> None:
        codes = (await client.get("/second-factor/codes")).json()["codes"]
        answer = await client.act("/second-factor/codes", {"code": codes.pop()})
        assert answer.status_code == 303, answer.text
        PRINTED[sign_in] = codes
        client.csrf = await csrf_of(client)

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()


async def csrf_of(client: httpx.AsyncClient) -> str:
    """The token that stands in the sign-out form of any page, without the number of the page: programs have none."""
    page = await client.get("/organisations/mine", headers=HTML)
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0].partition(".")[0]


@asynccontextmanager
async def browser_for() -> AsyncIterator[Browser]:
    """A browser over the application, whose policy is as the files say."""
    policy.load()
    opened = Browser(httpx.ASGITransport(app=application(), raise_app_exceptions=False))
    yield opened
    await opened.close()


@cache
def application() -> Litestar:
    """Built once a test process: it takes half a second."""
    return create_app()


__all__ = ["NAME", "Browser", "Client", "browser_for"]
