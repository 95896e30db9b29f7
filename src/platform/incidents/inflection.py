"""Whether a word may be a form of a name: Kazakh and Russian endings, in Cyrillic or Latin letters. Pure.

Names and words are written down to one skeleton of Latin letters first, so that Қ typed as К, Ә as А and spellings
like «Aigerim», «Aygerim» and «Айгерім» meet. Too much is proposed rather than too little: a person confirms.
No library inflects Kazakh names; a dictionary of Russian ones knows none of ours.
"""

import re
import unicodedata
from functools import cache
from itertools import product

_LETTERS = str.maketrans(
    {
        **dict(zip("аәбвгғдеёэзийіыклмнңоөпрстуұүфхһъьқ", "aabvggdeeeziiiiklmnnooprstuuufhh  k", strict=True)),
        "ж": "zh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sh",
        "ю": "iu",
        "я": "ia",
        "ґ": "g",
        "ў": "u",
        "ä": "a",
        "ö": "o",
        "ü": "u",
        "ū": "u",
        "ñ": "n",
        "ŋ": "n",
        "ğ": "g",
        "ş": "sh",
        "ç": "ch",
        "ı": "i",
        "á": "a",
        "é": "e",
        "í": "i",
        "ó": "o",
        "ú": "u",
        "ý": "u",
        "ń": "n",
        "ǵ": "g",
    }
)
_SOUNDS = (
    *(("shch", "sh"), ("kh", "h"), ("gh", "g"), ("ng", "n"), ("dzh", "zh"), ("j", "zh"), ("ye", "e"), ("yo", "e")),
    *(("q", "k"), ("x", "ks"), ("w", "u"), ("y", "i"), ("ck", "k")),
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = "aeiou"
_SHORTEST_STEM = 3

_CALLED = ("", "жан")
_MANY = ("", "лар", "лер", "дар", "дер", "тар", "тер")
_WHOSE = ("", "ы", "і", "сы", "сі", "ым", "ім", "м", "ың", "ің", "ң", "ымыз", "іміз", "мыз", "ңыз", "ыңыз")
_KAZAKH = (
    *("", "ның", "нің", "дың", "дің", "тың", "тің", "ға", "ге", "қа", "ке", "на", "не", "а", "е", "н"),
    *("ны", "ні", "ды", "ді", "ты", "ті", "да", "де", "та", "те", "нда", "нде"),
    *("дан", "ден", "тан", "тен", "нан", "нен", "мен", "бен", "пен", "менен", "дай", "дей", "тай", "тей"),
    *("дікі", "тікі", "нікі", "дағы", "дегі", "тағы", "тегі", "сыз", "сіз", "ша", "ше"),
)
_RUSSIAN = (
    *("а", "у", "ом", "ем", "ём", "е", "ы", "и", "ой", "ою", "ей", "ею", "я", "ю", "ь", "ии", "ию", "ией", "ия"),
    *("ым", "ых", "ыми", "ого", "ому", "ую", "ая", "ое", "ий", "им", "их", "ими", "его", "ему", "ов", "ев", "овы"),
    *("ам", "ами", "ах", "ям", "ями", "ях", "ин", "ина", "ину", "иной", "ины", "ину", "иным", "ин"),
)


def skeleton(text: str) -> str:
    """A word in the letters that all spellings share, doubled ones once."""
    small = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS).replace(" ", "")
    for sound, letters in _SOUNDS:
        small = small.replace(sound, letters)
    return _DOUBLED.sub(r"\1", small)


def may_be(word: str, name: str) -> bool:
    """Whether `word` can be `name` in one of its cases."""
    bare, found = skeleton(name), skeleton(word)
    if len(bare) < _SHORTEST_STEM:
        return found == bare
    kazakh, russian = _endings()
    if any(_continues(found, stem, kazakh) for stem in _kazakh_stems(bare)):
        return True
    stem = bare.rstrip(_VOWELS)
    return len(stem) >= _SHORTEST_STEM and any(_continues(found, one, russian) for one in _russian_stems(bare, stem))


def _kazakh_stems(bare: str) -> tuple[str, ...]:
    """Серік, but Серігі: the last sound softens before an ending."""
    softened = {"k": "g", "p": "b"}.get(bare[-1])
    return (bare, bare[:-1] + softened) if softened else (bare,)


def _russian_stems(bare: str, stem: str) -> tuple[str, ...]:
    """Павел, but Павла: a vowel flees."""
    return (stem, bare[:-2] + bare[-1]) if bare[-2:] in ("el", "ek", "ok") else (stem,)


def _continues(word: str, stem: str, endings: frozenset[str]) -> bool:
    if not word.startswith(stem):
        return False
    rest = word[len(stem) :]
    return rest in endings or stem[-1] + rest in endings  # the skeleton wrote a doubled letter once


@cache
def _endings() -> tuple[frozenset[str], frozenset[str]]:
    kazakh = {skeleton("".join(parts)) for parts in product(_CALLED, _MANY, _WHOSE, _KAZAKH)}
    return frozenset(kazakh), frozenset({skeleton(one) for one in _RUSSIAN} | {""})
