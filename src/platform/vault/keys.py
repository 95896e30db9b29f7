"""Opening the wrapped keys of an organisation; kept for some minutes, never logged, never stored bare."""

import time
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from src.platform.db.unit import Unit
from src.platform.kit import crypto
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.vault.models import TenantKey

_LIFETIME_SECONDS = 300.0
_MOST_TENANTS = 2_000


@dataclass(frozen=True, slots=True)
class Keys:
    """The bare keys of one organisation."""

    vault: bytes = field(repr=False)
    case: bytes = field(repr=False)
    blind: bytes = field(repr=False)
    code: bytes = field(repr=False)
    recipient: bytes = field(repr=False)


_kept: dict[UUID, tuple[float, Keys]] = {}


async def keys_of(unit: Unit) -> Keys:
    """The keys of the unit's organisation. Raises SealBrokenError when the master key is another one."""
    known = _kept.get(unit.tenant_id)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    rows = await unit.session.execute(select(TenantKey.purpose, TenantKey.version, TenantKey.wrapped))
    master = settings().key("master")
    bare = {
        purpose: crypto.unseal(master, wrapped, owner=tenants.key_owner(unit.tenant_id, purpose, version))
        for purpose, version, wrapped in rows.all()
    }
    opened = Keys(**bare)
    if len(_kept) >= _MOST_TENANTS:
        _kept.clear()
    _kept[unit.tenant_id] = (time.monotonic() + _LIFETIME_SECONDS, opened)
    return opened
