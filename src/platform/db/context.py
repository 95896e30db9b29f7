"""The signed tenant context (decisions 4, S-5).

`tenant|user|expiry|hmac` goes into `qorgan.ctx` for one transaction. The database checks it in `ctx_tenant()`;
SQL that was smuggled in cannot choose another organisation, because it does not know the key.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from src.platform.kit import clock

_LIFETIME = timedelta(minutes=10)
_BLOCK = 64
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class TenantContext:
    """Whose rows a transaction may see, and for whom it works (`NOBODY` for a job or an anonymous page)."""

    tenant_id: UUID
    user_id: UUID = NOBODY

    def signed(self, key: bytes) -> str:
        """The text that the database accepts for the next ten minutes of real time."""
        expiry = int((clock.real_now() + _LIFETIME).timestamp())
        claim = f"{self.tenant_id}|{self.user_id}|{expiry}"
        return f"{claim}|{hmac.digest(key, claim.encode(), sha256).hex()}"


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """(inner, outer) padded keys, stored for the database, which has sha256() but no hmac()."""
    padded = key.ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
