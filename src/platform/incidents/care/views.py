"""The injury fields of D for the nurse whom the team asked: who is hurt, never who did it or who told (actors.md 3.8).

Somebody hurt is named by the class `identity-victim`, as `injured_names` says, and what part they had stands nowhere
here; every name in a text is left out, so that no text tells which of the hurt ones did something.
"""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, states, tokens
from src.platform.incidents.care import repository as care_repository
from src.platform.incidents.care.schemas import CareList, CareRow, CareView, Injured, Noted
from src.platform.incidents.care.service import CARE
from src.platform.incidents.models import CLASSES_OF, Incident, Injury
from src.platform.kit.errors import NotFound
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

_READ = frozenset({"case-sensitive", "health"})


async def listing(unit: Unit) -> CareList:
    """Incidents for which the team asked me."""
    access.require(unit, CARE)
    found = await care_repository.mine(unit, CARE)
    if found:
        audit.record(unit, "incident.care_listed", "incident", [one.id for one in found], classes={"case-sensitive"})
    rows = [
        CareRow(id=one.id, number=one.number, reported_at=one.reported_at, sent_to_medical=one.sent_to_medical)
        for one in found
    ]
    return CareList(rows=rows)


async def one(unit: Unit, incident_id: UUID, *, with_names: bool = False) -> CareView:
    """One incident. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    tied = await repository.one(unit, incident_id, permission=CARE)
    if tied is None or tied.incident.state == states.LINKED:
        raise NotFound
    incident, classes = tied.incident, access.demand(unit.me, CARE, tied.relations)
    await care_repository.prefetch(unit, incident)
    hurt = [one for one in await repository.participations(unit, [incident.id]) if one.injured]
    named = await _names(unit, incident, [(one.id, one.link) for one in hurt], classes) if with_names else {}
    numbers = {one.id: number for number, one in enumerate(hurt, start=1)}
    if not with_names:
        audit.record(unit, "incident.care_read", "incident", [incident.id], classes=_READ)
    reads = incident.identities_read_at is not None
    return CareView(
        id=incident.id,
        number=incident.number,
        version=incident.version,
        harmed=incident.harmed,
        sent_to_medical=incident.sent_to_medical,
        injured_count=incident.injured_count,
        injured=[Injured(id=i, number=number, name=named.get(i)) for i, number in numbers.items()],
        noted=await _noted(unit, await repository.injuries(unit, incident.id), numbers, reads=reads),
        injuries=await _text(unit, incident, "injuries") if reads else None,
        medical_where=await _text(unit, incident, "medical_where") if reads else None,
        texts_wait=not reads,
        may_note=incident.state != "closed",
    )


async def _names(
    unit: Unit, incident: Incident, hurt: list[tuple[UUID, bytes]], classes: frozenset[str]
) -> dict[UUID, str]:
    hidden = [Hidden(owner_id=owner, sealed=link, classes=CLASSES_OF["victim"]) for owner, link in hurt]
    return await vault.reveal(unit, hidden, classes, subject_kind="incident", record_id=incident.id)


async def _noted(unit: Unit, rows: list[Injury], numbers: dict[UUID, int], *, reads: bool) -> list[Noted]:
    records: dict[UUID, Noted] = {}
    for row in rows:
        region = (await vault.open_text(unit, row.region, "injury.region", row.id)).strip()
        if (known := records.get(row.record_id)) is not None:
            known.regions.append(region)
            continue
        records[row.record_id] = Noted(
            at=row.noted_at,
            regions=[region],
            number=numbers.get(row.participation_id) if row.participation_id else None,
            note=await _text(unit, row, "note") if reads else None,
        )
    return list(records.values())


async def _text(unit: Unit, row: Incident | Injury, name: str) -> str | None:
    sealed: bytes | None = getattr(row, name)
    column = f"{row.__tablename__}.{name}"
    return tokens.hidden(await vault.open_text(unit, sealed, column, row.id)) if sealed else None
