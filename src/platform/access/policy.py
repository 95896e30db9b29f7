"""The policy of `policies/policy.csv`, compiled to a table and swapped by one reference (decisions 13, S-32, S-33).

Casbin reads the model and the lines and is the oracle of the tests; a decision at run time is a dictionary lookup,
because one `enforce` costs milliseconds (stack.md D).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import casbin
import structlog

from src.platform.kit.settings import settings

ANY_CLASS = "-"
"""Stands in a line whose action shows no field: the right to the verb itself."""
BY_RELATION = "by_relation"
"""Stands in a line of a role that may ask, and gets only records it has a granting relation to."""
RELATION = "is:"
_END = "# The end: a file that was cut anywhere does not load."
IDENTITY = frozenset({"identity-victim", "identity-reporter", "identity-witness", "identity-offender"})
GUARDED = IDENTITY | {"health"}
"""Classes that ask for a second factor (decisions 21)."""
_KINDS = frozenset({"conflict", "personal", "many_schools", "bundle"})
_Key = tuple[str, str, str]
_log = structlog.get_logger(__name__)


class PolicyError(Exception):
    """The policy files cannot be used; names the file or the line, nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Every decision: (role or relation, resource, action) -> field classes. Equal only to itself."""

    grants: Mapping[_Key, frozenset[str]] = field(default_factory=dict)
    conflicts: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    many_schools: frozenset[str] = frozenset()
    """Resources that lie across schools."""
    guarded: frozenset[str] = frozenset()
    """Roles that need a second factor (decisions 21)."""
    version: str = ""

    @property
    def is_open(self) -> bool:
        """False while nothing is loaded: everything is denied and `/ready` says 503."""
        return bool(self.grants)

    def of(self, atom: str, resource: str, action: str) -> frozenset[str]:
        """The classes that one role or relation opens."""
        return self.grants.get((atom, resource, action), frozenset())


_table = Table()


def table() -> Table:
    """The table in force."""
    return _table


def load(folder: Path | None = None) -> Table:
    """Read the files and swap the table in. On any fault the policy is closed and PolicyError raised."""
    global _table  # noqa: PLW0603  # one reference is the swap
    try:
        made = compile_table(enforcer(folder or settings().policy_dir))
    except Exception:
        _table = Table()
        _log.exception("policy_not_loaded")
        raise
    _table = made
    return made


def enforcer(folder: Path) -> casbin.Enforcer:
    """Casbin over the two files. Raises PolicyError when they are missing, cut or damaged (S-33)."""
    model, lines = folder / "model.conf", folder / "policy.csv"
    if not model.is_file() or not lines.is_file():
        raise PolicyError("model.conf or policy.csv is missing")
    if not lines.read_text().rstrip().endswith(_END):
        raise PolicyError("policy.csv is cut: its last line is missing")
    try:
        return casbin.Enforcer(str(model), str(lines))
    except Exception as error:
        raise PolicyError("model.conf or policy.csv cannot be read") from error


def compile_table(source: casbin.Enforcer) -> Table:
    """The table of an enforcer's lines, with what a role inherits. Raises PolicyError on an empty or odd policy."""
    lines = [tuple(line) for line in source.get_policy()]
    if not lines or any(len(line) != 4 or not all(line) for line in lines):  # noqa: PLR2004  # sub, obj, act, cls
        raise PolicyError("policy.csv is empty or has a line without four parts")
    kinds = source.get_named_grouping_policy("g2")
    if any(kind not in _KINDS for _, kind in kinds):
        raise PolicyError("policy.csv sorts a relation or a resource under a word that nobody knows")
    holders, bundles = _holders(lines, source.get_grouping_policy()), _sorted_under("bundle", kinds)
    grants: dict[_Key, set[str]] = defaultdict(set)
    for atom, resource, action, opened in lines:
        for holder in holders[atom] - bundles:
            grants[holder, resource, action].add(opened)
    personal, many_schools = _sorted_under("personal", kinds), _sorted_under("many_schools", kinds)
    return Table(
        grants=MappingProxyType({key: frozenset(opened) for key, opened in grants.items()}),
        conflicts=_sorted_under("conflict", kinds),
        personal=personal,
        many_schools=many_schools,
        guarded=_guarded(grants, personal, many_schools),
        version=sha256(repr((sorted(lines), sorted(map(tuple, kinds)))).encode()).hexdigest()[:12],
    )


def _sorted_under(word: str, kinds: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(name for name, kind in kinds if kind == word)


def _guarded(grants: Mapping[_Key, set[str]], personal: frozenset[str], many_schools: frozenset[str]) -> frozenset[str]:
    """Roles with T or C (actors.md §2) on an identity or health class, or with anything on more than one school.

    C is what a relation adds for a role that may ask at all; a personal relation adds O, which asks for nothing.
    """
    added = {
        (resource, action)
        for (atom, resource, action), opened in grants.items()
        if atom.startswith(RELATION) and atom not in personal and opened & GUARDED
    }
    return frozenset(
        atom
        for (atom, resource, action), opened in grants.items()
        if not atom.startswith(RELATION)
        and (opened & GUARDED or (resource, action) in added or resource in many_schools)
    )


def _holders(lines: Iterable[tuple[str, ...]], groups: Iterable[Iterable[str]]) -> dict[str, set[str]]:
    parents: dict[str, set[str]] = defaultdict(set)
    for child, parent in groups:
        parents[child].add(parent)
    atoms = {line[0] for line in lines} | set(parents)
    holders: dict[str, set[str]] = defaultdict(set)
    for atom in atoms:
        reached, waiting = {atom}, [atom]
        while waiting:
            for parent in parents[waiting.pop()] - reached:
                reached.add(parent)
                waiting.append(parent)
        for held in reached:
            holders[held].add(atom)
    return holders
