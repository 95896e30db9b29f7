"""Counting a school's children for the city, inside the school: numbers leave, never a child (R-066, decisions 27).

Counted are students directly involved in incidents that the team decided in the quarter, once for each decision, and
not those of whom nothing was confirmed. Risk levels are not counted: Form E has them exactly, school by school, and a
star beside an exact number of the same children would hide nothing (ADR 21).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from src.platform.db.unit import Unit
from src.platform.forms import registry as forms
from src.platform.incidents import tallies as incidents
from src.platform.incidents.tallies import DecidedChild
from src.platform.oversight import repository
from src.platform.referrals import tallies as referrals
from src.platform.roster import tallies as roster
from src.platform.vault import tallies as vault
from src.platform.workdays.calendar import moments_of_quarter

Counts = Mapping[tuple[str, str], int]
"""Children by (dimension, value)."""
UNKNOWN = "unknown"
_BANDS = (("primary", 4), ("middle", 9), ("senior", 12))
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "what": (
            *(option.key for option in forms.options("violence_type").options),
            "several_kinds",
            "kind_not_said",
            "problem_behaviour",
        ),
        "sex": ("female", "male", UNKNOWN),
        "band": (*(band for band, _grade in _BANDS), UNKNOWN),
        "help": tuple(option.key for option in forms.options("service_type").options),
    }
)
"""The tables and the order of their columns. Every child stands in one column of a table, every referral in one."""


async def count(unit: Unit, quarter: int) -> None:
    """Count one quarter of the unit's school anew: idempotent, so that a rebuild gives the same numbers."""
    await repository.lock_children(unit, quarter)
    since, until = moments_of_quarter(quarter)
    decided = await incidents.decided_children(unit, since, until)
    people = await vault.sexes(unit, [(one.participation_id, one.link) for one in decided])
    days = [(person.person_id, one.decided_on) for person, one in zip(people, decided, strict=True)]
    grades = await roster.grades(unit, days)
    counts = Counter[tuple[str, str]]()
    counts.update(("what", column_of(one)) for one in decided)
    counts.update(("sex", person.sex if person.sex in VALUES["sex"] else UNKNOWN) for person in people)
    counts.update(("band", band_of(grades.get(one))) for one in days)
    for service, number in (await referrals.sent(unit, since, until)).items():
        counts["help", service] += number
    await repository.replace_children(unit, quarter, counts)


def column_of(one: DecidedChild) -> str:
    """One column a child, or the sums of rows would not be known to be what they are."""
    if one.outcome == "confirmed_problem_behaviour":
        return "problem_behaviour"
    kinds: Sequence[str] = one.violence_types
    return kinds[0] if len(kinds) == 1 else "several_kinds" if kinds else "kind_not_said"


def band_of(grade: int | None) -> str:
    """Never a class: the city reads three parts of a school."""
    return UNKNOWN if grade is None else next((band for band, most in _BANDS if grade <= most), UNKNOWN)
