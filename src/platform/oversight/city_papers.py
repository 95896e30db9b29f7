"""The city's counters to take along: a spreadsheet whose cells cannot calculate (S-56), and a paper with the state."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents.schemas import Line, Paper, Section, Table
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import gettext as _
from src.platform.kit.threads import run_in_pool
from src.platform.oversight import city_pages, counters
from src.platform.oversight.release_papers import text_cell
from src.platform.oversight.schemas import Cell, CityMonth
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

Rows = list[list[str | int]]
"""Lines of a sheet."""
_ON_PAPER = 5
"""So many measures beside a school's name are as wide as paper."""


def heading(view: CityMonth) -> str:
    """“Schools in time, October 2026. State No. 202610-1A2B3C4D”."""
    said = _("Schools in time, %(month)s. State No. %(state)s")
    return said % {"month": i18n.format_month(view.month), "state": view.state}


def explanation() -> list[str]:
    """What a reader of the numbers must know, the same on the page and on every paper."""
    return [
        _("In time / late or not at all, by the month in which the term ended."),
        _("The number of the state is made of the numbers: the same numbers have the same one."),
        _("Schools stand by name. Many reports are not a sign of a bad school, and few not of a good one."),
    ]


async def spreadsheet(unit: Unit, view: CityMonth) -> bytes:
    """Districts, schools and the questions as XLSX."""
    i18n.use(unit.language)
    titles = [part for measure in counters.CLOCKS for part in _columns(measure)]
    places: Rows = [[city_pages.place_name(one), one.schools, *_flat(one.cells)] for one in view.places]
    schools: Rows = [[one.name, one.district or "", *_flat(one.cells, counted=one.is_counted)] for one in view.rows]
    asked: Rows = [[one.school, city_pages.sentence(one)] for one in view.questions]
    sheets: list[tuple[str, Rows]] = [
        (_("Districts"), [[_("District"), _("Schools"), *titles], *places]),
        (_("Schools"), [[_("School"), _("District"), *titles], *schools]),
        (_("Questions"), [[_("School"), _("Question to ask")], *asked]),
    ]
    return await run_in_pool(workbook, heading(view), explanation(), sheets)


def _columns(measure: str) -> list[str]:
    title = _(counters.TITLES[measure])
    return (
        [f"{title}: {_('late or not at all')}"]
        if measure == "serious_signs"
        else [
            f"{title}: {_('in time')}",
            f"{title}: {_('late or not at all')}",
        ]
    )


def _flat(cells: Sequence[Cell], *, counted: bool = True) -> list[str | int]:
    numbers = [
        number
        for cell in cells
        for number in ((cell.not_in_time,) if cell.measure == "serious_signs" else (cell.in_time, cell.not_in_time))
    ]
    return [*numbers] if counted else ["–"] * len(numbers)


def workbook(title: str, notes: list[str], sheets: list[tuple[str, Rows]]) -> bytes:
    """Sheets under one title with the same notes; text never calculates."""
    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.column_dimensions["A"].width = 40
        under: Rows = [[note] for note in notes]
        lines: Rows = [[title], *rows, *under]
        for row in lines:
            sheet.append([text_cell(sheet, one) if isinstance(one, str) else one for one in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


async def paper(unit: Unit, view: CityMonth) -> bytes:
    """The same as PDF, marked with who took it."""
    organisation = (await tenants.organisation(unit, unit.tenant_id)).name(unit.language)
    name = (await vault.staff_names(unit, [unit.me.person_id])).get(unit.me.person_id, "")
    i18n.use(unit.language)
    notes = [Line(label=_("Note"), value=note) for note in explanation()]
    places = [(city_pages.place_name(one), one.cells, True) for one in view.places]
    schools = [(one.name, one.cells, one.is_counted) for one in view.rows]
    asked = [Line(label=one.school, value=city_pages.sentence(one)) for one in view.questions]
    return await documents.pdf(
        Paper(
            title=_("Schools in time"),
            subject=heading(view),
            organisation=organisation,
            language=unit.language,
            taken_by=" · ".join(one for one in (name, organisation, i18n.format_datetime(clock.now())) if one),
            made_at=clock.now(),
            sections=[
                Section(title=heading(view), lines=notes, tables=_tables(_("Districts"), places)),
                Section(title=_("Schools"), tables=_tables(_("Schools"), schools)),
                *([Section(title=_("Questions to ask"), lines=asked)] if asked else []),
            ],
            hidden_word=_("hidden"),
            page_word=_("page"),
        )
    )


def _tables(label: str, rows: Sequence[tuple[str, Sequence[Cell], bool]]) -> list[Table]:
    measures = list(counters.CLOCKS)
    return [
        Table(
            label=label,
            columns=["", *(_(counters.TITLES[one]) for one in part)],
            rows=[[name, *_printed(cells, part, counted=counted)] for name, cells, counted in rows],
            numbers=True,
        )
        for part in (measures[start : start + _ON_PAPER] for start in range(0, len(measures), _ON_PAPER))
    ]


def _printed(cells: Sequence[Cell], measures: Sequence[str], *, counted: bool) -> list[str]:
    shown = [cell for cell in cells if cell.measure in measures]
    return [said(cell) if counted else "–" for cell in shown]


def said(cell: Cell) -> str:
    """“12 / 3”; of serious signs only what was not in time."""
    return str(cell.not_in_time) if cell.measure == "serious_signs" else f"{cell.in_time} / {cell.not_in_time}"
