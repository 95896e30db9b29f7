"""Every route × every named person: the status stands in `route_matrix.txt`, reviewed line by line against actors.md.

A new route fails here until its line stands. To write the lines again: QORGAN_WRITE_MATRIX=1 make crawl
"""

import os
from pathlib import Path

import pytest

from tests.support.http import Browser
from tests.support.people import Region
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

FILE = Path(__file__).with_name("route_matrix.txt")
ENDS_THE_SESSION = {"/sign-out", "/organisations/{tenant_id:uuid}/switch"}
HEADER = (
    "# Empty bodies: 422 = may do it, but not with nothing; 303 = done; 403 = not this role; 404 = not this record.\n"
)


async def measured(region: Region, browser: Browser, world: World) -> dict[str, dict[str, int]]:
    """Route -> person -> status. Reads come before writes, so that a write spoils no read."""
    found: dict[str, dict[str, int]] = {}
    for method, path, handler in sorted(routes()):
        if not handler.opt.get("permission"):
            continue
        line = found.setdefault(f"{method} {path}", {})
        for who, person in region.people.items():
            client = await (browser.fresh if path in ENDS_THE_SESSION else browser)(person)
            body = None if method == "GET" else {}
            headers = {"X-CSRF-Token": client.csrf}
            answer = await client.request(method, world.fill(path), json=body, headers=headers)
            line[who] = answer.status_code
    return found


def written(found: dict[str, dict[str, int]]) -> str:
    lines = []
    for route, statuses in sorted(found.items()):
        people: dict[int, list[str]] = {}
        for who, status in statuses.items():
            people.setdefault(status, []).append(who)
        lines.append(route)
        lines += [f"    {status} {' '.join(sorted(names))}" for status, names in sorted(people.items())]
    return HEADER + "\n".join(lines) + "\n"


async def test_every_route_answers_every_person_as_the_reviewed_matrix_says(
    region: Region, browser: Browser, database: str
) -> None:
    text = written(await measured(region, browser, await lived(region, browser, database)))
    if os.environ.get("QORGAN_WRITE_MATRIX"):
        FILE.write_text(text)
    assert text == FILE.read_text()
