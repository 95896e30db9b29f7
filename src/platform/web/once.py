"""A form sent twice has one effect: the second click waits for the first and goes where that one led.

Every rendering of a page has a number of its own, carried behind the token of its forms: a sealed mark that also tells
for whom the page was made, which only we can read. What was sent is known by a keyed fingerprint of person, address,
number and body; a form that was refused is rendered anew, with a new number.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db.region_keys import region_key
from src.platform.db.unit import Unit
from src.platform.drafts import keys
from src.platform.drafts.schemas import Owner
from src.platform.kit import clock, crypto
from src.platform.kit.errors import QorganError
from src.platform.web.models import SentForm

_BETWEEN = "."


class AlreadySentError(QorganError):
    """The same form of the same page came before; `location` is where it led."""

    status = 303
    code = "already_sent"

    def __init__(self, location: str) -> None:
        """Remember where to go."""
        super().__init__()
        self.location = location


def numbered(unit: Unit) -> str:
    """The session's token with a number for one rendering of a page."""
    mark = keys.page_mark(Owner(unit.me.user_id, unit.tenant_id))
    return f"{unit.me.csrf.hex()}{_BETWEEN}{mark}"


def taken_apart(given: str) -> tuple[str, str]:
    """The session's token and the number of the page; programs send no number."""
    token, _, number = given.partition(_BETWEEN)
    return token, number


async def enter(request: Request[Any, Any, Any], unit: Unit, number: str) -> bytes | None:
    """Note that this form is being worked on; waits for a twin that is. Raises AlreadySentError.

    None for a request without a number.
    """
    if not number:
        return None
    blind = await _fingerprint(request, unit, number)
    today = clock.local_date(clock.real_now())
    fresh = insert(SentForm).values(tenant_id=unit.tenant_id, blind=blind, day=today).on_conflict_do_nothing()
    if (await unit.session.execute(fresh.returning(SentForm.blind))).one_or_none() is None:
        led_to = await unit.session.scalar(select(SentForm.location).where(SentForm.blind == blind))
        if led_to is not None:
            raise AlreadySentError(led_to)
    await unit.session.execute(delete(SentForm).where(SentForm.day < today))
    return blind


async def leave(unit: Unit, blind: bytes | None, location: str | None) -> None:
    """Remember where the form led; one that led nowhere (a page shown) may be sent again."""
    if blind is not None and location is not None:
        await unit.session.execute(update(SentForm).where(SentForm.blind == blind).values(location=location))


async def _fingerprint(request: Request[Any, Any, Any], unit: Unit, number: str) -> bytes:
    parts = [str(unit.me.user_id), request.url.path, number, *await contents(request)]
    key = region_key("sent-form")
    return crypto.blind(key, "".join(f"{len(part)}:{part}" for part in parts).encode())


async def contents(request: Request[Any, Any, Any]) -> list[str]:
    """The names and values of a form, files as fingerprints."""
    parts: list[str] = []
    for name, value in (await request.form()).multi_items():
        parts += [name, await _content(value)]
    return parts


async def _content(value: UploadFile | str) -> str:
    if not isinstance(value, UploadFile):
        return str(value)
    content = await value.read()
    await value.seek(0)
    return crypto.blind(b"file", content).hex()
