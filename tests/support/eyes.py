"""Every route as somebody gets it: what must look alike whether something happened or not."""

import re
from typing import Any

from tests.support.http import HTML, Browser, Client
from tests.support.people import Person
from tests.web.test_every_route import filled, routes

Seen = dict[tuple[str, str], tuple[int, str]]
_OWN = ("/sign-out", "/account", "/second-factor", "/organisations", "/class-lists/empty")
"""What ends a session or shows the person; a spreadsheet holds the minute in which it was made."""
_RECORDS = ("/incidents", "/cases", "/meetings", "/my-reports", "/my-children", "/files", "/referrals", "/report")


async def seen_by(browser: Browser, who: Person, identifier: object, *, pages: bool = True) -> Seen:
    """Reads of all pages and lists, and verbs on records with nothing, with one id in every address."""
    client, found = await browser(who), Seen()
    for method, path, handler in routes():
        if not handler.opt.get("permission") or path.startswith(_OWN):
            continue
        address = filled(path, identifier)
        if method == "GET":
            found[path, "json"] = plain(await client.get(address), identifier)
            if pages:
                found[path, "page"] = plain(await client.get(address, headers=HTML), identifier)
        elif path.startswith(_RECORDS):
            found[path, method] = plain(await client.act(address, {}), identifier)
    return found


def plain(answer: Any, identifier: object = "") -> tuple[int, str]:
    """An answer without what differs from one to the next: the number of a page, the hour, the id that was asked."""
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)
    text = text.replace(str(identifier), "id") if identifier else text
    return answer.status_code, re.sub(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?", "", text)


def differing(before: Seen, after: Seen) -> set[tuple[str, str]]:
    """Which of them tell the two worlds apart."""
    return {key for key in before if before[key] != after[key]}


async def alike(client: Client, path: str, one: object, other: object) -> bool:
    """Whether an address answers two ids with the same bytes."""
    first, second = [plain(await client.get(path.format(id=id_), headers=HTML), id_) for id_ in (one, other)]
    return first == second
