"""The code of an invitation: 80 random bits that people type from paper."""

import secrets
from uuid import UUID

from src.platform.kit import codes, crypto
from src.platform.kit.settings import settings

_LENGTH, _PERSONAL_LENGTH, _GROUP = 16, 8, 4


def new_code() -> str:
    """A code that nobody guesses: 16 characters of 5 bits, in groups for the eye."""
    return codes.grouped("".join(secrets.choice(codes.ALPHABET) for _ in range(_LENGTH)), _GROUP)


def code_blind(typed: str) -> bytes:
    """All that is stored of a code."""
    return crypto.blind(_key(b"invitation"), codes.plain(typed).encode())


def attempts_blind(typed: str) -> bytes:
    """Under what wrong tries of a code are counted."""
    return crypto.blind(_key(b"invitation-attempts"), codes.plain(typed).encode())


def personal_name(organisation_code: str, invitation_id: UUID) -> str:
    """A sign-in name for somebody without e-mail and phone: school code and personal code (decisions 20)."""
    digest = crypto.blind(_key(b"personal-code"), invitation_id.bytes)
    code = "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[:_PERSONAL_LENGTH])
    return f"{organisation_code} {codes.grouped(code, _GROUP)}"


def _key(purpose: bytes) -> bytes:
    return crypto.blind(settings().key("master"), purpose)
