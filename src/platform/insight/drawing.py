"""The charts of the page: each under the question that it helps to decide, its bars opening their lists."""

from typing import Any

from src.platform.forms import registry as forms
from src.platform.insight.schemas import Counted, Grade, Insight
from src.platform.kit import charts, i18n
from src.platform.kit.charts import Chart, Series
from src.platform.kit.i18n import gettext as _

_AT_SCHOOL = frozenset({"classroom", "canteen", "corridor_stairs", "toilet", "playground", "gym", "foyer"})
_TIGHT = 8
"""More columns than this leave every second name out below the drawing."""


def context(view: Insight, language: str) -> dict[str, Any]:
    """Everything that the template asks beside the view."""
    behaviours, places = forms.options("problem_behaviour"), forms.options("place")
    kinds = {one.key: behaviours.label(one.key, language) for one in view.behaviours}
    where = {one.key: places.label(one.key, language) for one in view.places}
    return {
        "trend": _trend(view),
        "behaviours": _bars("behaviours", _("What do students need to learn instead?"), view.behaviours, kinds),
        "behaviours_at": {kinds[one.key]: one.rows_at for one in view.behaviours},
        "places": _bars("places", _("Which places need more eyes?"), view.places, where),
        "places_at": {where[one.key]: one.rows_at for one in view.places},
        "grades": _of_grades(view.grades),
        "is_at_school": _AT_SCHOOL.__contains__,
    }


def _trend(view: Insight) -> Chart:
    def name(place: int) -> str:
        one = view.trend[place]
        return f"{i18n.format_date(one.first)} – {i18n.format_date(one.last)}"

    every = 2 if len(view.trend) > _TIGHT else 1
    short = [f"{one.first:%m}" if view.by_month else f"{one.first:%d.%m}" for one in view.trend]
    return charts.lines(
        "trend",
        _("Does it get better, and what did we change?"),
        [name(place) for place in range(len(view.trend))],
        [
            Series(label=_("Incidents"), values=[one.number for one in view.trend]),
            Series(label=_("The same, a year before"), values=[one.before for one in view.trend]),
        ],
        [text if place % every == 0 else "" for place, text in enumerate(short)],
    )


def _bars(key: str, question: str, counted: list[Counted], labels: dict[str, str]) -> Chart | None:
    if not counted:
        return None
    numbers = Series(label=_("Incidents"), values=[one.number for one in counted])
    return charts.bars(key, question, [labels[one.key] for one in counted], [numbers])


def _of_grades(grades: list[Grade]) -> Chart | None:
    if not grades:
        return None
    return charts.bars(
        "grades",
        _("Which grades need protection, and which need to learn to get along?"),
        [_("Grade %(grade)s", grade=one.grade) if one.grade is not None else _("In no class today") for one in grades],
        [
            Series(label=_("Victim"), values=[one.victim + one.both for one in grades]),
            Series(label=_("Alleged offender"), values=[one.alleged_offender + one.both for one in grades]),
        ],
    )
