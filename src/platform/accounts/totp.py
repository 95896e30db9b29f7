"""Codes of the second factor: of an application (RFC 6238) and printed ones. Pure computation, real time is given.

What is offered to somebody is derived from a seed and stored only when its owner has proved to hold it, so that a page
which is opened and left changes nothing.
"""

import hmac
from base64 import b32encode
from datetime import datetime

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from src.platform.kit import crypto

PRINTED_CODES = 10
_ISSUER = "Qorgan"
_STEP_SECONDS = 30
_DRIFT = (0, -1, 1)
_SECRET_BYTES = 20
_APP_DIGITS, _PRINTED_DIGITS = 6, 12
_GROUP = 4


def app_secret(seed: bytes) -> bytes:
    """The 160-bit secret that follows from a 256-bit seed."""
    return crypto.blind(seed, b"app")[:_SECRET_BYTES]


def matching_step(secret: bytes, code: str, moment: datetime) -> int | None:
    """The 30-second step that a code of an application belongs to: the present one or a neighbour, or None."""
    now = int(moment.timestamp()) // _STEP_SECONDS
    app = HOTP(secret, _APP_DIGITS, SHA1())  # noqa: S303  # what RFC 6238 says and every application computes
    return next((now + by for by in _DRIFT if hmac.compare_digest(app.generate(now + by), code.encode())), None)


def uri(secret: bytes, account: str) -> str:
    """The `otpauth:` address that an application reads. `account` must not tell who it is."""
    app = TOTP(secret, _APP_DIGITS, SHA1(), _STEP_SECONDS)  # noqa: S303
    return app.get_provisioning_uri(account, _ISSUER)


def picture(address: str) -> str:
    """The address as a QR code, a `data:` URI for an image."""
    return segno.make(address, error="m").svg_data_uri(scale=5)


def for_typing(secret: bytes) -> str:
    """The secret in groups of four letters, for an application without a camera."""
    return _grouped(b32encode(secret).decode())


def printed_codes(seed: bytes) -> list[str]:
    """The ten codes that follow from a 256-bit seed, as `4821-0937-5526`: 40 bits each, digits on every keyboard."""
    numbers = [int.from_bytes(crypto.blind(seed, f"printed {n}".encode())) for n in range(PRINTED_CODES)]
    return [_grouped(f"{number % 10**_PRINTED_DIGITS:0{_PRINTED_DIGITS}}", "-") for number in numbers]


def folded(code: str) -> str:
    """What was typed, without spaces and dashes."""
    return "".join(character for character in code if character not in " -–\N{NO-BREAK SPACE}")


def is_of_app(code: str) -> bool:
    """Whether a folded code has the length of those of an application."""
    return len(code) == _APP_DIGITS


def _grouped(text: str, between: str = " ") -> str:
    return between.join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
