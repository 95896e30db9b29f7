"""Relations of a person to a record: each exists once, as SQL, registered by the module that owns the record (S-31).

`my_relations()` returns their names per row; `scope()` is the only filter that lists and single loads use. The
expressions take the person's facts as bound parameters, so a statement is built once.
"""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.types import Text

from src.platform.access.policy import BY_RELATION, RELATION, table
from src.platform.access.service import Permission

S = TypeVar("S", bound=Select[Any])
_relations: dict[str, dict[str, ColumnElement[bool]]] = {}


def register(resource: str, name: str, expression: ColumnElement[bool]) -> None:
    """Make a relation known. Raises ValueError when the name is taken."""
    known = _relations.setdefault(resource, {})
    if name in known:
        raise ValueError(name)
    known[name] = expression


def names(resource: str) -> frozenset[str]:
    """The relations registered for a resource."""
    return frozenset(_relations.get(resource, {}))


def any_of(resource: str, names: Collection[str]) -> ColumnElement[bool]:
    """That one of these relations to a row holds, inside a relation of another resource. Raises KeyError."""
    return or_(*(_relations[resource][name] for name in names))


def at_work(resource: str) -> ColumnElement[bool]:
    """That the policy gives the person something on the row by a relation that is no conflict: their own work."""
    now = table()
    giving = {atom for atom, of, _ in now.grants if of == resource} - now.conflicts
    tied = or_(false(), *(e for n, e in _relations.get(resource, {}).items() if RELATION + n in giving))
    return func.coalesce(tied, false())  # a duty that nobody has is no answer


def my_relations(resource: str, among: Collection[str] | None = None) -> ColumnElement[list[str]]:
    """A text[] column: the relations, or those `among` them, that hold between the person and the row."""
    asked = {n: e for n, e in _relations.get(resource, {}).items() if among is None or n in among}
    held = [case((expression, literal(name))) for name, expression in asked.items()]
    return func.array_remove(cast(array(held, type_=Text), ARRAY(Text)), None).label("my_relations")


def deciding(roles: frozenset[str], permission: str, wanted: frozenset[str]) -> frozenset[str]:
    """The relations that decide which of the wanted field classes a row of `scope` opens to these roles.

    Who reads all of them by role sees no row with a conflict, unless a personal relation opens one.
    """
    resource, action = Permission.parse(permission)
    now, known = table(), names(resource)
    given = {name: now.of(RELATION + name, resource, action) - {BY_RELATION} for name in known}
    if any(given[name] for name in known if RELATION + name in now.personal):
        return known
    by_role = frozenset[str]().union(*(now.of(role, resource, action) for role in roles))
    return frozenset(name for name, classes in given.items() if classes & wanted - by_role)


def scope(roles: frozenset[str], permission: str, *, opened: str = "") -> ColumnElement[bool]:
    """The rows that a permission opens to a person with these roles, as one SQL condition over the person's facts.

    `opened` narrows to the rows that open this field class. A relation opens nothing to somebody whose role has no
    such permission: a duty outlives the role it was given to.
    """
    resource, action = Permission.parse(permission)
    now, known = table(), _relations.get(resource, {})
    if not any(now.of(role, resource, action) for role in roles):
        return false()

    def gives(atom: str) -> bool:
        given = now.of(atom, resource, action) - {BY_RELATION}
        return opened in given if opened else bool(given)

    granting = {n: e for n, e in known.items() if gives(RELATION + n)}
    personal = [e for n, e in granting.items() if RELATION + n in now.personal]
    staff = [e for n, e in granting.items() if RELATION + n not in now.personal]
    by_role = any(gives(role) for role in roles)
    conflicts = [e for n, e in known.items() if RELATION + n in now.conflicts]
    as_staff: ColumnElement[bool] = literal(value=True) if by_role else or_(false(), *staff)
    if conflicts:
        as_staff = and_(as_staff, not_(or_(*conflicts)))
    return or_(as_staff, *personal)
