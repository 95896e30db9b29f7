"""Codes that people type from paper: letters and digits that cannot be taken for one another (Crockford), in groups.

They are often typed on a Kazakh or Russian keyboard, so characters that look alike are read as one.
"""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 5
_LOOKS_LIKE = str.maketrans("OILІАВЕКМНОРСТХУҮҰ", "011" + "1ABEKMH0PCTXYYY")


def plain(typed: str) -> str:
    """What was typed, without spaces and hyphens, every look-alike as the character it looks like."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())
    return bare.translate(_LOOKS_LIKE)


def grouped(code: str, size: int) -> str:
    """The code in groups for the eye."""
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def written(number: int, length: int) -> str:
    """A number in so many characters."""
    return "".join(ALPHABET[number >> BITS * place & len(ALPHABET) - 1] for place in reversed(range(length)))
