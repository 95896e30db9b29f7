"""The roles of each kind of organisation, from `policies/roles.toml`: who heads it, what else may be given."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from src.platform.access.policy import PolicyError
from src.platform.kit.settings import settings

_WORDS = {"heads", "others", "child", "guardian"}


class Roles(NamedTuple):
    """What a head of this kind of organisation may give, in the order of the file; `heads` come first.

    `child` and `guardian` are the roles of the families of the class lists, which no invitation gives.
    """

    heads: tuple[str, ...]
    others: tuple[str, ...]
    child: str = ""
    guardian: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Every role that an invitation may carry."""
        return (*self.heads, *self.others)


def roles_of(kind: str) -> Roles:
    """The roles of a kind of organisation. Raises KeyError."""
    return catalogue(settings().policy_dir)[kind]


@cache
def catalogue(folder: Path) -> dict[str, Roles]:
    """Kind of organisation -> its roles. Raises PolicyError for a file that nobody could be let in by."""
    try:
        found = tomllib.loads((folder / "roles.toml").read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PolicyError("roles.toml is missing or cannot be read") from error
    return {kind: _roles(kind, words) for kind, words in found.items()}


def _roles(kind: str, words: dict[str, Any]) -> Roles:
    heads, others = tuple(words.get("heads", ())), tuple(words.get("others", ()))
    made = Roles(heads, others, words.get("child", ""), words.get("guardian", ""))
    named = [*made.all, *filter(None, (made.child, made.guardian))]
    if not made.heads or words.keys() - _WORDS or len(set(named)) != len(named):
        raise PolicyError(f"roles.toml: [{kind}] needs heads, knows {sorted(_WORDS)}, and names a role once")
    return made
