"""The code of an invitation: 80 random bits in letters and digits that cannot be taken for one another (Crockford).

People type it from paper, often on a Kazakh or Russian keyboard, so characters that look alike are read as one.
"""

import secrets
import unicodedata
from uuid import UUID

from src.platform.kit import crypto
from src.platform.kit.settings import settings

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _PERSONAL_LENGTH, _GROUP = 16, 8, 4
_LOOKS_LIKE = str.maketrans("OILІАВЕКМНОРСТХУҮҰ", "011" + "1ABEKMH0PCTXYYY")


def new_code() -> str:
    """A code that nobody guesses: 16 characters of 5 bits, in groups for the eye."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def code_blind(typed: str) -> bytes:
    """All that is stored of a code."""
    return crypto.blind(_key(b"invitation"), _plain(typed).encode())


def attempts_blind(typed: str) -> bytes:
    """Under what wrong tries of a code are counted."""
    return crypto.blind(_key(b"invitation-attempts"), _plain(typed).encode())


def personal_name(organisation_code: str, invitation_id: UUID) -> str:
    """A sign-in name for somebody without e-mail and phone: school code and personal code (decisions 20)."""
    digest = crypto.blind(_key(b"personal-code"), invitation_id.bytes)
    code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_PERSONAL_LENGTH])
    return f"{organisation_code} {_grouped(code)}"


def _plain(typed: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())
    return bare.translate(_LOOKS_LIKE)


def _grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _key(purpose: bytes) -> bytes:
    return crypto.blind(settings().key("master"), purpose)
