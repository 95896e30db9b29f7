"""All rows of a class list: students with their guardians, or every mistake of every row at once."""

from collections.abc import Mapping
from typing import Any

import msgspec

from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import N_
from src.platform.roster.class_list import cells, columns, sheet
from src.platform.roster.class_list.cells import ComplaintError
from src.platform.roster.class_list.sheet import Row
from src.platform.roster.errors import BadRowsError
from src.platform.vault.schemas import Identity

_REPEATED = ComplaintError("repeated", N_("Row %(row)s, “%(column)s”: the same number stands in a row above"))
_GUARDIAN = ("guardian_name", "guardian_phone", "guardian_relation")


class Student(msgspec.Struct, frozen=True, kw_only=True):
    """One clean row; `relation` says who the guardian is."""

    row: int
    grade: int
    letter: str
    identity: Identity
    guardian: Identity | None = None
    relation: str = ""


def read(content: bytes, language: str) -> list[Student]:
    """The students of a file. Raises UnreadableFileError, MissingColumnsError, BadRowsError; words in `language`."""
    rows = sheet.read(content)
    places = columns.places(rows, language)
    found: list[Student] = []
    mistakes: list[FieldError] = []
    numbers: dict[str, int] = {}
    for row in rows[1:]:
        values, complaints = _values(row, places, language)
        iin = values.get("iin")
        if iin and numbers.setdefault(iin, row.number) != row.number:
            complaints.append(mistake(row.number, "iin", _REPEATED, language))
        if not complaints:
            found.append(_student(row.number, values))
        mistakes += complaints
    if mistakes:
        raise BadRowsError(fields=mistakes)
    return found


def mistake(row: int, column: str, complaint: ComplaintError, language: str) -> FieldError:
    """A complaint with its place in the file."""
    params = (("row", row), ("column", columns.label(column, language)))
    return FieldError(f"row-{row}-{column}", complaint.code, complaint.message, params)


def _values(row: Row, places: Mapping[str, int], language: str) -> tuple[dict[str, Any], list[FieldError]]:
    values: dict[str, Any] = {}
    mistakes: list[FieldError] = []
    given = {c: row.cells[place] for c, place in places.items() if place < len(row.cells) and row.cells[place] != ""}
    for column, cell in given.items():
        try:
            values[column] = cells.value(column, cell)
        except ComplaintError as complaint:
            mistakes.append(mistake(row.number, column, complaint, language))
    needed = columns.REQUIRED + (_GUARDIAN if given.keys() & set(_GUARDIAN) else ())
    mistakes += [mistake(row.number, column, cells.missing(), language) for column in needed if column not in given]
    return values, mistakes


def _student(row: int, values: Mapping[str, Any]) -> Student:
    grade, letter = values["class"]
    own = {name: values[name] for name in Identity.__struct_fields__ if name in values}
    student = Student(row=row, grade=grade, letter=letter, identity=Identity(**own))
    if "guardian_name" not in values:
        return student
    family_name, given_name, *rest = values["guardian_name"].split()
    guardian = Identity(
        family_name=family_name, given_name=given_name, patronymic=" ".join(rest), phone=values["guardian_phone"]
    )
    return msgspec.structs.replace(student, guardian=guardian, relation=values["guardian_relation"])
