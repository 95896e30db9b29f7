"""The navigation of a person: sections that modules name, cut by the policy."""

from functools import cache

from src.platform.access import service as access
from src.platform.db.subject import Subject
from src.platform.kit.page import NavItem
from src.platform.web.modules import route_modules


@cache
def _sections() -> tuple[NavItem, ...]:
    found = [item for module in route_modules() for item in getattr(module, "NAV", ())]
    return tuple(sorted(found, key=lambda item: item.order))


def of(subject: Subject) -> list[NavItem]:
    """The sections that a person's roles have."""
    return [item for item in _sections() if _is_for(subject, item)]


def _is_for(subject: Subject, item: NavItem) -> bool:
    if item.unless and access.may_enter(subject, item.unless):
        return False
    return item.permission == "signed_in" or access.may_enter(subject, item.permission)
