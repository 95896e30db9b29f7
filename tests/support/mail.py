"""Steps about e-mail that several tests need, taken over HTTP by the named people."""

import re

from tests.support.http import Browser
from tests.support.people import Person
from tests.support.post import PostOffice
from tests.support.queue import drain

CODE = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$", re.MULTILINE)
AT = "/messages/settings"
AT_ONCE = {"mode": "at_once", "digest_at": "8", "quiet_from": "0", "quiet_to": "0"}


def address_of(person: Person) -> str:
    return f"{person.name}@post.example"


async def proved(browser: Browser, post: PostOffice, person: Person, **choice: str) -> str:
    """Somebody gives an address and confirms it; without other choices e-mail comes at any hour, at once."""
    client = await browser(person)
    if (await client.get(AT)).json()["state"] != "confirmed":
        assert (await client.act(f"{AT}/address", {"address": address_of(person)})).status_code == 303
        assert (
            await client.act(f"{AT}/confirm", {"code": await mailed_code(post, address_of(person))})
        ).status_code == 303
    assert (await client.act(AT, AT_ONCE | choice)).status_code == 303
    post.take()
    return address_of(person)


async def mailed_code(post: PostOffice, address: str) -> str:
    """The latest code that came there."""
    await drain()
    return [found[0] for one in post.to(address) if (found := CODE.search(one.text))][-1]
