"""Session ids, CSRF tokens and the fingerprint of sign-in names."""

import hmac
import secrets
import unicodedata
from hashlib import sha256

from src.platform.kit import crypto
from src.platform.kit.settings import settings

_TOKEN_BYTES = 32


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


def name_blind(sign_in: str) -> bytes:
    """The fingerprint under which a sign-in name is found: folded, without spaces, keyed by the master key."""
    folded = "".join(unicodedata.normalize("NFKC", sign_in).casefold().split())
    key = crypto.blind(settings().key("master"), b"sign-in-name")
    return crypto.blind(key, folded.encode())
