"""Rows as XLSX. Runs in the thread pool."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

_WIDTHS = {"A": 60, "B": 24}
_TEXT = "s"
Cells = Sequence[str | int]


def make(title: str, rows: Iterable[Cells], *, table: Sequence[Cells] = ()) -> bytes:
    """Lines that begin with their label, then a table under its first row.

    Numbers stay numbers; every text is a text, so that nothing that somebody typed is ever run as a formula.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    widths = _WIDTHS | dict.fromkeys("CDEF"[: max(0, len(table[0]) - 2)] if table else "", 24)
    for column, width in widths.items():
        page.column_dimensions[column].width = width

    def append(row: Cells, bold: int) -> None:
        cells = [WriteOnlyCell(page, value) for value in row]
        for place, cell in enumerate(cells):
            if place < bold:
                cell.font = Font(bold=True)
            if isinstance(cell.value, str):
                cell.data_type = _TEXT
        page.append(cells)

    for row in rows:
        append(row, bold=1)
    for place, row in enumerate(table):
        append(row, bold=0 if place else len(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
