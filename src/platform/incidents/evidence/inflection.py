"""Whether a word may be a form of a name: Kazakh and Russian endings, in Cyrillic or Latin letters. Pure.

Names and words are written down to one skeleton of Latin letters first, so that Қ typed as К, Ә as А and spellings
like «Aigerim», «Aygerim» and «Айгерім» meet. Too much is proposed rather than too little: a person confirms.
No library inflects Kazakh names; a dictionary of Russian ones knows none of ours.
"""

import re
import unicodedata
from functools import cache
from itertools import product

_CYRILLIC = dict(zip("аәбвгғдеёэзийіыкқлмнңоөпрстуұүфхһ", "aabvggdeeeziiiikklmnnooprstuuufkk", strict=True))
_LETTERS = str.maketrans(
    {
        **_CYRILLIC,
        "ж": "j",
        "ц": "ts",
        "ч": "č",
        "ш": "š",
        "щ": "š",
        "ю": "iu",
        "я": "ia",
        "ъ": "",
        "ь": "",
        "ä": "a",
        "á": "a",
        "ö": "o",
        "ó": "o",
        "ü": "u",
        "ū": "u",
        "ú": "u",
        "ý": "u",
        "é": "e",
        "í": "i",
        "ı": "i",
        "ñ": "n",
        "ŋ": "n",
        "ń": "n",
        "ğ": "g",
        "ǵ": "g",
        "ş": "š",
        "ç": "č",
    }
)
_SOUNDS = (
    *(("shch", "š"), ("dzh", "j"), ("zh", "j"), ("sh", "š"), ("ch", "č"), ("gh", "g"), ("ng", "n"), ("ye", "e")),
    *(("yo", "e"), ("ck", "k"), ("kh", "k"), ("h", "k"), ("q", "k"), ("x", "ks"), ("w", "u"), ("y", "i")),
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
    small = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
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
    return any(_continues(found, stem, russian) for stem in _russian_stems(bare))


def _kazakh_stems(bare: str) -> tuple[str, ...]:
    """Серік, but Серігі: the last sound softens before an ending."""
    softened = {"k": "g", "p": "b"}.get(bare[-1])
    return (bare, bare[:-1] + softened) if softened else (bare,)


def _russian_stems(bare: str) -> list[str]:
    """Роза, but Розы; Алия, but Алии: a last vowel goes. Павел, but Павла: a vowel flees."""
    stems = [bare.rstrip(_VOWELS), bare[:-1] if bare[-1] in _VOWELS else bare]
    stems += [bare[:-2] + bare[-1]] if bare[-2:] in ("el", "ek", "ok") else []
    return [stem for stem in stems if len(stem) >= _SHORTEST_STEM]


def _continues(word: str, stem: str, endings: frozenset[str]) -> bool:
    if not word.startswith(stem):
        return False
    rest = word[len(stem) :]
    return rest in endings or stem[-1] + rest in endings  # the skeleton wrote a doubled letter once


@cache
def _endings() -> tuple[frozenset[str], frozenset[str]]:
    kazakh = {skeleton("".join(parts)) for parts in product(_CALLED, _MANY, _WHOSE, _KAZAKH)}
    return frozenset(kazakh), frozenset({skeleton(one) for one in _RUSSIAN} | {""})
