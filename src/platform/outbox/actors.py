"""The actors of the house: named `module.verb`, given ids only, run once per outbox row."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

Work = Callable[..., Awaitable[None]]
_ALLOWED = (UUID, int, Enum)


@dataclass(frozen=True, slots=True)
class Actor:
    """One registered actor with the types of its arguments."""

    name: str
    work: Work
    arguments: Mapping[str, type]

    def decode(self, args: Mapping[str, object]) -> dict[str, object]:
        """The arguments of an outbox row as the actor wants them. Raises KeyError or ValueError on a strange row."""
        return {name: kind(args[name]) for name, kind in self.arguments.items()}


_actors: dict[str, Actor] = {}


def actor(name: str) -> Callable[[Work], Work]:
    """Register `async def work(unit, **ids)`. Arguments may only be UUID, int or an enum (S-49)."""

    def register(work: Work) -> Work:
        _, *parameters = inspect.signature(work, eval_str=True).parameters.values()
        arguments = {p.name: p.annotation for p in parameters}
        if any(not issubclass(kind, _ALLOWED) for kind in arguments.values()):
            raise TypeError(name)
        if name in _actors:
            raise ValueError(name)
        _actors[name] = Actor(name, work, arguments)
        return work

    return register


def find(name: str) -> Actor:
    """The actor of that name. Raises KeyError."""
    return _actors[name]


def names() -> frozenset[str]:
    """Every registered name."""
    return frozenset(_actors)
