"""What can be wrong with a class list or a class. No complaint repeats a cell (S-57)."""

from typing import Self

from src.platform.kit.errors import Conflict, FieldError, Invalid
from src.platform.kit.i18n import N_


class UnreadableFileError(Invalid):
    """The file as a whole cannot be taken; another file can."""

    code = "class_list.unreadable"
    title = N_("This file cannot be read")

    @classmethod
    def too_large(cls, megabytes: int) -> Self:
        """More bytes than a class list has."""
        return cls._about("too_large", N_("The file is larger than %(most)s MB"), most=megabytes)

    @classmethod
    def too_many_rows(cls, rows: int) -> Self:
        """More rows than a school has children."""
        return cls._about("too_many_rows", N_("The file has more than %(most)s rows"), most=rows)

    @classmethod
    def old_excel(cls) -> Self:
        """The format before 2007."""
        return cls._about("old_excel", N_("This is the old Excel format. Save the list as XLSX or CSV"))

    @classmethod
    def empty(cls) -> Self:
        """Nothing below the headers, or no file at all."""
        return cls._about("empty", N_("Choose a file with a row of headers and at least one student"))

    @classmethod
    def damaged(cls) -> Self:
        """Neither a workbook nor a text."""
        return cls._about("damaged", N_("This is neither a whole XLSX file nor a CSV text"))

    @classmethod
    def _about(cls, code: str, message: str, **params: int) -> Self:
        return cls(fields=[FieldError("file", code, message, tuple(params.items()))])


class MissingColumnsError(Invalid):
    """Columns without which nobody can be enrolled; `fields` name each."""

    code = "class_list.missing_columns"
    title = N_("Columns are missing in the file")


class BadRowsError(Invalid):
    """Rows that cannot be loaded; `fields` name every mistake of every row. Nothing was loaded."""

    code = "class_list.bad_rows"
    title = N_("There are mistakes in the file; nothing was loaded")


class UploadGoneError(Conflict):
    """An upload was thrown away, or waited for too long, before all of it was loaded. Nothing was."""

    code = "class_list.upload_gone"
    title = N_("The uploaded list is not kept any more and nothing of it was loaded. Load the file again")
