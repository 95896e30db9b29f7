"""Programs of partners: a token made on the page, and a client that sends it and nothing else."""

from pathlib import Path
from typing import Any

from src.platform.access import scopes
from tests.support.http import Browser, Client

ALL = list(scopes.catalogue(Path("policies")))


async def made(person: Client, names: list[str]) -> dict[str, Any]:
    """A token as its page shows it once."""
    answer = await person.act("/api-tokens", {"name": "Бағдарлама", "scopes": names, "days": 30})
    assert answer.status_code == 200, answer.text
    paper: dict[str, Any] = answer.json()
    return paper


def program(browser: Browser, token: str) -> Client:
    """A client without a cookie, an origin or a token of a form."""
    client = browser.visitor()
    for name in ("Origin", "Sec-Fetch-Site"):
        del client.headers[name]
    client.headers["Authorization"] = f"Bearer {token}"
    return client
