"""A table of two columns as XLSX. Runs in the thread pool."""

import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

_WIDTHS = {"A": 60, "B": 24}
_TEXT = "s"


def make(title: str, rows: Iterable[tuple[str, str | int]]) -> bytes:
    """Numbers stay numbers; every text is a text, so that nothing that somebody typed is ever run as a formula."""
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    for column, width in _WIDTHS.items():
        page.column_dimensions[column].width = width
    for name, value in rows:
        label, cell = WriteOnlyCell(page, name), WriteOnlyCell(page, value)
        label.font = Font(bold=True)
        for one in (label, cell):
            if isinstance(one.value, str):
                one.data_type = _TEXT
        page.append([label, cell])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
