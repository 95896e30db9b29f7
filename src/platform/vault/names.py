"""How names are folded for search, and the words of codes."""

import re
import unicodedata
from collections.abc import Iterator

SHORTEST, LONGEST = 3, 8
_NATIONAL_DIGITS = 10
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_LETTER = [_LETTERS[byte % len(_LETTERS)] for byte in range(256)]
_ENDINGS = "аәеиоуыьюяіөұүй"
_WORDS = {
    "kk": {"child": "Бала", "adult": "Ересек", "reporter": "Хабарлаушы"},
    "ru": {"child": "Ребёнок", "adult": "Взрослый", "reporter": "Сообщивший"},
    "en": {"child": "Child", "adult": "Adult", "reporter": "Reporter"},
}


def folded(text: str) -> str:
    """One spelling for search: lower case, NFC, е for ё."""
    return unicodedata.normalize("NFC", text).casefold().replace("ё", "е").strip()


def beginnings(*names: str) -> set[str]:
    """The beginnings under which a person is found: 3 to 8 letters of each word."""
    return {part for name in names for word in folded(name).split() for part in _prefixes(word)}


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return re.findall(r"\w+", folded(text))


def stems(*names: str) -> set[str]:
    """How the forms of names begin: Мадина, Мадине and Мадинаға begin with «мадин»."""
    parts = {part for name in names for part in folded(name).split() if len(part) >= SHORTEST}
    return {part[:-1] if len(part) > SHORTEST + 1 and part[-1] in _ENDINGS else part for part in parts}


def contact(name: str, phone: str) -> str:
    """A name with a phone in one spelling: 8 701…, +7 701… and 701… are one number."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return f"{' '.join(folded(name).split())}|{digits[-_NATIONAL_DIGITS:]}"


def _prefixes(word: str) -> Iterator[str]:
    if len(word) < SHORTEST:
        yield word
    for length in range(SHORTEST, min(len(word), LONGEST) + 1):
        yield word[:length]


def kinds(language: str) -> dict[str, str]:
    """How codes of each kind begin in a language: «Бала-KTR» (decisions 14)."""
    return _WORDS[language]


def letters(digest: bytes) -> str:
    """The three letters of a code."""
    return _LETTER[digest[0]] + _LETTER[digest[1]] + _LETTER[digest[2]]
