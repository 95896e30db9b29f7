"""Keys of what outlives a session: the mark of a page that tells for whom it was made, and the key of a stash.

Both come from keys of the region, which the database has only wrapped; the key of a stash also from a secret that only
the browser keeps. So neither a dump, nor a dump with the keys of the service, opens a stash.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64Error
from secrets import token_bytes
from uuid import UUID

from src.platform.db.region_keys import region_key
from src.platform.drafts.schemas import Owner
from src.platform.kit import crypto

_ID_BYTES = 16


def page_mark(owner: Owner) -> str:
    """A fresh mark for one rendering of a page: opaque, different every time, and only we can make one."""
    return _text(crypto.seal(region_key("page-mark"), owner.user_id.bytes + owner.tenant_id.bytes, owner=b"page"))


def owner_of(mark: str) -> Owner | None:
    """For whom a page was made; None for a mark that is not ours."""
    try:
        ids = crypto.unseal(region_key("page-mark"), _bytes(mark), owner=b"page")
    except (crypto.SealBrokenError, ValueError):
        return None
    return Owner(UUID(bytes=ids[:_ID_BYTES]), UUID(bytes=ids[_ID_BYTES:]))


def stash_id(mark: str) -> UUID:
    """The id of what comes from one page: sent again, it takes the place of what came before."""
    return UUID(bytes=crypto.blind(region_key("stash-id"), mark.encode())[:_ID_BYTES], version=4)


def stash_secret(known: str | None) -> str:
    """The browser's half of the key: the one it has, so that two open forms do not lose one another, or a new one."""
    try:
        return _text(_long_enough(_bytes(known or "")))
    except ValueError:
        return _text(token_bytes(crypto.KEY_BYTES))


def stash_key(secret: str, row_id: UUID) -> bytes:
    """The key of one stash."""
    return crypto.blind(region_key("stash"), secret.encode() + row_id.bytes)


def _long_enough(secret: bytes) -> bytes:
    if len(secret) != crypto.KEY_BYTES:
        raise ValueError
    return secret


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except NotBase64Error as error:
        raise ValueError from error
