"""The questions everybody asks: may this person come in, and which field classes does this record open to them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from src.platform.access import scopes
from src.platform.access.policy import ANY_CLASS, BY_RELATION, GUARDED, IDENTITY, RELATION, Table, table
from src.platform.db.subject import Subject
from src.platform.db.unit import Unit
from src.platform.kit.errors import Forbidden, NotFound, Unauthenticated


class Permission(NamedTuple):
    """`resource.action`, the grammar of permissions."""

    resource: str
    action: str

    @classmethod
    def parse(cls, text: str) -> "Permission":
        """From "incident.read". Raises ValueError."""
        resource, action = text.split(".")
        return cls(resource, action)


def has_module(roles: Iterable[str], permission: str) -> bool:
    """Whether one of these roles has the module at all; records are decided one by one afterwards."""
    resource, action = Permission.parse(permission)
    return any(table().of(role, resource, action) for role in roles)


def may_enter(subject: Subject, permission: str) -> bool:
    """The same of a person, or of the scopes of a program's token and the person who made it."""
    return _in_scope(subject, permission) and has_module(subject.roles, permission)


def require(unit: Unit, permission: str) -> None:
    """Raises Unauthenticated without a person, Forbidden without a role that has the module."""
    if unit.subject is None:
        raise Unauthenticated
    if not may_enter(unit.subject, permission):
        raise Forbidden(permission)


def needs_second_factor(subject: Subject) -> bool:
    """Whether a role of this person asks for a second factor (decisions 21); with a closed policy everybody's does."""
    return not table().is_open or bool(subject.roles & table().guarded)


def lacks_second_factor(subject: Subject) -> bool:
    """Whether this session has given the password only, and a role of the person asks for more (S-26).

    A program has none to give; what asks for one is closed to it (`classes`).
    """
    return subject.scopes is None and subject.second_factor_at is None and needs_second_factor(subject)


def grounds(roles: frozenset[str], permission: str, relations: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """The roles and relations (`is:…`) that open one record, each with the field classes it opens.

    Without a role that has the permission no relation opens anything. A conflict of interest takes away what roles and
    staff relations gave; what a person has as child, parent or reporter stays (decisions 13).
    """
    return _grounds(table(), roles, permission, relations)


def _grounds(now: Table, roles: frozenset[str], permission: str, relations: Iterable[str]) -> dict[str, frozenset[str]]:
    resource, action = Permission.parse(permission)
    tied = {RELATION + name for name in relations}
    if not any(now.of(role, resource, action) for role in roles):
        return {}
    atoms = tied & now.personal if tied & now.conflicts else tied | roles
    opened = {atom: now.of(atom, resource, action) - {BY_RELATION} for atom in atoms}
    return {atom: given for atom, given in opened.items() if given}


def classes(subject: Subject, permission: str, relations: Iterable[str] = ()) -> frozenset[str]:
    """The field classes that one record opens; empty means: not for this person.

    A program's token opens what its maker may and its scopes name, and no class that asks for a second factor.
    """
    if not _in_scope(subject, permission):
        return frozenset()
    opened = _opened(table(), subject.roles, permission, frozenset(relations))
    return opened if subject.scopes is None else opened - GUARDED


@lru_cache(maxsize=16_384)
def _opened(now: Table, roles: frozenset[str], permission: str, relations: frozenset[str]) -> frozenset[str]:
    """A page asks the same of one table again and again; another table is asked anew."""
    return frozenset[str]().union(*_grounds(now, roles, permission, relations).values())


def _in_scope(subject: Subject, permission: str) -> bool:
    return subject.scopes is None or permission in scopes.lines_of(subject.scopes)


def may(subject: Subject, permission: str, relations: Iterable[str] = ()) -> bool:
    """Whether the verb is open on a record with these relations."""
    return bool(classes(subject, permission, relations))


def demand(
    subject: Subject, permission: str, relations: Iterable[str], *, reading: str | None = None
) -> frozenset[str]:
    """The classes a verb opens on a record. Raises NotFound to who may not even read it (`reading`), else Forbidden."""
    opened = classes(subject, permission, relations)
    if opened:
        return opened
    if reading is not None and may(subject, reading, relations):
        raise Forbidden(permission)
    raise NotFound


def roles_with(permission: str) -> frozenset[str]:
    """Every role or relation that has a verb; for recipients of clocks and for pages that explain the policy."""
    resource, action = Permission.parse(permission)
    return frozenset(atom for (atom, res, act) in table().grants if (res, act) == (resource, action))


def holders(permission: str) -> frozenset[str]:
    """Every role or relation that opens something by itself; a role that only may ask is not among them."""
    resource, action = Permission.parse(permission)
    return frozenset(atom for atom in roles_with(permission) if table().of(atom, resource, action) - {BY_RELATION})


def is_for_other_roles(subject: Subject, permission: str) -> bool:
    """Whether roles are why this person lacks a permission; False for an unknown one, and where a role has it."""
    try:
        found = holders(permission)
    except ValueError:
        return False
    return bool(found) and not found & subject.roles


__all__ = [
    "ANY_CLASS",
    "IDENTITY",
    "Permission",
    "classes",
    "demand",
    "grounds",
    "has_module",
    "holders",
    "is_for_other_roles",
    "lacks_second_factor",
    "may",
    "may_enter",
    "needs_second_factor",
    "require",
    "roles_with",
]
