"""`make matrix`: who may do what to which class of field, from the compiled policy in the words of actors.md §2.

T = every record of the own organisation, C = only records with a relation to the person, O = only the own ones,
adds = what a relation opens by itself, · = nothing. A conflict takes away whatever is T or C in that record.
`--markdown` prints the tables for a document.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from src.platform.access.policy import ANY_CLASS, BY_RELATION, RELATION, Table, compile_table, enforcer

CLASSES = (
    "school-internal",
    "case-sensitive",
    "identity-victim",
    "identity-reporter",
    "identity-witness",
    "identity-offender",
    "health",
)
_NOTHING = "·"
_Row = Sequence[str]


def main(arguments: list[str]) -> int:
    """Print every resource: one table for each verb that shows fields, one line for each that shows none."""
    print("\n".join(lines(compile_table(enforcer(Path("policies"))), markdown="--markdown" in arguments)))
    return 0


def lines(now: Table, *, markdown: bool = False) -> Iterable[str]:
    """The whole matrix, line by line."""
    for resource in sorted({resource for _, resource, _ in now.grants}):
        yield f"## {resource}\n" if markdown else f"{resource}\n{'=' * len(resource)}"
        for action in sorted({action for _, known, action in now.grants if known == resource}):
            if shown := shown_classes(now, resource, action):
                yield from _table(_rows(now, resource, action, shown), markdown=markdown)
            else:
                yield f"{'* ' if markdown else ''}{action}: {', '.join(_holders(now, resource, action))}"
        yield ""
    yield f"conflicts: {', '.join(sorted(now.conflicts))}"
    yield f"personal: {', '.join(sorted(now.personal))}"
    yield f"many schools: {', '.join(sorted(now.many_schools))}"
    yield f"second factor: {', '.join(sorted(now.guarded))}"


def cell(now: Table, role: str, resource: str, opened: str, *, action: str = "read") -> str:
    """T, C, O or nothing for a role, a resource and a class."""
    granted = now.of(role, resource, action)
    if opened in granted:
        return "T"
    related = [
        atom
        for atom in _atoms(now, resource, action)
        if atom.startswith(RELATION) and opened in now.of(atom, resource, action)
    ]
    if granted and any(atom not in now.personal for atom in related):
        return "C"
    return "O" if granted and related else _NOTHING


def shown_classes(now: Table, resource: str, action: str) -> list[str]:
    """The classes that a verb shows to anybody, in the order of actors.md."""
    opened = frozenset[str]().union(*(now.of(atom, resource, action) for atom in _atoms(now, resource, action)))
    strange = opened - {*CLASSES, ANY_CLASS, BY_RELATION}
    return [one for one in CLASSES if one in opened] + sorted(strange)


def _atoms(now: Table, resource: str, action: str) -> list[str]:
    return sorted(atom for atom, known, verb in now.grants if (known, verb) == (resource, action))


def _holders(now: Table, resource: str, action: str) -> list[str]:
    """Who has a verb that shows no field; with C who has it on records with a relation only."""
    atoms = _atoms(now, resource, action)
    return [atom if now.of(atom, resource, action) - {BY_RELATION} else f"{atom} (C)" for atom in atoms]


def _rows(now: Table, resource: str, action: str, shown: list[str]) -> list[_Row]:
    rows: list[_Row] = [[action, *shown]]
    for atom in _atoms(now, resource, action):
        if atom.startswith(RELATION):
            granted = now.of(atom, resource, action)
            rows.append([atom, *("adds" if one in granted else _NOTHING for one in shown)])
        else:
            rows.append([atom, *(cell(now, atom, resource, one, action=action) for one in shown)])
    return rows


def _table(rows: list[_Row], *, markdown: bool) -> Iterable[str]:
    widths = [max(len(one) for one in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        padded = [one.ljust(width) for one, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(padded)} |" if markdown else "  ".join(padded).rstrip()
        if markdown and number == 0:
            yield f"|{'|'.join('---' for _ in row)}|"
    if markdown:
        yield ""
