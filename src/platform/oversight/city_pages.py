"""The words, charts and choices of the city's pages: what a template needs and a program does not."""

from collections.abc import Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from src.platform.kit import charts, i18n
from src.platform.kit.charts import Chart, Series
from src.platform.kit.i18n import gettext as _
from src.platform.kit.i18n import ngettext
from src.platform.oversight import counters, questions
from src.platform.oversight.schemas import Cell, CityMonth, Median, PlaceRow, Question
from src.platform.oversight.views import TREND

_DAYS_FROM = 72
_KINDS = MappingProxyType({"clk_screen_urgent": "urgent", "clk_screen_standard": "standard"})


def context(view: CityMonth) -> dict[str, Any]:
    """Everything that the templates ask."""
    measure = view.measure
    return {
        "titles": {key: _(title) for key, title in counters.TITLES.items()},
        "asked_of": sentence,
        "asked": [(of[0].school, of) for of in by_school(view.questions)],
        "place_name": place_name,
        "address": lambda path, **other: address(view, path, **other),
        "charts": drawn(view, measure) if measure else [],
        "took": took(view.medians, measure) if measure else [],
        "number_of": {cell.measure: cell for cell in view.total},
        "year_before_of": {cell.measure: cell for cell in view.year_before or []},
    }


def address(view: CityMonth, path: str, *, month: int | None = None, after: UUID | None = None) -> str:
    """The same month and district on another page, or behind a school of this one."""
    asked: dict[str, int | UUID] = {"month": month or view.month}
    if view.district:
        asked["district"] = view.district
    if after:
        asked["after"] = after
    return f"{path}?{urlencode(asked)}"


def place_name(place: PlaceRow) -> str:
    """A district, the schools of none, or the region."""
    return _("The region") if place.is_region else place.name or _("Without a district")


def by_school(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions in the order of their schools, of which two may have one name."""
    return [list(of) for _, of in groupby(questions, key=lambda one: one.tenant_id)]


def sentence(question: Question) -> str:
    """A question in the reader's words."""
    return _(questions.TEXTS[question.kind]) % question.numbers


def took(medians: Sequence[Median], measure: str) -> list[str]:
    """How long the middle one took, clock by clock; nothing of few."""
    of = {one.clock: one.hours for one in medians}
    found = [(_KINDS.get(code, ""), of[code]) for code in counters.CLOCKS[measure] if code in of]
    return [_half(kind, _long(hours)) for kind, hours in found]


def _half(kind: str, long: str) -> str:
    if kind == "urgent":
        return _("Half of the urgent ones were done within %(long)s.", long=long)
    if kind == "standard":
        return _("Half of the others were done within %(long)s.", long=long)
    return _("Half of them were done within %(long)s.", long=long)


def _long(hours: int) -> str:
    if hours < _DAYS_FROM:
        return ngettext("%(num)s hour", "%(num)s hours", hours + 1)
    days = -(-(hours + 1) // 24)
    return ngettext("%(num)s day", "%(num)s days", days)


def drawn(view: CityMonth, measure: str) -> list[Chart]:
    """The trend beside the year before, and the districts where there are several."""
    months = view.trend[TREND:]
    now, before = [[_late(one.cells, measure) if one.is_counted else None for one in part] for part in _years(view)]
    trend = charts.lines(
        "trend",
        _(counters.ASKS[measure]),
        [i18n.format_month(one.month) for one in months],
        [
            Series(label=_("Late or not at all"), values=now),
            Series(label=_("The same, a year before"), values=before),
        ],
        [f"{one.month % 100:02d}" for one in months],
    )
    places = [place for place in view.places if not place.is_region]
    if len(places) < 2:  # noqa: PLR2004  # nothing to lay beside each other
        return [trend]
    cells = [_of(place.cells, measure) for place in places]
    late = Series(label=_("Late or not at all"), values=[one.not_in_time for one in cells])
    in_time = Series(label=_("In time"), values=[one.in_time for one in cells])
    parts = [late] if measure == "serious_signs" else [in_time, late]
    names = [place_name(place) for place in places]
    return [trend, charts.bars("places", _("In which district do schools need help?"), names, parts)]


def _years(view: CityMonth) -> tuple[Sequence[Any], Sequence[Any]]:
    return view.trend[TREND:], view.trend[:TREND]


def _late(cells: Sequence[Cell], measure: str) -> int:
    return _of(cells, measure).not_in_time


def _of(cells: Sequence[Cell], measure: str) -> Cell:
    return next(cell for cell in cells if cell.measure == measure)
