"""A person with a second factor: sessions that gave the password only, an application, what is on record."""

import asyncio
import time
from base64 import b32decode
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from tests.support.http import Browser, Client, csrf_of
from tests.support.incidents import rows
from tests.support.people import Person

WRONG = "000000"


def app_code(secret: str, *, later: int = 0) -> str:
    """What an application shows now, or some steps of half a minute later."""
    step = int(time.time()) // 30 + later
    return HOTP(b32decode(secret.replace(" ", "")), 6, SHA1()).generate(step).decode()  # noqa: S303  # what applications compute


def wrong_code(secret: str) -> str:
    near = {app_code(secret, later=by) for by in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


async def half_way(browser: Browser, person: Person) -> Client:
    client, asked = await browser.half_way(person)
    assert asked
    return client


async def connected(browser: Browser, person: Person) -> tuple[Client, str]:
    """A session with an application set up, and its secret. The step before the present one is spent.

    It waits for the next step when the present one ends soon, so that a test sees one step from beginning to end.
    """
    left = 30 - time.time() % 30
    await asyncio.sleep(left if left < 5 else 0)
    client = await half_way(browser, person)
    secret = (await client.get("/second-factor/app")).json()["secret"]
    answer = await client.act("/second-factor/app", {"code": app_code(secret, later=-1)})
    assert answer.status_code == 303, answer.text
    client.csrf = await csrf_of(client)
    return client, secret


def audited(database: str, person: Person) -> list[tuple[str, dict[str, Any]]]:
    return rows(
        database,
        "select action, detail from audit_log where actor_id = %s and action like 'account.%%' "
        "and action <> 'account.signed_in' order by seq",
        person.user_id,
    )
