"""A master key takes the place of another: every data key is wrapped under both first, then under the new one only.

In between each process reads with whichever of the two it was given (ADR 33).
"""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import master
from src.platform.tenants import service as tenants
from src.platform.vault.errors import LastWrappingError
from src.platform.vault.models import TenantKey

_Kept = Mapping[tuple[str, int], Mapping[str, bytes]]


async def wrap(unit: Unit) -> int:
    """Wrap every key of an organisation under every master key given here; how many wrappings were missing.

    Raises MasterUnknownError for a key that none of them opens.
    """
    rows = list[dict[str, object]]()
    for (purpose, version), wrapped in (await _wrapped(unit)).items():
        owner = tenants.key_owner(unit.tenant_id, purpose, version)
        missing = [one for one in master.known().values() if one.id not in wrapped]
        bare = master.unwrap(wrapped, owner=owner) if missing else b""
        rows += [
            {
                "tenant_id": unit.tenant_id,
                "purpose": purpose,
                "version": version,
                "master": one.id,
                "wrapped": master.wrap(one, bare, owner=owner),
            }
            for one in missing
        ]
    if rows:
        await unit.session.execute(insert(TenantKey), rows)
        audit.record(unit, "keys.wrapped", "tenant", [unit.tenant_id], detail={"wrappings": len(rows)})
    return len(rows)


async def unwrap_from(unit: Unit, old: str) -> int:
    """Destroy what is wrapped under a master key; how many wrappings.

    Raises LastWrappingError, MasterUnknownError or SealBrokenError where the others given here would not open a key.
    """
    found = await _wrapped(unit)
    for (purpose, version), wrapped in found.items():
        others = {name: one for name, one in wrapped.items() if name != old}
        if not others:
            raise LastWrappingError
        master.unwrap(others, owner=tenants.key_owner(unit.tenant_id, purpose, version))
    gone = (
        await unit.session.scalars(delete(TenantKey).where(TenantKey.master == old).returning(TenantKey.master))
    ).all()
    if gone:
        audit.record(unit, "keys.unwrapped", "tenant", [unit.tenant_id], detail={"wrappings": len(gone)})
    return len(gone)


async def _wrapped(unit: Unit) -> _Kept:
    """Locked, so that no key of an organisation is made or destroyed meanwhile."""
    query = select(TenantKey.purpose, TenantKey.version, TenantKey.master, TenantKey.wrapped).with_for_update()
    found: dict[tuple[str, int], dict[str, bytes]] = defaultdict(dict)
    for purpose, version, name, wrapped in (await unit.session.execute(query)).all():
        found[purpose, version][name] = wrapped
    return found
