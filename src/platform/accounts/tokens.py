"""Session ids, CSRF tokens and the fingerprint of sign-in names."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from src.platform.db.region_keys import region_key
from src.platform.kit import codes, crypto

_TOKEN_BYTES = 32
_PHONE_DIGITS = 10


def new_token() -> str:
    """A session id for the cookie; only its hash is stored (S-24)."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What the database knows of a session id."""
    return sha256(token.encode()).digest()


def new_csrf() -> bytes:
    """A secret bound to one session (S-25)."""
    return secrets.token_bytes(_TOKEN_BYTES)


def csrf_matches(expected: bytes, given: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(expected.hex(), given)


def second_factor_blind(user_id: UUID) -> bytes:
    """Under which failed codes of a user are counted."""
    return crypto.blind(region_key("second-factor-attempt"), user_id.bytes)


def app_secret_key() -> bytes:
    """Seals the secrets of applications."""
    return region_key("second-factor-app")


def app_secret_owner(user_id: UUID) -> bytes:
    """What a sealed secret is bound to: moved to another user it does not open."""
    return f"users.totp_sealed|{user_id}".encode()


def code_hash(user_id: UUID, code: str) -> bytes:
    """What the database knows of a printed code."""
    return crypto.blind(region_key("recovery-code"), user_id.bytes + code.encode())


def offer_seed(user_id: UUID, csrf: bytes, known: Iterable[bytes]) -> bytes:
    """From which a new second factor follows: the same on every page of a session, another once one was taken."""
    return crypto.blind(
        region_key("second-factor-offer"), user_id.bytes + csrf + sha256(b"".join(sorted(known))).digest()
    )


def name_blind(sign_in: str) -> bytes:
    """The fingerprint under which a sign-in name is found: folded and keyed by a key of the region.

    A name that is no address comes from paper, so letters that look alike are one.
    """
    bare = folded(sign_in)
    spelled = bare if "@" in bare or bare.startswith("+") else codes.plain(bare)
    return crypto.blind(region_key("sign-in-name"), spelled.encode())


def paper_code_hash(typed: str) -> bytes:
    """What is stored of a code of 60 random bits: without the key no cheaper to guess than a slow hash."""
    return crypto.blind(region_key("paper-code"), codes.plain(typed).encode())


def password_bucket(user_id: UUID) -> bytes:
    """Under what failures are counted of somebody who is signed in and does not know their password."""
    return crypto.blind(region_key("password"), user_id.bytes)


def folded(sign_in: str) -> str:
    """One spelling of a sign-in name: no case, no spaces; 8 701…, +7 (701)… and 701… are one phone."""
    bare = "".join(unicodedata.normalize("NFKC", sign_in).casefold().split())
    if "@" in bare:
        return bare
    plain = "".join(c for c in bare if c.isalnum())
    if not plain.isdecimal():
        return plain
    national = plain[1:] if len(plain) == _PHONE_DIGITS + 1 and plain[0] in "78" else plain
    return f"+7{national}" if len(national) == _PHONE_DIGITS else f"+{national}"


def is_address(sign_in: str) -> bool:
    """Whether a sign-in name is an e-mail address or a phone number, so that nobody else can have it."""
    return re.fullmatch(r"[^@]+@[^@.]+(\.[^@.]+)+|\+[0-9]{10,15}", folded(sign_in)) is not None
