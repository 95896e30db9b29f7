"""Pages of incidents: what they cost, and what stands on them whatever the settings are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.incidents import name, reported, student
from tests.support.inside import inside
from tests.support.people import Region

MOST_STATEMENTS = 4


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement in the block, without the one that opens the transaction and the audit rows that end it."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "begin_request" not in statement and "audit_append" not in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


async def test_the_list_costs_four_statements_however_long_it_is(browser: Browser, region: Region) -> None:
    aigerim = await browser(region.aigerim)
    for number in range(5):
        incident = await reported(browser, region)
        await name(browser, region, incident, await student(region, "Сәкенов", f"Асан{number}"), "victim")
    await aigerim.page("/incidents")
    with counted() as seen:
        assert len((await aigerim.get("/incidents")).json()["rows"]) >= 5
    assert len(seen) <= MOST_STATEMENTS, seen


async def test_r_260_an_empty_list_of_numbers_falls_back(browser: Browser, region: Region) -> None:
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "emergency_numbers", ["150"])
    marat = await browser(region.marat)
    assert (await marat.get("/report")).json()["emergency_numbers"] == ["150"]
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "emergency_numbers", [])
    assert (await marat.get("/report")).json()["emergency_numbers"] == ["112", "102", "103", "111"]
