"""What a browser does with a form that keeps what is typed: the token of a page, autosaves, the buttons for drafts."""

from typing import Any

import httpx

from tests.support.http import HTML, Client

SAVE, DISCARD = {"_draft": "save"}, {"_draft": "discard"}


def token_on(page: httpx.Response) -> str:
    """The token of one rendering of a page."""
    assert page.status_code == 200, page.text
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


async def open_form(client: Client, path: str) -> str:
    """Open the page of a form; its token."""
    return token_on(await client.page(path))


async def autosave(client: Client, address: str, token: str, **typed: Any) -> httpx.Response:
    """What the script sends after a pause."""
    return await client.post(address, data={"csrf_token": token, **typed, **SAVE})


async def press(client: Client, address: str, token: str, **typed: Any) -> httpx.Response:
    """A button of the form, without a script."""
    return await client.post(address, data={"csrf_token": token, **typed}, headers=HTML)
