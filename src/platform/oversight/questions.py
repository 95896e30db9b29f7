"""What the city may ask a school about: things noticed, by name of the school, never a judgement and never a ranking.

A school that reports little is not a good school and one that reports much is not a bad one; both are asked, not
counted against (product.md 10, R-069, R-070).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from src.platform.deadlines.schemas import Kept
from src.platform.kit.i18n import N_
from src.platform.oversight.counters import SCREEN
from src.platform.oversight.schemas import Question, SchoolRow

Past = Mapping[int, Mapping[str, Kept]]
"""A school's counters of the three months before, by month and clock."""
_LATE = ("screened", "investigated", "decided", "meetings", "form_e")
_MANY = 6
"""Fewer reports in three months are too few to speak of a drop [D]."""
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "not_counted": N_("Nothing is counted for this month. Does the school work with the service?"),
        "silent": N_(
            "Nothing was reported for three months and more. Do children, parents and staff know how to tell, "
            "and do they trust that it helps?"
        ),
        "drop": N_(
            "%(now)s reports fell due for screening, in the three months before %(before)s together. "
            "Is it calmer, or do people no longer tell?"
        ),
        "screened": N_("%(number)s reports were screened late or not at all. What kept the team?"),
        "investigated": N_("%(number)s investigations ended late or not at all. What kept the team?"),
        "decided": N_("%(number)s decisions came late or not at all. What kept the team?"),
        "serious_signs": N_("%(number)s serious signs were made known late or not at all. What happened?"),
        "meetings": N_("%(number)s weekly meetings of the team were missed or late. Can the team come together?"),
        "form_e": N_("Form E was confirmed late or not at all. Does the coordinator need help?"),
        "team": N_("No security team was in force. When will the director sign the order?"),
    }
)


def of_school(row: SchoolRow, past: Past) -> Iterator[Question]:
    """The questions of one school in one month."""
    if not row.is_counted:
        yield _question(row, "not_counted")
        return
    now, before = _reports(row), [sum(_due(month, code) for code in SCREEN) for month in past.values()]
    if now == 0 and len(past) == 3 and not any(before):  # noqa: PLR2004  # it took part in all three
        yield _question(row, "silent")
    elif sum(before) >= _MANY and now * 6 <= sum(before):
        yield _question(row, "drop", now=now, before=sum(before))
    for cell in row.cells:
        if cell.measure in {*_LATE, "serious_signs", "team"} and cell.not_in_time:
            yield _question(row, cell.measure, number=cell.not_in_time)


def _reports(row: SchoolRow) -> int:
    return next(cell.due for cell in row.cells if cell.measure == "screened")


def _due(month: Mapping[str, Kept], code: str) -> int:
    one = month.get(code)
    return one.met_in_time + one.met_late + one.missed if one else 0


def _question(row: SchoolRow, kind: str, **numbers: int) -> Question:
    return Question(tenant_id=row.tenant_id, school=row.name, kind=kind, numbers=numbers)
