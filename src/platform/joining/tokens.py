"""The code of an invitation: 80 random bits, typed from paper; all that is stored of it are keyed fingerprints."""

from uuid import UUID

from src.platform.db.region_keys import region_key
from src.platform.kit import codes, crypto

_LENGTH, _PERSONAL_LENGTH = 16, 8


def new_code() -> str:
    """A code that nobody guesses: 16 characters of 5 bits."""
    return codes.new_code(_LENGTH)


def code_blind(typed: str) -> bytes:
    """All that is stored of a code."""
    return crypto.blind(region_key("invitation"), codes.plain(typed).encode())


def attempts_blind(typed: str) -> bytes:
    """Under what wrong tries of a code are counted."""
    return crypto.blind(region_key("invitation-attempts"), codes.plain(typed).encode())


def personal_name(organisation_code: str, invitation_id: UUID) -> str:
    """A sign-in name for somebody without e-mail and phone: school code and personal code (decisions 20)."""
    digest = crypto.blind(region_key("personal-code"), invitation_id.bytes)
    code = "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[:_PERSONAL_LENGTH])
    return f"{organisation_code} {codes.grouped(code)}"
