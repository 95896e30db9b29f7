"""The columns of a class list and the names they go by in three languages."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import LANGUAGES, N_, gettext_in
from src.platform.roster.class_list.sheet import Cell, Row
from src.platform.roster.errors import MissingColumnsError, UnreadableFileError

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "class": N_("Class"),
        "family_name": N_("Family name"),
        "given_name": N_("Given name"),
        "patronymic": N_("Patronymic"),
        "birth_date": N_("Date of birth"),
        "sex": N_("Sex"),
        "iin": N_("IIN"),
        "guardian_name": N_("Guardian’s full name"),
        "guardian_phone": N_("Guardian’s phone"),
        "guardian_relation": N_("Who the guardian is"),
    }
)
REQUIRED = ("class", "family_name", "given_name", "iin")


def label(column: str, language: str) -> str:
    """The header of a column in a language; the template and the complaints speak alike."""
    return gettext_in(language, LABELS[column])


def places(rows: Sequence[Row], language: str) -> dict[str, int]:
    """Column -> place, read from the first row; strange columns are left out. Raises MissingColumnsError."""
    headers, *students = rows
    if not students:
        raise UnreadableFileError.empty()
    names = {_folded(label(column, one)): column for one in LANGUAGES for column in LABELS}
    found: dict[str, int] = {}
    for place, header in enumerate(headers.cells):
        column = names.get(_folded(header))
        if column is not None:
            found.setdefault(column, place)
    missing = [column for column in REQUIRED if column not in found]
    if missing:
        raise MissingColumnsError(fields=[_missing(column, language) for column in missing])
    return found


def _missing(column: str, language: str) -> FieldError:
    params = (("column", label(column, language)),)
    return FieldError("file", "missing_column", N_("The column “%(column)s” is missing"), params)


def _folded(header: Cell) -> str:
    return " ".join(str(header).replace("'", "’").casefold().split())
