"""What the city may be told of a school's month, as one closed list, and how it adds up.

A clock that is not here is not counted for the city at all: one of health, of a register, of the council or of a
residential institution would count children (ADR 28). The table's own check holds the same list.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from src.platform.deadlines.schemas import Kept
from src.platform.kit.i18n import N_
from src.platform.oversight.schemas import Cell

TEAM = "team_formed"
"""Counted in every month that is counted at all."""
SCREEN = ("clk_screen_urgent", "clk_screen_standard")
SERIOUS = "clk_serious_forward"
"""Only what was missed: how many serious signs there were is nobody's business (R-256)."""
CLOCKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "screened": SCREEN,
        "investigated": ("clk_investigation",),
        "decided": ("clk_team_classification",),
        "serious_signs": (SERIOUS,),
        "partner_answers": ("clk_partner_answer",),
        "weekly_reports": ("clk_partner_weekly",),
        "meetings": ("clk_team_meeting",),
        "form_e": ("clk_monthly_e",),
        "team": (TEAM,),
    }
)
"""The measures of the city's pages, in their order, and the clocks of which each is made."""
SHOWN = frozenset(code for codes in CLOCKS.values() for code in codes)
PACED = ("screened", "investigated", "decided", "partner_answers")
"""Measures of which the city sees how long they took, as a median of many."""
TIMED = tuple(code for measure in PACED for code in CLOCKS[measure])
COMPARED = (*SCREEN, *CLOCKS["form_e"])
"""What is read of the months before: whether a school took part, and how much was reported."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "screened": N_("Screened"),
        "investigated": N_("Investigated"),
        "decided": N_("Decided"),
        "serious_signs": N_("Serious signs not made known in time"),
        "partner_answers": N_("Partners’ answers"),
        "weekly_reports": N_("Weekly reports"),
        "meetings": N_("Weekly meetings of the team"),
        "form_e": N_("Form E confirmed"),
        "team": N_("Security team formed"),
    }
)
ASKS: Mapping[str, str] = MappingProxyType(
    {
        "screened": N_("Do schools look at reports in time, or do they need help with it?"),
        "investigated": N_("Do investigations end in time, or do teams need more people?"),
        "decided": N_("Do teams decide in time, or do they need help to come together?"),
        "serious_signs": N_("Is every serious sign made known on the same day?"),
        "partner_answers": N_("Do partners answer in time, or is another service needed?"),
        "weekly_reports": N_("Do partners report every week, or must the city speak with them?"),
        "meetings": N_("Do security teams meet every week?"),
        "form_e": N_("Do schools confirm Form E in time?"),
        "team": N_("Does every school have a security team?"),
    }
)
"""The decision that a chart helps with is its title."""


def of_school(kept: Iterable[Kept], *, has_team: bool) -> list[Kept]:
    """What is kept of a school's month: the clocks of the list, of serious signs the missed ones, and the team."""
    found = [one for one in kept if one.code in SHOWN and (one.code != SERIOUS or one.met_late + one.missed)]
    missed_only = [
        Kept(code=one.code, met_in_time=0, met_late=one.met_late, missed=one.missed, reached_city=one.reached_city)
        if one.code == SERIOUS
        else one
        for one in found
    ]
    return [*missed_only, Kept(code=TEAM, met_in_time=int(has_team), met_late=0, missed=int(not has_team))]


def cells(month: Mapping[str, Kept], measure: str | None = None) -> list[Cell]:
    """The numbers of one place and month, measure by measure, or of one measure."""
    of = CLOCKS if measure is None else {measure: CLOCKS[measure]}
    return [_cell(name, [month[code] for code in codes if code in month]) for name, codes in of.items()]


def _cell(measure: str, kept: Sequence[Kept]) -> Cell:
    return Cell(
        measure=measure,
        in_time=sum(one.met_in_time for one in kept),
        late=sum(one.met_late for one in kept),
        missing=sum(one.missed for one in kept),
    )


def added(places: Iterable[Mapping[str, Kept]]) -> dict[str, Kept]:
    """The sum of several places, clock by clock."""
    found: dict[str, Kept] = {}
    for one in (kept for place in places for kept in place.values()):
        so_far = found.get(one.code)
        found[one.code] = one if so_far is None else _sum(so_far, one)
    return found


def _sum(one: Kept, other: Kept) -> Kept:
    return Kept(
        code=one.code,
        met_in_time=one.met_in_time + other.met_in_time,
        met_late=one.met_late + other.met_late,
        missed=one.missed + other.missed,
        reached_city=one.reached_city + other.reached_city,
    )
