"""Keeping what is typed and not sent.

There is no audit row here on purpose: a draft is read by its author only, and a row would tell who is about to report
(decisions 11). Nothing here decides who may open a record: a draft is shown by the page of its form, or not at all.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from secrets import token_hex
from uuid import UUID

import msgspec

from src.platform.db.unit import Unit
from src.platform.drafts import keys, repository
from src.platform.drafts.errors import NothingKeptError
from src.platform.drafts.models import FormDraft
from src.platform.drafts.schemas import Owner, PutAside, Typed
from src.platform.kit import clock, crypto
from src.platform.kit.kept import Draft
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays.calendar import add_days, end_of_day

_COLUMN = "form_draft.content"
_FORGET = "drafts.forget"
_STASH_LIVES = timedelta(hours=1)
_encoder = msgspec.json.Encoder()
_typed_decoder, _aside_decoder = msgspec.json.Decoder(Typed), msgspec.json.Decoder(PutAside)


async def keep(unit: Unit, typed: Typed, number: str) -> None:
    """Keep what stands in a form. `number` is that of the page: nothing comes back from one that was sent."""
    row_id = await _row_id(unit, typed.address, typed.apart)
    sealed = await vault.seal_text(unit, _encoder.encode(typed).decode(), _COLUMN, row_id)
    await _put(unit, row_id, typed.address, sealed, number)


async def let_go(unit: Unit, address: str, apart: Mapping[str, str], number: str) -> None:
    """The form was sent or its draft discarded: nothing of it is left."""
    await _put(unit, await _row_id(unit, address, apart), address, None, number)


async def of(unit: Unit, addresses: Collection[str]) -> list[Draft]:
    """My own drafts of the forms that are sent to these addresses, in this organisation."""
    forms = [await _form(unit, address) for address in addresses]
    rows = await repository.of_forms(unit, forms, clock.now())
    return [Draft(**msgspec.structs.asdict(await _opened(unit, row))) for row in rows]


async def forget(unit: Unit, row_id: UUID) -> None:
    """Delete a draft that nobody touched for `draft_days`; look again later when somebody did."""
    until = await repository.expire(unit, row_id, clock.now())
    if until is not None:
        await outbox.wake(unit, until, _FORGET, {"draft": row_id})


async def put_aside(unit: Unit, owner: Owner, mark: str, secret: str, form: PutAside) -> UUID:
    """Seal a form for its author, who has no session any more; the unit needs none. Returns the id for the address."""
    row_id = keys.stash_id(mark)
    sealed = crypto.seal(keys.stash_key(secret, row_id), _encoder.encode(form), owner=_whose(owner.user_id, row_id))
    until = clock.now() + _STASH_LIVES
    if await repository.put_aside(unit, row_id, sealed, until):
        await outbox.wake(unit, until, "drafts.forget_stash", {"stash": row_id}, target_tenant=owner.tenant_id)
    return row_id


async def take_back(unit: Unit, row_id: UUID, secret: str) -> PutAside:
    """Turn a stash of mine into a draft; in another organisation than its own it stays where it is.

    Raises NothingKeptError to everybody but its author, and after an hour.
    """
    sealed = await repository.aside(unit, row_id, clock.now())
    form = _unsealed(unit, row_id, secret, sealed) if sealed is not None else None
    if form is None:
        raise NothingKeptError
    if form.tenant_id != unit.tenant_id:
        return form
    await repository.drop_aside(unit, row_id)
    if not any(one.typed_at > form.typed.typed_at for one in await _same(unit, form.typed)):
        await keep(unit, form.typed, token_hex(8))
    return form


async def forget_stash(unit: Unit, row_id: UUID) -> None:
    """Delete a stash whose hour is over; look again later when its form was sent once more."""
    until = await repository.expire_aside(unit, row_id, clock.now())
    if until is not None:
        await outbox.wake(unit, until, "drafts.forget_stash", {"stash": row_id})


async def _put(unit: Unit, row_id: UUID, address: str, sealed: bytes | None, number: str) -> None:
    """A row and its alarm begin together, so that there is one alarm a row. Only the day of its end is known (S-18)."""
    days = await tenants.setting(unit, "draft_days")
    until = end_of_day(add_days(clock.local_date(clock.now()), days))
    page = await vault.fingerprint(unit, "page", number)
    form = await _form(unit, address)
    await repository.put(unit, row_id, form=form, content=sealed, page=page, until=until, forgetting=_FORGET)


async def _same(unit: Unit, typed: Typed) -> list[Draft]:
    return [one for one in await of(unit, [typed.address]) if one.apart == typed.apart]


async def _form(unit: Unit, address: str) -> bytes:
    return await vault.fingerprint(unit, "form", str(unit.me.membership_id), address)


async def _row_id(unit: Unit, address: str, apart: Mapping[str, str]) -> UUID:
    told = [part for pair in sorted(apart.items()) for part in pair]
    known = await vault.fingerprint(unit, "draft", str(unit.me.membership_id), address, *told)
    return UUID(bytes=known[:16], version=4)


async def _opened(unit: Unit, row: FormDraft) -> Typed:
    return _typed_decoder.decode(await vault.open_text(unit, row.content or b"", _COLUMN, row.id))


def _unsealed(unit: Unit, row_id: UUID, secret: str, sealed: bytes) -> PutAside | None:
    try:
        clear = crypto.unseal(keys.stash_key(secret, row_id), sealed, owner=_whose(unit.me.user_id, row_id))
    except crypto.SealBrokenError:
        return None
    return _aside_decoder.decode(clear)


def _whose(user_id: UUID, row_id: UUID) -> bytes:
    return f"stash|{user_id}|{row_id}".encode()
