"""Argon2id in the bounded pool; an unknown user costs the same as a wrong password (S-27)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from src.platform.kit.settings import settings
from src.platform.kit.threads import run_in_pool


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=settings().password_time_cost)


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")


async def hashed(password: str) -> str:
    """The stored form of a password."""
    return await run_in_pool(_hasher().hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether a password fits; `None` (no such user) takes as long and is always False."""
    return await run_in_pool(_verify, stored, password)


def _verify(stored: str | None, password: str) -> bool:
    try:
        _hasher().verify(stored or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None
