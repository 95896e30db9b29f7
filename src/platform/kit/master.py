"""The master keys of the region: where they come from, and wrapping other keys under them.

One text, from the environment or from a file, holds one key or, while keys move from one to another, several: hex,
divided by spaces, commas or lines. The file is read whenever a wrapped key is opened, so a running process learns a new
master from a file that was replaced; from the environment it learns it when it is started again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from src.platform.kit import crypto
from src.platform.kit.settings import settings

_ID_LENGTH = 16
_DIVIDED = re.compile(r"[\s,;]+")


class MasterUnknownError(crypto.SealBrokenError):
    """No master key that this process was given opens the wrapped key."""


class NoMasterError(RuntimeError):
    """Neither QORGAN_MASTER_KEY nor QORGAN_MASTER_KEY_FILE gives keys of 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Master:
    """One master key. Its id is a fingerprint that tells nothing of it and may stand in tables and on screens."""

    id: str
    key: bytes = field(repr=False)


def known() -> dict[str, Master]:
    """The master keys this process has now, by id, in the order given. Raises NoMasterError."""
    found = [of(bytes.fromhex(text)) for text in _texts()]
    if not found or any(len(one.key) != crypto.KEY_BYTES for one in found):
        raise NoMasterError
    return {one.id: one for one in found}


def of(key: bytes) -> Master:
    """A key with its id."""
    return Master(sha256(b"qorgan-master|" + key).hexdigest()[:_ID_LENGTH], key)


def wrap(master: Master, bare: bytes, *, owner: bytes) -> bytes:
    """A key under a master key."""
    return crypto.seal(master.key, bare, owner=owner)


def unwrap(wrapped: Mapping[str, bytes], *, owner: bytes) -> bytes:
    """A key from any of its wrappings, by id of the master. Raises MasterUnknownError, SealBrokenError."""
    masters = known()
    for name, one in wrapped.items():
        if name in masters:
            return crypto.unseal(masters[name].key, one, owner=owner)
    raise MasterUnknownError


def _texts() -> list[str]:
    conf = settings()
    given = conf.master_key_file.read_text() if conf.master_key_file else conf.master_key.get_secret_value()
    texts = [text for text in _DIVIDED.split(given) if text]
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", text) for text in texts):
        raise NoMasterError
    return texts
