"""A model of requests beside the service: whatever people do in whatever order, both say the same (S-14, S-36)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from src.platform.kit import clock
from tests.support.http import Browser
from tests.support.people import Person
from tests.support.queue import set_clock

WAITS = timedelta(hours=72)


@dataclass
class Stage:
    """What a machine plays on; its rules run in a thread of their own and speak HTTP through the loop of the tests."""

    browser: Browser
    database: str
    people: dict[str, Person]
    deciders: frozenset[str]
    loop: asyncio.AbstractEventLoop
    shift: timedelta = timedelta()
    done: dict[str, int] = field(default_factory=dict)

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def act(self, who: str, path: str, body: dict[str, Any]) -> Any:
        async def go() -> Any:
            return await (await self.browser(self.people[who])).act(path, body)

        return self.wait(go())

    def look(self, who: str, path: str) -> Any:
        async def go() -> Any:
            return await (await self.browser(self.people[who])).get(path)

        return self.wait(go())

    def now(self) -> datetime:
        return clock.real_now() + self.shift

    def later(self, by: timedelta) -> None:
        self.shift += by
        set_clock(self.database, self.now())

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


@dataclass
class Asked:
    """One request as the model has it."""

    path: str
    asker: str
    needed: int
    hours: int
    at: datetime
    resolved: bool = True
    agreed: list[str] = field(default_factory=list)
    closed: str = ""
    since: datetime | None = None
    version: int = 1

    def state(self, now: datetime) -> str:
        if self.closed:
            return self.closed
        if self.since is not None:
            return "open" if now < self.since + timedelta(hours=self.hours) else "ended"
        if now >= self.at + WAITS:
            return "lapsed"
        return "half" if self.agreed else "asked"

    @property
    def waits(self) -> bool:
        return not self.closed and self.since is None


def expected_of_decision(asked: Asked, who: str, verb: str, stage: Stage, state: str) -> int:
    """What the service answers to agree and refuse."""
    if who == asked.asker and not (who in stage.deciders and asked.resolved):
        return 403
    if who not in stage.deciders or not asked.resolved:
        return 404
    if state not in ("asked", "half"):
        return 409
    return 409 if who == asked.asker or (verb == "agree" and who in asked.agreed) else 303


def expected_of_withdrawal(asked: Asked, who: str, stage: Stage, state: str) -> int:
    if who != asked.asker and not (who in stage.deciders and asked.resolved):
        return 404
    return 303 if state in ("asked", "half", "open") else 409


async def play(
    machine: Callable[[], RuleBasedStateMachine], examples: int, steps: int, *, derandomize: bool = True
) -> None:
    """Run a machine while the loop of the tests goes on; the same steps every time where few are tried."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
