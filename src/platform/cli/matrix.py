"""`make matrix`: who reads what, printed from the compiled policy in the words of actors.md §2.

T = every record of the own organisation, C = only records with a relation to the person, O = only the own ones,
· = nothing. A conflict takes away whatever is T or C in that record.
"""

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


def main(_arguments: list[str]) -> int:
    """Print every resource: what each role reads, what each relation adds, and the verbs."""
    now = compile_table(enforcer(Path("policies")))
    for resource in sorted({resource for _, resource, _ in now.grants}):
        print(f"\n{resource}\n{'=' * len(resource)}")
        _print_reading(now, resource)
        _print_verbs(now, resource)
    print(f"\nconflicts: {', '.join(sorted(now.conflicts))}\npersonal:  {', '.join(sorted(now.personal))}")
    return 0


def roles(now: Table) -> list[str]:
    """Every role of the policy."""
    return sorted({atom for atom, _, _ in now.grants if not atom.startswith(RELATION)})


def cell(now: Table, role: str, resource: str, opened: str, *, action: str = "read") -> str:
    """T, C, O or nothing for a role, a resource and a class."""
    granted = now.of(role, resource, action)
    if opened in granted:
        return "T"
    related = [
        atom
        for atom, known, verb in now.grants
        if atom.startswith(RELATION) and (known, verb) == (resource, action) and opened in now.of(atom, known, verb)
    ]
    if granted and any(atom not in now.personal for atom in related):
        return "C"
    return "O" if granted and related else _NOTHING


def _print_reading(now: Table, resource: str) -> None:
    readers = [atom for atom, known, action in now.grants if (known, action) == (resource, "read")]
    shown = [opened for opened in CLASSES if any(opened in now.of(atom, resource, "read") for atom in readers)]
    if not shown:
        return
    print(f"{'':<22}" + "".join(f"{opened:<19}" for opened in shown))
    for atom in sorted(readers):
        print(f"{atom:<22}" + "".join(f"{_of(now, atom, resource, opened):<19}" for opened in shown))


def _of(now: Table, atom: str, resource: str, opened: str) -> str:
    if not atom.startswith(RELATION):
        return cell(now, atom, resource, opened)
    return "adds" if opened in now.of(atom, resource, "read") else _NOTHING


def _print_verbs(now: Table, resource: str) -> None:
    verbs: dict[str, list[str]] = {}
    for (atom, known, action), granted in sorted(now.grants.items()):
        if known == resource and granted & {ANY_CLASS, BY_RELATION} and action != "read":
            verbs.setdefault(action, []).append(atom)
    for action, atoms in verbs.items():
        print(f"{action:<22}{', '.join(atoms)}")
