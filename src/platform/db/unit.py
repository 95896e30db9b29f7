"""The unit of work: one request or one job is one transaction, and this is its only owner (decisions 19)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from src.platform.db import session as db_session
from src.platform.db.binding import Binding, Inside, Job
from src.platform.db.context import NOBODY
from src.platform.db.engine import sessions
from src.platform.db.prepared import has_changes
from src.platform.db.subject import Subject

_OF_TOKENS = ("token_id", "scopes")
BeforeCommit = Callable[["Unit"], Awaitable[None]]


class Unit:
    """One open transaction with the person it works for. Services take it first and never commit."""

    def __init__(self, session: AsyncSession) -> None:
        """Wrap a session whose transaction is open."""
        self.session = session
        self._before_commit: list[BeforeCommit] = []
        self.subject = _subject(db_session.opened(session))
        self.tenant_id: UUID = _tenant(session)
        self.blinds: dict[str, list[bytes]] = {}
        self.ties = _ties(db_session.opened(session))

    @property
    def language(self) -> str:
        """The language of the person, Kazakh where nobody is signed in."""
        return self.subject.language if self.subject else "kk"

    @property
    def me(self) -> Subject:
        """The signed-in person. Raises LookupError on a page without one."""
        if self.subject is None:
            raise LookupError
        return self.subject

    @property
    def job(self) -> UUID:
        """The outbox row that this unit runs. Raises LookupError outside a job."""
        binding = self.session.info["qorgan_binding"]
        if isinstance(binding, Job):
            return binding.outbox_id
        raise LookupError

    def before_commit(self, act: BeforeCommit) -> None:
        """Run `act` last, just before COMMIT: the audit chain is locked until then."""
        self._before_commit.append(act)

    async def commit(self) -> None:
        """Run what waits for the end, then commit. Only the edge of a request or job calls this."""
        if has_changes(self.session):
            await self.session.flush()
        while self._before_commit:
            await self._before_commit.pop(0)(self)
        await self.session.commit()

    def forget_before_commit(self) -> None:
        """Drop what waited for a commit that did not come."""
        self._before_commit.clear()


@asynccontextmanager
async def unit(binding: Binding, *, role: str = "qorgan_app") -> AsyncIterator[Unit]:
    """Open a transaction for `binding`; commit at the end, roll back on any error."""
    async with sessions(role)() as session:
        db_session.bind(session, binding)
        await db_session.begin(session)
        work = Unit(session)
        yield work
        await work.commit()


def _subject(row: dict[str, Any]) -> Subject | None:
    if row.get("user_id") is None:
        return None
    known = {name: row[name] for name in Subject.__slots__ if name not in ("roles", *_OF_TOKENS)}
    if row.get("token_id") is not None:
        known |= {"token_id": row["token_id"], "scopes": frozenset(row["scopes"])}
    return Subject(roles=frozenset(row["roles"]), **known)


def _tenant(session: AsyncSession) -> UUID:
    row = db_session.opened(session)
    binding = session.info["qorgan_binding"]
    if isinstance(binding, Inside):
        return binding.context.tenant_id
    found: UUID | None = row.get("tenant_id") or row.get("tenant")
    return found or NOBODY


def _ties(row: dict[str, Any]) -> list[tuple[UUID, UUID]] | None:
    """(child, adult) of the person's family; None where the opening statement does not tell."""
    return [(child, adult) for child, adult in row["ties"] or ()] if "ties" in row else None
