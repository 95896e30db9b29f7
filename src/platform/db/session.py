"""The async session: bound, opened by one statement, never left without a context (S-3, S-4, S-6)."""

from typing import Any

from psycopg import AsyncConnection
from sqlalchemy import Connection, Select, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.util import await_only

from src.platform.db import prepared
from src.platform.db.binding import Binding, Platform, PublicAddress
from src.platform.db.prepared import PREFETCHED
from src.platform.db.together import LASTING
from src.platform.kit import clock
from src.platform.kit.settings import settings

_BINDING = "qorgan_binding"
_OPENED = "qorgan_opened"
_HOURS = "qorgan_hours_only"
_KEPT = "qorgan_of_transaction"


class UnboundError(RuntimeError):
    """Somebody asked the database without saying for whom."""


class RebindError(RuntimeError):
    """Somebody tried to change the organisation inside a transaction (S-6)."""


class BoundSession(Session):
    """The synchronous heart of the async session; carries the hooks."""


def bind(session: AsyncSession, binding: Binding) -> None:
    """Say what the next transactions of this session are for. Raises RebindError inside a transaction."""
    if session.in_transaction():
        raise RebindError
    session.info[_BINDING] = binding


async def begin(session: AsyncSession) -> None:
    """Open the transaction now, so that `opened` has an answer."""
    _ = await session.connection()


def opened(session: AsyncSession) -> dict[str, Any]:
    """The row that the opening statement answered."""
    row: dict[str, Any] = session.info[_OPENED]
    return row


def of_transaction(session: AsyncSession) -> dict[str, Any]:
    """What modules keep until the transaction ends."""
    kept: dict[str, Any] = session.info.setdefault(_KEPT, {})
    return kept


@event.listens_for(BoundSession, "after_begin")
def _open(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.in_nested_transaction():
        return
    binding = session.info.get(_BINDING)
    if binding is None:
        raise UnboundError
    statement, parameters = binding.opening()
    driver: AsyncConnection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # it is open
    row = await_only(prepared.mapping(driver, statement, parameters))
    if settings().test_clock and row.get("shift") is not None:
        clock.set_offset(row["shift"])
    session.info[_OPENED] = row
    session.info[prepared.DRIVER] = driver
    session.info.pop(PREFETCHED, None)
    session.info.pop(LASTING, None)
    session.info.pop(_KEPT, None)
    if isinstance(binding, PublicAddress) or row.get("hours_only"):
        session.info[_HOURS] = True
        clock.tell_hours_only(on=True)


@event.listens_for(BoundSession, "after_transaction_end")
def _leave(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    session.info.pop(prepared.DRIVER, None)
    if session.info.pop(_HOURS, False):
        clock.tell_hours_only(on=False)


@event.listens_for(BoundSession, "before_flush")
def _forget_when_flushing(session: Session, *_: object) -> None:
    session.info.pop(PREFETCHED, None)


@event.listens_for(BoundSession, "do_orm_execute")
def _forget_when_writing(state: ORMExecuteState) -> None:
    locks = isinstance(state.statement, Select) and state.statement._for_update_arg is not None  # noqa: SLF001  # it has no public name
    if locks or not state.is_select:
        state.session.info.pop(PREFETCHED, None)


@event.listens_for(BoundSession, "do_orm_execute")
def _refuse_tenant_rows_without_tenant(state: ORMExecuteState) -> None:
    if not isinstance(state.session.info.get(_BINDING), Platform):
        return
    if any(getattr(mapper.class_, "__tenancy__", "platform") != "platform" for mapper in state.all_mappers):
        raise UnboundError
