"""Codes that people type from paper: letters and digits that cannot be taken for one another (Crockford).

They are often typed on a Kazakh or Russian keyboard, so characters that look alike are read as one.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 5
_GROUP = 4
_LOOKS_LIKE = str.maketrans("OILІАВЕКМНОРСТХУҮҰ", "011" + "1ABEKMH0PCTXYYY")


def new_code(length: int) -> str:
    """A random code of 5 bits a character, in groups for the eye."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(length)))


def plain(typed: str) -> str:
    """One spelling of what was typed."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())
    return bare.translate(_LOOKS_LIKE)


def grouped(code: str, size: int = _GROUP) -> str:
    """The code in groups for the eye."""
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def written(number: int, length: int) -> str:
    """A number in so many characters."""
    return "".join(ALPHABET[number >> BITS * place & len(ALPHABET) - 1] for place in reversed(range(length)))
