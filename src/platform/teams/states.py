"""The states of a team, and what activating it demands. No database."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import N_

DRAFT, ACTIVE, ENDED = "draft", "active", "ended"
OPEN = frozenset({DRAFT, ACTIVE})
KINDS = ("director", "specialist", "teacher", "other")
_SCHOOL_YEAR_BEGINS = 9


class Least(NamedTuple):
    """The smallest team the law allows, or a larger one that the school chose (R-002, R-004, R-005)."""

    members: int
    specialists: int
    teachers: int


class Count(NamedTuple):
    """One line of the checklist."""

    code: str
    have: int
    least: int

    @property
    def met(self) -> bool:
        """Whether there are enough."""
        return self.have >= self.least


def checklist(kinds: Collection[str], places: Collection[str], least: Least) -> list[Count]:
    """Every minimum on its own: 1 + 5 + 3 is less than 10. `places` are those of leader and deputy that are taken."""
    filled = list(kinds)
    return [
        Count("members", len(filled), least.members),
        Count("director", filled.count("director"), 1),
        Count("specialists", filled.count("specialist"), least.specialists),
        Count("teachers", filled.count("teacher"), least.teachers),
        Count("leader", int("leader" in places), 1),
        Count("deputy", int("deputy" in places), 1),
    ]


def complaints(counts: Collection[Count]) -> Iterator[FieldError]:
    """What is missing, all of it."""
    for count in counts:
        if not count.met:
            yield FieldError(
                count.code, "too_few", _MISSING[count.code], (("have", count.have), ("least", count.least))
            )


def school_year(day: date, *, ahead: int = 0) -> str:
    """The school year of a day, "2026/2027", or one of those after it."""
    first = day.year + ahead - (day.month < _SCHOOL_YEAR_BEGINS)
    return f"{first}/{first + 1}"


_MISSING = {
    "members": N_("The team has %(have)s members, at least %(least)s are needed"),
    "director": N_("The director of the school must be in the team"),
    "specialists": N_("The team has %(have)s specialists, at least %(least)s are needed"),
    "teachers": N_("The team has %(have)s teachers, at least %(least)s are needed"),
    "leader": N_("Appoint the leader of the team"),
    "deputy": N_("Appoint the deputy of the leader"),
}
