"""One cell of a class list: a clean value, or a complaint that never repeats the cell (S-57)."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from src.platform.kit import clock
from src.platform.kit.i18n import LANGUAGES, N_, gettext_in
from src.platform.roster.class_list.sheet import Cell

_LETTERS = "АӘБВГҒДЕЖЗИКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЭЮЯІ"
_LATIN_TWINS = str.maketrans("ABCEHIKMOPTXYЁ", "АВСЕНІКМОРТХУЕ")
_CLASS = re.compile(rf"(1[0-2]|\d)[\s.\-–]*[«\"“„]?([{_LETTERS}]?)[»\"”]?")
_NAME = re.compile(r"[^\W\d_]+(?:[ \-’'.]+[^\W\d_]+)*\.?")
_PHONE = re.compile(r"\+?[\d\s()\-]+")
_LONGEST_NAME = 100
_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y")
_OLDEST = date(1990, 1, 1)
_IIN_DIGITS, _MOST_DROPPED = 12, 3
_BORN = re.compile(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_WEIGHTS = (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
_MODULUS = 11
_PHONE_DIGITS = range(10, 16)
_SEX_SHORT: Mapping[str, str] = {"е": "male", "м": "male", "m": "male", "ә": "female", "ж": "female", "f": "female"}
_SEXES: Mapping[str, str] = {"male": N_("Male"), "female": N_("Female")}
RELATIONS: Mapping[str, str] = {
    "mother": N_("Mother"),
    "father": N_("Father"),
    "guardian": N_("Guardian / trustee"),
    "adoptive": N_("Adoptive parent"),
    "other_relative": N_("Other relative"),
}


class ComplaintError(Exception):
    """What is wrong with a cell: a stable code and a msgid with `row` and `column` to fill in."""

    def __init__(self, code: str, message: str) -> None:
        """The message is complete but for the place."""
        self.code, self.message = code, message
        super().__init__(code)


def missing() -> ComplaintError:
    """An empty cell where something must stand."""
    return ComplaintError("missing", N_("Row %(row)s, “%(column)s”: fill this in"))


def value(column: str, cell: Cell) -> Any:
    """The clean value of a cell that is not empty. Raises ComplaintError."""
    if cell is None:
        raise ComplaintError("formula", N_("Row %(row)s, “%(column)s”: there is a formula; save its value instead"))
    return _READERS[column](cell)


def _class(cell: str | date) -> tuple[int, str]:
    """Grade and letter; Latin letters that look alike count as Cyrillic."""
    clean = str(cell).upper().translate(_LATIN_TWINS)
    match = _CLASS.fullmatch(clean)
    if match is None:
        raise ComplaintError(
            "class", N_("Row %(row)s, “%(column)s”: write the grade from 0 to 12 and one letter, as in 7Б")
        )
    return int(match[1]), match[2]


def _name(cell: str | date) -> str:
    clean = " ".join(unicodedata.normalize("NFC", str(cell)).split())
    if len(clean) > _LONGEST_NAME or not _NAME.fullmatch(clean):
        raise ComplaintError("name", N_("Row %(row)s, “%(column)s”: a name has letters, spaces and hyphens only"))
    return clean


def _full_name(cell: str | date) -> str:
    clean = _name(cell)
    if " " not in clean:
        raise ComplaintError("full_name", N_("Row %(row)s, “%(column)s”: write the family name and the given name"))
    return clean


def _birth_date(cell: str | date) -> date:
    day = cell if isinstance(cell, date) else _parsed(cell)
    if day is None or not _OLDEST <= day <= clock.local_date(clock.now()):
        raise ComplaintError("date", N_("Row %(row)s, “%(column)s”: write a real date of birth, as in 31.12.2014"))
    return day


def _parsed(text: str) -> date | None:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None


def _sex(cell: str | date) -> str:
    found = _SEX_SHORT.get(str(cell).casefold()) or _by_label("sex").get(str(cell).casefold())
    if found is None:
        raise ComplaintError("sex", N_("Row %(row)s, “%(column)s”: write male or female"))
    return found


def _iin(cell: str | date) -> str:
    """Twelve digits: a day of birth, five more, a check digit. Spreadsheets drop zeros in front, at most three."""
    digits = str(cell).replace(" ", "")
    if digits.isascii() and digits.isdigit() and _IIN_DIGITS - _MOST_DROPPED <= len(digits) <= _IIN_DIGITS:
        digits = digits.zfill(_IIN_DIGITS)
    else:
        raise ComplaintError("iin", N_("Row %(row)s, “%(column)s”: the number must have 12 digits"))
    if not (_BORN.match(digits) and _check_digit_fits(digits)):
        message = N_("Row %(row)s, “%(column)s”: a digit is wrong, the check digit does not fit")
        raise ComplaintError("iin_check", message)
    return digits


def _check_digit_fits(digits: str) -> bool:
    """The state's rule: weights 1…11 modulo 11, a second round of weights when that gives 10."""
    numbers = [int(digit) for digit in digits]
    for weights in _WEIGHTS:
        control = sum(n * w for n, w in zip(numbers, weights, strict=False)) % _MODULUS
        if control < _MODULUS - 1:
            return control == numbers[-1]
    return False


def _phone(cell: str | date) -> str:
    """+7 and ten digits; a number of another country keeps its own code."""
    text = str(cell)
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if not _PHONE.fullmatch(text) or len(digits) not in _PHONE_DIGITS:
        raise ComplaintError("phone", N_("Row %(row)s, “%(column)s”: write a phone number, as in +7 701 000 00 00"))
    national = digits[1:] if len(digits) == 11 and digits[0] in "78" else digits  # noqa: PLR2004  # 8 701… = +7 701…
    return f"+7{national}" if len(national) == _PHONE_DIGITS.start else f"+{national}"


def _relation(cell: str | date) -> str:
    found = _by_label("relation").get(str(cell).casefold())
    if found is None:
        raise ComplaintError(
            "relation",
            N_("Row %(row)s, “%(column)s”: write mother, father, guardian, trustee, adoptive parent or other relative"),
        )
    return found


@cache
def _by_label(kind: str) -> dict[str, str]:
    """Every spelling of an answer in three languages -> its key; "guardian / trustee" counts as either."""
    labels = _SEXES if kind == "sex" else RELATIONS
    spellings: dict[str, str] = {}
    for key, message in labels.items():
        for language in LANGUAGES:
            whole = gettext_in(language, message).casefold()
            spellings |= dict.fromkeys([whole, *(part.strip() for part in whole.split("/"))], key)
    return spellings


_READERS: Mapping[str, Callable[[str | date], Any]] = {
    "class": _class,
    "family_name": _name,
    "given_name": _name,
    "patronymic": _name,
    "birth_date": _birth_date,
    "sex": _sex,
    "iin": _iin,
    "guardian_name": _full_name,
    "guardian_phone": _phone,
    "guardian_relation": _relation,
}
