"""`Idempotency-Key`: a program's request that comes twice has one effect, and both get the same answer.

The second waits for the first, as a form sent twice does (`web.once`). What was refused is rolled back and leaves no
key: it may be mended and sent again. Known is a keyed fingerprint of token and key, and one of what was sent.
"""

import re
from datetime import timedelta
from uuid import UUID

from src.platform.api import repository
from src.platform.api.errors import BadKeyError, KeyReusedError
from src.platform.db.region_keys import region_key
from src.platform.db.unit import Unit
from src.platform.kit import clock, crypto
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants

_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")


def checked(key: str) -> str:
    """Raises BadKeyError."""
    if not _KEY.fullmatch(key):
        raise BadKeyError
    return key


async def enter(unit: Unit, key: str, sent: list[str]) -> tuple[UUID, str | None]:
    """Note a keyed request; its id, and where its twin led. `sent` is address and body. Raises KeyReusedError."""
    known, request = _blind("api-key", [str(unit.me.token_id), key]), _blind("api-request", sent)
    answer_id, at = UUID(bytes=known[:16], version=4), clock.now()
    until = at + timedelta(hours=await tenants.setting(unit, "api_answer_hours"))
    await repository.forget(unit, answer_id, at)
    row = {"tenant_id": unit.tenant_id, "id": answer_id, "request": request, "expires_at": until}
    if await repository.enter(unit, row):
        await outbox.wake(unit, until, "api.forget", {"answer": answer_id})
        return answer_id, None
    before = await repository.answer(unit, answer_id)
    if before is None or before.request != request:
        raise KeyReusedError
    return answer_id, before.location


async def leave(unit: Unit, answer_id: UUID, location: str) -> None:
    """Remember where it led, in the transaction that did it."""
    await repository.leave(unit, answer_id, location)


def _blind(purpose: str, parts: list[str]) -> bytes:
    key = region_key(purpose)
    return crypto.blind(key, "".join(f"{len(part)}:{part}" for part in parts).encode())
