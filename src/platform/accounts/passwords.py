"""Argon2id in the bounded pool; an unknown user costs the same as a wrong password (S-27).

A code on paper stands in the place of a password until its owner has chosen one. It has 60 random bits, so a keyed
fingerprint keeps it as well as a slow hash would, and a school of 1,200 gets its codes at once (ADR 13).
"""

import hmac
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from src.platform.accounts.tokens import folded, paper_code_hash
from src.platform.kit import clock
from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import N_
from src.platform.kit.settings import settings
from src.platform.kit.threads import run_in_pool

SHORTEST, LONGEST = 10, 200
_PAPER = "paper"
_FEWEST_LETTERS = 5
_FEWEST_GUESSES = 10**8
_LOOKED_AT = 40
"""What is longer is not guessed from a list, and looking at it takes the longer the longer it is."""
_BY_POSITION = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюёәіңғүұқөһ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`2345890-=")
_OF_THE_HOUSE = ["qorgan", "қорған", "корган", "мектеп", "mektep", "школа", "shkola", "қауіпсіздік", "құпиясөз"]
_OF_THE_HOUSE += ["almaty", "алматы", "қазақстан", "казахстан", "kazakhstan", "qazaqstan", "оқушы", "ученик"]


def complaint(password: str, sign_in: str = "", *, field: str = "password") -> FieldError | None:
    """Why a password cannot be taken: length is what counts, and that nobody guesses it from a list (ADR 43).

    Lists know words in Latin letters, so it is also read as the same keys of the other keyboard.
    """
    least = (("least", SHORTEST), ("most", LONGEST))
    if not SHORTEST <= len(password) <= LONGEST:
        return FieldError(field, "not_in_length", N_("Use %(least)s to %(most)s characters"), least)
    told = bool(sign_in) and folded(sign_in) == folded(password)
    if told or len(set(password.casefold())) < _FEWEST_LETTERS or _is_in_lists(password, sign_in):
        return FieldError(field, "easy_to_guess", N_("This password is too easy to guess. Use several words"))
    return None


def _is_in_lists(password: str, sign_in: str) -> bool:
    typed = password[:_LOOKED_AT].casefold()
    known = [*_OF_THE_HOUSE, *sign_in.casefold().replace("@", ".").split(".")]
    readings = {typed, typed.translate(_BY_POSITION)}
    return any(zxcvbn(one, user_inputs=known)["guesses"] < _FEWEST_GUESSES for one in readings)


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


def of_paper(code: str, until: datetime) -> str:
    """The stored form of a code on paper, which opens nothing from `until` on."""
    return f"{_PAPER}${int(until.timestamp())}${paper_code_hash(code).hex()}"


def is_of_paper(stored: str) -> bool:
    """Whether no password has been chosen yet."""
    return stored.startswith(f"{_PAPER}$")


def _verify(stored: str | None, password: str) -> bool:
    on_paper = stored is not None and is_of_paper(stored)
    try:
        _hasher().verify(_nobody() if stored is None or on_paper else stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return on_paper and _fits_paper(stored or "", password)
    return stored is not None and not on_paper


def _fits_paper(stored: str, code: str) -> bool:
    _, until, known = stored.split("$")
    fits = hmac.compare_digest(bytes.fromhex(known), paper_code_hash(code))
    return fits and clock.now().timestamp() < int(until)
