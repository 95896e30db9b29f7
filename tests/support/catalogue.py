"""Steps of the service catalogue, over HTTP by the named people."""

from typing import Any

from tests.support.http import Browser
from tests.support.people import Person

OFFICE = {
    "address": "Абай даңғылы, 10",
    "phone": "+7 727 111 22 33",
    "contact_person": "Қабылдау бөлмесі",
    "hours": "9:00–18:00",
}


async def offered(browser: Browser, person: Person, *services: str, confirm: bool = True, **more: Any) -> None:
    """Somebody writes down what the own organisation offers, and confirms it."""
    client = await browser(person)
    assert (await client.act("/catalogue/own", {"version": await _version(client), **OFFICE})).status_code == 303
    for one in services:
        body = {"version": await _version(client), "service_type": one, "text": "Аптасына екі кездесу", **more}
        kept = await client.act("/catalogue/own/services", body)
        assert kept.status_code == 303, kept.text
    if confirm:
        assert (await client.act("/catalogue/own/confirm", {"version": await _version(client)})).status_code == 303


async def _version(client: Any) -> int:
    found: int = (await client.get("/catalogue/own")).json()["version"]
    return found
