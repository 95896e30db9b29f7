"""A release to take along: a spreadsheet whose cells cannot calculate (S-56), and a paper with the release's number."""

import io
from collections.abc import Iterator

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents.schemas import Line, Paper, Section, Table
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import gettext as _
from src.platform.kit.threads import run_in_pool
from src.platform.oversight.schemas import CityChildren, ReleaseLine, StatisticsTable
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

HIDDEN = "*"
_ON_PAPER = 6
_CALCULATES = ("=", "+", "-", "@", "\t", "\r")


def title(release: ReleaseLine) -> str:
    """“Release No. 3: quarter 4 of 2026”."""
    year, quarter = divmod(release.quarter, 10)
    said = _("Release No. %(number)s: quarter %(quarter)s of %(year)s")
    return said % {"number": release.number, "quarter": quarter, "year": year}


def explanation() -> list[str]:
    """What a reader of the numbers must know, the same on the page and on every paper."""
    return [
        _("* is a number from 1 to 7, or one that would give such a number away."),
        _("The numbers were fixed when the release was made; what schools correct later changes no release."),
        _(
            "Counted are students directly involved in what the team confirmed in the quarter, once for each decision. "
            "Risk levels stand in Form E."
        ),
    ]


async def spreadsheet(view: CityChildren, release: ReleaseLine) -> bytes:
    """The release as XLSX."""
    heading, notes = title(release), explanation()
    return await run_in_pool(_workbook, heading, notes, view.tables)


def _workbook(heading: str, notes: list[str], tables: list[StatisticsTable]) -> bytes:
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.dimension)
        sheet.append([text_cell(sheet, heading)])
        sheet.append([text_cell(sheet, table.title)])
        sheet.append([text_cell(sheet, one) for one in ("", *table.columns)])
        for row in table.rows:
            sheet.append(
                [text_cell(sheet, row.name), *(text_cell(sheet, HIDDEN) if n is None else n for n in row.cells)]
            )
        for note in notes:
            sheet.append([text_cell(sheet, note)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell of text, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=f"'{text}" if text.startswith(_CALCULATES) else text)
    cell.data_type = "s"
    return cell


async def paper(unit: Unit, view: CityChildren, release: ReleaseLine) -> bytes:
    """The release as PDF, marked with who took it."""
    organisation = (await tenants.organisation(unit, unit.tenant_id)).name(unit.language)
    name = (await vault.staff_names(unit, [unit.me.person_id])).get(unit.me.person_id, "")
    notes = [Line(label=_("Note"), value=note) for note in explanation()]
    made = Line(label=_("Made on"), value=i18n.format_date(release.made_at))
    tables = [part for one in view.tables for part in _printed(one)]
    return await documents.pdf(
        Paper(
            title=_("Statistics about children"),
            subject=title(release),
            organisation=organisation,
            language=unit.language,
            taken_by=" · ".join(one for one in (name, organisation, i18n.format_datetime(clock.now())) if one),
            made_at=clock.now(),
            sections=[Section(title=title(release), lines=[made, *notes], tables=tables)],
            hidden_word=_("hidden"),
            page_word=_("page"),
        )
    )


def _printed(table: StatisticsTable) -> Iterator[Table]:
    """Turned on its side, there are more kinds than districts, and in parts as wide as paper."""
    for start in range(0, len(table.rows), _ON_PAPER):
        part = table.rows[start : start + _ON_PAPER]
        numbers = [[HIDDEN if n is None else str(n) for n in row.cells] for row in part]
        yield Table(
            label=table.title,
            columns=["", *(row.name for row in part)],
            rows=[[column, *(cells[place] for cells in numbers)] for place, column in enumerate(table.columns)],
            numbers=True,
        )
