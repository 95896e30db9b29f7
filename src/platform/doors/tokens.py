"""The number of a form, and the receipt's code: 80 bits and two characters that tell a typing mistake.

The code follows from the number of the form and what was sent with it, by a key that only the service has: a second
click of the same form makes the same code, and nothing has to be kept for that, neither here nor in the browser.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from src.platform.db.region_keys import region_key
from src.platform.kit import clock, codes, crypto
from src.platform.kit.crypto import SealBrokenError

NUMBER = "number"
_LIFETIME = timedelta(hours=12)
_RANDOM, _WHEN = 16, 8
_LENGTH, _CHECK, _GROUP = 16, 2, 6
_PRIME = 1021
"""The largest prime under 32²: the rest of the code tells every single wrong character and every two that changed
places side by side."""


def new_number(tenant_id: UUID) -> str:
    """The number of one rendering of a form; when it was made can be read by the service only."""
    when = int(clock.real_now().timestamp()).to_bytes(_WHEN)
    sealed = crypto.seal(region_key("door-form"), crypto.new_key()[:_RANDOM] + when, owner=tenant_id.bytes)
    return base64.urlsafe_b64encode(sealed).decode()


def seed_of(tenant_id: UUID, number: str, sent: Mapping[str, object]) -> bytes | None:
    """What ids and code of a form follow from; None for a number that we did not make or that is too old."""
    try:
        clear = crypto.unseal(region_key("door-form"), base64.urlsafe_b64decode(number), owner=tenant_id.bytes)
    except (SealBrokenError, binascii.Error, ValueError):
        return None
    age = clock.real_now().timestamp() - int.from_bytes(clear[_RANDOM:])
    if not 0 <= age + 1 <= _LIFETIME.total_seconds():
        return None
    parts = [clear.hex(), *(f"{name}={sent[name]}" for name in sorted(sent) if name != NUMBER)]
    return crypto.blind(region_key("door-seed"), "".join(f"{len(part)}:{part}" for part in parts).encode())


def id_of(seed: bytes, purpose: bytes) -> UUID:
    """An id that says nothing about when it was made (S-18)."""
    return UUID(bytes=crypto.blind(region_key("door-id"), purpose + seed)[:16], version=4)


def code_of(seed: bytes) -> str:
    """The receipt's code, in groups for the eye."""
    bits = int.from_bytes(crypto.blind(region_key("receipt-code"), seed)) % (1 << codes.BITS * _LENGTH)
    return codes.grouped(codes.written(bits, _LENGTH) + _check(bits), _GROUP)


def is_mistyped(typed: str) -> bool:
    """Whether no receipt can have this code, whatever we know: a character is wrong, missing or too many."""
    code = codes.plain(typed)
    if len(code) != _LENGTH + _CHECK or not set(code) <= set(codes.ALPHABET):
        return True
    bits = 0
    for character in code[:_LENGTH]:
        bits = bits << codes.BITS | codes.ALPHABET.index(character)
    return _check(bits) != code[_LENGTH:]


def code_blind(tenant_id: UUID, typed: str) -> bytes:
    """All that is stored of a code; the same code of another school has another one."""
    return crypto.blind(region_key("receipt"), tenant_id.bytes + codes.plain(typed).encode())


def bucket(kind: str, tenant_id: UUID | None) -> bytes:
    """Under what something is counted, in one school or in all."""
    return crypto.blind(region_key("door-use"), f"{kind}|{tenant_id or ''}".encode())


def _check(bits: int) -> str:
    return codes.written(bits % _PRIME, _CHECK)
