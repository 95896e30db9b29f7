"""From the bytes of an XLSX or CSV file to numbered rows of plain cells, within bounds (S-56).

Runs in the thread pool. What a file is stands in its first bytes, never in its name.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from openpyxl import load_workbook

from src.platform.roster.errors import UnreadableFileError

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
_MOST_SCANNED = 20_000
_MOST_COLUMNS = 60
_MOST_PARTS = 200
_MOST_UNPACKED = 25_000_000
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCODINGS = ("utf-8-sig", "cp1251")
Cell = str | date | None
"""`None` is a formula: its value is not ours to compute; an empty cell is an empty text."""


class Row(NamedTuple):
    """Cells under the number that the spreadsheet program shows."""

    number: int
    cells: list[Cell]


def read(content: bytes) -> list[Row]:
    """Every row that has something in it, the headers first. Raises UnreadableFileError."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError.too_large(MOST_BYTES // 1_000_000)
    if content.startswith(_OLD_EXCEL):
        raise UnreadableFileError.old_excel()
    rows = _bounded(_xlsx(content) if content.startswith(_ZIP) else _csv(content))
    if not rows:
        raise UnreadableFileError.empty()
    return rows


def _bounded(rows: Iterable[list[Cell]]) -> list[Row]:
    found: list[Row] = []
    for number, cells in enumerate(rows, start=1):
        if any(cell != "" for cell in cells):
            found.append(Row(number, cells))
        if len(found) > MOST_ROWS + 1 or number > _MOST_SCANNED:
            raise UnreadableFileError.too_many_rows(MOST_ROWS)
    return found


def _xlsx(content: bytes) -> Iterator[list[Cell]]:
    try:
        _check_unpacked_size(content)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            for row in book.worksheets[0].iter_rows(max_col=_MOST_COLUMNS):
                yield [_plain(cell.value, getattr(cell, "data_type", "")) for cell in row]
        finally:
            book.close()
    except UnreadableFileError:
        raise
    except Exception as error:  # a damaged workbook raises whatever broke first
        raise UnreadableFileError.damaged() from error


def _check_unpacked_size(content: bytes) -> None:
    """`zipfile` never unpacks more of a part than its directory announces, so the announced sum is the bound."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise UnreadableFileError.damaged()


def _plain(value: object, data_type: str) -> Cell:
    if value is None:
        return ""
    if data_type == "f":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _text(str(value))


def _csv(content: bytes) -> Iterator[list[Cell]]:
    text = _decoded(content)
    headers = text.lstrip().partition("\n")[0]
    delimiter = ";" if headers.count(";") >= headers.count(",") else ","
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_text(cell) for cell in cells[:_MOST_COLUMNS]]
    except csv.Error as error:
        raise UnreadableFileError.damaged() from error


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFileError.damaged()


def _text(value: str) -> Cell:
    clean = value.strip()
    return None if clean.startswith("=") else clean
