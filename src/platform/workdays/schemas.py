"""School years as the ministry orders them; entered as data, never written into code (calendar.md 3)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Reason = Literal["weekly", "holiday", "moved", "act"]
VacationKind = Literal["autumn", "winter", "spring", "first_grade", "closure"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that a term of working days did not count, and why. `name` is the msgid of a holiday or empty."""

    day: date
    reason: Reason
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter, both ends included."""

    number: Literal[1, 2, 3, 4]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Vacation:
    """Days without lessons inside a school year, both ends included. No `grades` means every grade."""

    kind: VacationKind
    first: date
    last: date
    grades: frozenset[int] = frozenset()

    def covers(self, day: date, grade: int | None) -> bool:
        """Whether a student of this grade has no lessons; a vacation of one grade is none for the whole school."""
        return self.first <= day <= self.last and (not self.grades or grade in self.grades)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """One school year of a region or of an organisation that closed on other days."""

    code: str
    quarters: tuple[Quarter, ...]
    vacations: tuple[Vacation, ...] = ()

    @property
    def first(self) -> date:
        """The first day of lessons."""
        return self.quarters[0].first

    @property
    def last(self) -> date:
        """The last school day."""
        return self.quarters[-1].last

    def teaches(self, day: date, grade: int | None) -> bool:
        """Whether a day lies in a quarter and in no vacation of the grade."""
        in_quarter = any(quarter.first <= day <= quarter.last for quarter in self.quarters)
        return in_quarter and not any(vacation.covers(day, grade) for vacation in self.vacations)
