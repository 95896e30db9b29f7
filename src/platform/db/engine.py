"""Engines and session makers, one pair per database role and process."""

from functools import cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from src.platform.db.journeys import is_idle
from src.platform.db.session import BoundSession, DriverSession, forget_plans
from src.platform.kit.settings import settings

# What narrows a row here is the organisation, which no plan knows beforehand: planning anew for every request took half
# the time of a list. Today's disks read out of order as well as in order; planned for older ones, a list sorts all
# years of a school instead of following the index to its newest page (ADR 38).
_PLANS = "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1"


_made: list[AsyncEngine] = []


@cache
def engine(role: str) -> AsyncEngine:
    """The pooled engine of one database role. Parameters never reach an error text (S-59)."""
    made = create_async_engine(
        settings().role_url(role),
        hide_parameters=True,
        pool_size=settings().pool_size,
        pool_use_lifo=True,  # a connection that was just used is warm at both of its ends
        max_overflow=0,  # what is above the size would be closed and opened again under load
        pool_pre_ping=False,
        pool_reset_on_return=None,
        connect_args={"application_name": role, "prepare_threshold": 5, "options": _PLANS},
    )
    event.listen(made.sync_engine, "reset", _roll_back_what_is_open)
    event.listen(made.sync_engine, "rollback_savepoint", forget_plans)
    _made.append(made)
    return made


def _roll_back_what_is_open(connection: Any, _record: ConnectionPoolEntry, state: PoolResetState) -> None:
    """As the pool does it by itself, but for a connection that has nothing to roll back."""
    if not state.terminate_only and not is_idle(connection.driver_connection):
        connection.rollback()


@cache
def sessions(role: str = "qorgan_app") -> async_sessionmaker[DriverSession]:
    """Makes sessions that keep their objects after commit and never autoflush behind a reader's back."""
    return async_sessionmaker(
        engine(role), class_=DriverSession, sync_session_class=BoundSession, expire_on_commit=False
    )


async def dispose() -> None:
    """Close every pool of this process (end of process, or a test that moves to another database)."""
    while _made:
        await _made.pop().dispose()
    engine.cache_clear()
    sessions.cache_clear()
