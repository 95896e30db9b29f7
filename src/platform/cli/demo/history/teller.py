"""Tells a history: moves the test clock, lets people act, runs the outbox as worker and relay would.

What every act answered is written down. A history that was stopped is told again from these answers, which touches
nothing, and goes on where they end (ADR 27).
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import msgspec
import psycopg

from src.platform.accounts import service as accounts
from src.platform.accounts import tokens
from src.platform.db import engine
from src.platform.db.binding import Binding, Inside, PublicAddress, SignedIn
from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit, unit
from src.platform.kit.errors import QorganError
from src.platform.kit.settings import settings
from src.platform.worker import inline
from src.platform.worker.modules import load_actors

Verb = Callable[[Unit], Awaitable[Any]]
_CLOCK = "update platform_state set clock_offset = %s - clock_timestamp()"
_NEXT = "select min(at) from wake_at where fired_at is null and at <= %s"
_MOST_ROUNDS = 1000
_REFUSED = "refused"


class RefusedError(Exception):
    """The service has said no to an act: its story ends there. The text is its code with the fields it complains of."""


class Teller:
    """People who act at moments; used as a context, after which the clock shows the present again."""

    def __init__(self, password: str, answers: list[Any]) -> None:
        """Everybody signs in with `password`; `answers` are those of a history that was stopped."""
        self.answers, self._known, self._at = answers, len(answers), 0
        self._password = password
        self._sessions: dict[str, SignedIn] = {}
        self._tokens: dict[str, str] = {}
        self._open = AsyncExitStack()
        self.jobs = 0

    async def __aenter__(self) -> Self:
        """Connect as administrator, for the clock, and as the relay."""
        load_actors()
        connect = psycopg.AsyncConnection.connect
        self._admin = await self._open.enter_async_context(
            await connect(settings().database_url, autocommit=True, prepare_threshold=1)
        )
        url = settings().role_url("qorgan_relay").replace("+psycopg", "")
        self._relay = await self._open.enter_async_context(await connect(url))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everybody signs out; the present again."""
        try:
            for who, token in self._tokens.items():
                async with unit(self._sessions[who]) as work:
                    await accounts.sign_out(work, token)
            await self._admin.execute("update platform_state set clock_offset = interval '0'")
        finally:
            await self._open.aclose()
            await engine.dispose()

    @property
    def is_remembering(self) -> bool:
        """Whether the acts are still those that were told before the stop."""
        return self._at < self._known

    async def until(self, moment: datetime) -> None:
        """Let time pass: what falls due on the way happens at its own moment."""
        if self.is_remembering:
            return
        await self._settle()
        for _ in range(_MOST_ROUNDS):
            row = await (await self._admin.execute(_NEXT, (moment,))).fetchone()
            if row is None or row[0] is None:
                break
            await self._admin.execute(_CLOCK, (row[0],))
            await self._settle()
        await self._admin.execute(_CLOCK, (moment,))

    async def act(self, who: str, verb: Verb) -> Any:
        """One request of somebody, by sign-in name; what it answered, as JSON knows it."""
        return await self._answer(verb, lambda: self._signed_in(who))

    async def visit(self, slug: str, verb: Verb) -> Any:
        """One request of nobody at the public address of a school."""
        return await self._answer(verb, lambda: _ready(PublicAddress(slug)))

    async def inside(self, tenant_id: UUID, verb: Verb) -> Any:
        """Work that the command line does in an organisation."""
        return await self._answer(verb, lambda: _ready(Inside(TenantContext(tenant_id))))

    async def settle(self) -> None:
        """What the last acts asked for happens before the next one."""
        if not self.is_remembering:
            await self._settle()

    async def _settle(self) -> None:
        self.jobs += await inline.drain(self._relay)

    async def _answer(self, verb: Verb, binding: Callable[[], Awaitable[Binding]]) -> Any:
        if not self.is_remembering:
            self.answers.append(await self._tried(verb, binding))
        self._at += 1
        answer = self.answers[self._at - 1]
        if isinstance(answer, dict) and _REFUSED in answer:
            raise RefusedError(answer[_REFUSED])
        return answer

    async def _tried(self, verb: Verb, binding: Callable[[], Awaitable[Binding]]) -> Any:
        bound = await binding()
        try:
            async with unit(bound) as work:
                return msgspec.to_builtins(await verb(work))
        except QorganError as error:
            return {_REFUSED: " ".join([error.code, *(one.field for one in error.fields)])}

    async def _signed_in(self, who: str) -> SignedIn:
        if who not in self._sessions:
            opened = await accounts.sign_in(who, self._password)
            self._tokens[who] = opened.token
            self._sessions[who] = SignedIn(tokens.token_hash(opened.token))
        return self._sessions[who]


def asked(verb: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Verb:
    """A verb with its arguments as they are now, to be asked for with the unit of an act."""
    return lambda work: verb(work, *arguments, **named)


async def _ready(binding: Binding) -> Binding:
    return binding
