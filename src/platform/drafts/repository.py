"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import closing
from src.platform.db.unit import Unit
from src.platform.drafts.models import FormDraft, Stash
from src.platform.kit.ids import new_id

_IS_NEW: ColumnElement[bool] = literal_column("xmax = 0", Boolean)
_PUT = closing.Kind(
    "drafts",
    "insert into form_draft as known (tenant_id, id, form, content, page, expires_at) "
    "select tenant_id, id, decode(form, 'base64'), decode(content, 'base64'), decode(page, 'base64'), expires_at "
    "from jsonb_to_recordset(:drafts) as r(tenant_id uuid, id uuid, form text, content text, page text, "
    "expires_at timestamptz) "
    "on conflict (tenant_id, id) do update "
    "set content = excluded.content, page = excluded.page, expires_at = excluded.expires_at "
    "where known.content is not null or known.page <> excluded.page "
    "returning tenant_id, id, expires_at, xmax = 0 as is_new",
    then="insert into wake_at (id, at, actor, args, tenant_id) "
    "select alarm, expires_at, actor, jsonb_build_object('draft', id), tenant_id "
    "from jsonb_to_recordset(:drafts) as r(id uuid, alarm uuid, actor text) join drafts using (id) where is_new",
)


async def put(
    unit: Unit, row_id: UUID, *, form: bytes, content: bytes | None, page: bytes, until: datetime, forgetting: str
) -> None:
    """Store what stands in one form, or that nothing does any more, with what the transaction leaves (`db.closing`).

    A row that was not there is woken by `forgetting` at its end. Nothing is stored from a page that was sent or
    discarded already. Once a transaction for each form.
    """
    row = {
        "tenant_id": unit.tenant_id,
        "id": row_id,
        "form": form,
        "content": content,
        "page": page,
        "expires_at": until,
        "alarm": new_id(),
        "actor": forgetting,
    }
    await closing.leave(unit.session, _PUT, row)


async def of_forms(unit: Unit, forms: Collection[bytes], at: datetime) -> list[FormDraft]:
    """Living drafts of these forms."""
    query = select(FormDraft).where(
        FormDraft.form.in_(forms), FormDraft.content.is_not(None), FormDraft.expires_at > at
    )
    return list((await unit.session.scalars(query)).all())


async def expire(unit: Unit, row_id: UUID, at: datetime) -> datetime | None:
    """Delete a draft that nobody touched for long; until when it lives if somebody did."""
    await unit.session.execute(delete(FormDraft).where(FormDraft.id == row_id, FormDraft.expires_at <= at))
    left: datetime | None = await unit.session.scalar(select(FormDraft.expires_at).where(FormDraft.id == row_id))
    return left


async def put_aside(unit: Unit, row_id: UUID, content: bytes, until: datetime) -> bool:
    """Store a stash; whether there was no row before."""
    fresh = insert(Stash).values(id=row_id, content=content, expires_at=until)
    stored = fresh.on_conflict_do_update(
        index_elements=["id"], set_={name: fresh.excluded[name] for name in ("content", "expires_at")}
    ).returning(_IS_NEW)
    return bool(await unit.session.scalar(stored))


async def aside(unit: Unit, row_id: UUID, at: datetime) -> bytes | None:
    """A living stash, locked."""
    query = select(Stash.content).where(Stash.id == row_id, Stash.expires_at > at).with_for_update()
    found: bytes | None = await unit.session.scalar(query)
    return found


async def drop_aside(unit: Unit, row_id: UUID) -> None:
    """Throw a stash away."""
    await unit.session.execute(delete(Stash).where(Stash.id == row_id))


async def expire_aside(unit: Unit, row_id: UUID, at: datetime) -> datetime | None:
    """Delete a stash whose hour is over; until when it lives otherwise."""
    await unit.session.execute(delete(Stash).where(Stash.id == row_id, Stash.expires_at <= at))
    left: datetime | None = await unit.session.scalar(select(Stash.expires_at).where(Stash.id == row_id))
    return left
