"""Sealing, blinding and key wrapping.

AES-256-GCM with the owner of the value as associated data: a sealed value moved to another row does not open.
Layout of a sealed value: 1 byte format, 2 bytes version of the key unless it is the first, 12 bytes nonce, ciphertext
with tag. Of a slice for a recipient: 1 byte format, 4 bytes that tell for which public key, 32 bytes of the ephemeral
one, a sealed value.
"""

import hmac
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
_PUBLIC_BYTES = 32
_VERSION_BYTES = 2
_ID_BYTES = 4
_FIRST, _VERSIONED = b"\x01", b"\x03"
_TO_RECIPIENT, _TO_KEY = b"\x02", b"\x04"


class SealBrokenError(Exception):
    """A sealed value does not open: wrong key, wrong owner or altered bytes. Carries no bytes."""


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, clear: bytes, *, owner: bytes, version: int = 1) -> bytes:
    """Seal bytes under a version of a key; `owner` (table, column, row) must be given again to open."""
    nonce = os.urandom(_NONCE_BYTES)
    return beginning(version) + nonce + AESGCM(key).encrypt(nonce, clear, owner)


def unseal(key: bytes, sealed: bytes, *, owner: bytes) -> bytes:
    """Open what `seal` made; which key it was, `version_of` tells. Raises SealBrokenError."""
    begins = len(beginning(version_of(sealed)))
    ends = begins + _NONCE_BYTES
    try:
        return AESGCM(key).decrypt(sealed[begins:ends], sealed[ends:], owner)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None


class Opener:
    """Opens what any version of a key sealed. Its ciphers are made once: making one costs more than opening."""

    def __init__(self, versions: Mapping[int, bytes]) -> None:
        """Of the keys by their versions."""
        self._ciphers = {beginning(version): AESGCM(key) for version, key in versions.items()}

    def open(self, sealed: bytes, *, owner: bytes) -> bytes:
        """As `unseal`, which looks for no version. Raises SealBrokenError."""
        return self.open_all([(sealed, owner)])[0]

    def open_all(self, sealed: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """The same of many values, each with its owner."""
        try:
            return [
                self._ciphers[one[:begins]].decrypt(
                    one[begins : begins + _NONCE_BYTES], one[begins + _NONCE_BYTES :], owner
                )
                for one, owner in sealed
                if (begins := 1 if one[:1] == _FIRST else 1 + _VERSION_BYTES)
            ]
        except (InvalidTag, KeyError, ValueError):
            raise SealBrokenError from None


def beginning(version: int) -> bytes:
    """How every value begins that is sealed under this version of a key."""
    return _FIRST if version == 1 else _VERSIONED + version.to_bytes(_VERSION_BYTES)


def version_of(sealed: bytes) -> int:
    """Under which version of its key a value is sealed. Raises SealBrokenError."""
    if sealed[:1] == _FIRST:
        return 1
    if sealed[:1] == _VERSIONED:
        return int.from_bytes(sealed[1 : 1 + _VERSION_BYTES])
    raise SealBrokenError


def blind(key: bytes, value: bytes) -> bytes:
    """A keyed fingerprint: equal values meet, nobody without the key can guess them."""
    return hmac.digest(key, value, sha256)


def sign(seed: bytes, claim: bytes) -> bytes:
    """An Ed25519 signature; `seed` is a 256-bit key."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(claim)


def signer_public(seed: bytes) -> bytes:
    """The public half of a signing key, raw bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def is_signed(public: bytes, claim: bytes, signature: bytes) -> bool:
    """Whether the holder of the private half signed exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, claim)
    except InvalidSignature:
        return False
    return True


def new_recipient() -> tuple[bytes, bytes]:
    """(private, public) X25519 key pair, raw bytes, of an organisation that receives sealed slices."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal_to(public: bytes, clear: bytes, *, owner: bytes) -> bytes:
    """Seal bytes so that only the holder of the private key opens them: the author cannot (decisions 8)."""
    ephemeral = X25519PrivateKey.generate()
    ephemeral_public = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    key = _recipient_key(shared, ephemeral_public, public)
    return beginning_for(public) + ephemeral_public + seal(key, clear, owner=owner)


def unseal_as(private: bytes, sealed: bytes, *, owner: bytes) -> bytes:
    """Open what `seal_to` made for this private key. Raises SealBrokenError."""
    begins = 1 if sealed[:1] == _TO_RECIPIENT else 1 + _ID_BYTES
    if sealed[:1] not in (_TO_RECIPIENT, _TO_KEY) or len(sealed) < begins + _PUBLIC_BYTES:
        raise SealBrokenError
    ephemeral_public, inner = sealed[begins : begins + _PUBLIC_BYTES], sealed[begins + _PUBLIC_BYTES :]
    own = X25519PrivateKey.from_private_bytes(private)
    shared = own.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
    key = _recipient_key(shared, ephemeral_public, own.public_key().public_bytes_raw())
    return unseal(key, inner, owner=owner)


def beginning_for(public: bytes) -> bytes:
    """How every slice begins that is sealed for the holder of this key's private half."""
    return _TO_KEY + sha256(b"qorgan-recipient|" + public).digest()[:_ID_BYTES]


def recipient_public(private: bytes) -> bytes:
    """The public half of a recipient's key, raw bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _recipient_key(shared: bytes, ephemeral_public: bytes, public: bytes) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"qorgan-slice" + ephemeral_public + public)
    return derive.derive(shared)
