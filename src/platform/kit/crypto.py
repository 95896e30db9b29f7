"""Sealing, blinding and key wrapping.

AES-256-GCM with the owner of the value as associated data: a sealed value moved to another row does not open.
Layout of a sealed value: 1 byte format, 12 bytes nonce, ciphertext with tag.
"""

import hmac
import os
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
_SYMMETRIC = b"\x01"
_TO_RECIPIENT = b"\x02"


class SealBrokenError(Exception):
    """A sealed value does not open: wrong key, wrong owner or altered bytes. Carries no bytes."""


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, clear: bytes, *, owner: bytes) -> bytes:
    """Seal bytes under a key; `owner` (table, column, row) must be given again to open."""
    nonce = os.urandom(_NONCE_BYTES)
    return _SYMMETRIC + nonce + AESGCM(key).encrypt(nonce, clear, owner)


def unseal(key: bytes, sealed: bytes, *, owner: bytes) -> bytes:
    """Open what `seal` made. Raises SealBrokenError."""
    if sealed[:1] != _SYMMETRIC:
        raise SealBrokenError
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], owner)
    except InvalidTag:
        raise SealBrokenError from None


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
    return _TO_RECIPIENT + ephemeral_public + seal(key, clear, owner=owner)


def unseal_as(private: bytes, sealed: bytes, *, owner: bytes) -> bytes:
    """Open what `seal_to` made for this private key. Raises SealBrokenError."""
    if sealed[:1] != _TO_RECIPIENT:
        raise SealBrokenError
    ephemeral_public, inner = sealed[1 : 1 + _PUBLIC_BYTES], sealed[1 + _PUBLIC_BYTES :]
    own = X25519PrivateKey.from_private_bytes(private)
    shared = own.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
    key = _recipient_key(shared, ephemeral_public, own.public_key().public_bytes_raw())
    return unseal(key, inner, owner=owner)


def _recipient_key(shared: bytes, ephemeral_public: bytes, public: bytes) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"qorgan-slice" + ephemeral_public + public)
    return derive.derive(shared)
