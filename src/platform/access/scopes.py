"""What a token of a program may be given, from `policies/api.toml`: scope -> lines of the policy, operations.

A token can what its maker can AND what its scopes name. No scope opens a class of identity or health: those ask for
a second factor, and a program has none (decisions 21).
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from src.platform.access.policy import PolicyError, table
from src.platform.kit.settings import settings

_WORDS = {"policy", "operations"}


class Scope(NamedTuple):
    """Permissions that a token keeps of its maker's, and the names of the routes that it reaches."""

    policy: frozenset[str]
    operations: frozenset[str]


def scopes() -> dict[str, Scope]:
    """Every scope in the order of the file."""
    return catalogue(settings().policy_dir)


def lines_of(names: Iterable[str]) -> frozenset[str]:
    """The permissions of some scopes; one that was taken out of the file opens nothing."""
    return frozenset[str]().union(*(scopes()[name].policy for name in names if name in scopes()))


def operations_of(names: Iterable[str]) -> frozenset[str]:
    """The routes of some scopes."""
    return frozenset[str]().union(*(scopes()[name].operations for name in names if name in scopes()))


def is_operation(route: str | None) -> bool:
    """Whether any scope reaches a route."""
    return any(route in scope.operations for scope in scopes().values())


@cache
def catalogue(folder: Path) -> dict[str, Scope]:
    """Raises PolicyError for a file that opens something that the policy does not know."""
    try:
        found = tomllib.loads((folder / "api.toml").read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PolicyError("api.toml is missing or cannot be read") from error
    return {name: _scope(name, words) for name, words in found.items()}


def check(routes: Iterable[str | None]) -> None:
    """At the start: every line stands in the policy, every operation is a route. Raises PolicyError."""
    known, named = {f"{resource}.{action}" for _, resource, action in table().grants}, set(routes)
    for name, scope in scopes().items():
        if unknown := (scope.policy - known) | (scope.operations - named):
            raise PolicyError(f"api.toml: [{name}] names {', '.join(sorted(unknown))}, which nobody knows")


def _scope(name: str, words: dict[str, Any]) -> Scope:
    made = Scope(frozenset(words.get("policy", ())), frozenset(words.get("operations", ())))
    if not made.policy or not made.operations or words.keys() != _WORDS:
        raise PolicyError(f"api.toml: [{name}] needs {sorted(_WORDS)} and nothing else")
    return made
