"""The empty list to fill in, with headers of the reader's language. Runs in the thread pool."""

import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from src.platform.roster.class_list import columns

_AS_TEXT = "@"
_ROWS_READY = 40
_WIDTH = 22


def make(language: str) -> bytes:
    """An XLSX whose cells keep what is typed as text: no zero in front of a number is lost."""
    book = Workbook(write_only=True)
    page = book.create_sheet(columns.label("class", language))
    headers = []
    for place, column in enumerate(columns.LABELS):
        page.column_dimensions[get_column_letter(place + 1)].width = _WIDTH
        header = WriteOnlyCell(page, columns.label(column, language))
        header.font = Font(bold=True)
        headers.append(header)
    page.append(headers)
    empty = WriteOnlyCell(page, "")
    empty.number_format = _AS_TEXT
    for _ in range(_ROWS_READY):
        page.append([empty] * len(columns.LABELS))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
