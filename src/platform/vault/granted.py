"""Single fields of one person for the holder of a grant (S-14)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.vault import service
from src.platform.vault.schemas import Hidden, Identity

FIELDS = ("full_name", "birth_date", "iin", "contact")
"""What a grant may open of a person, in the order in which it is shown."""


async def fields_of(
    unit: Unit,
    one: Hidden[UUID],
    readable: Collection[str],
    fields: Collection[str],
    *,
    subject_kind: str,
    record_id: UUID,
) -> Mapping[str, str] | None:
    """The named fields with one audit row; None where a class of the person is not readable."""
    if not one.classes or not one.classes <= set(readable):
        return None
    person_id = await service.open_link(unit, one.sealed, one.owner_id)
    identity = await service.identity_for_slice(unit, person_id)
    audit.record(unit, "identity.read", subject_kind, [record_id, one.owner_id], classes=one.classes)
    return {name: _shown(identity, name) for name in FIELDS if name in fields}


def _shown(identity: Identity, name: str) -> str:
    if name == "contact":
        return ", ".join(part for part in (identity.phone, identity.email) if part)
    if name == "birth_date":
        return identity.birth_date.isoformat() if identity.birth_date else ""
    return identity.iin if name == "iin" else identity.full_name
