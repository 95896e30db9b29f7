"""What one reader may see of an incident's turns: its agenda and minutes, reasons, talks between the sides."""

from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import repository, tokens
from src.platform.incidents.models import CLASSES_OF, OFFENDER_CLASSES, Told
from src.platform.incidents.schemas import Change, Colleague, Decision, Held, IncidentView, Reconciled
from src.platform.incidents.turns import repository as turn_repository
from src.platform.vault import service as vault


async def agenda(unit: Unit, incident_id: UUID, colleagues: list[Colleague]) -> Held | None:
    """The meeting on whose agenda the incident waits, if it was held."""
    held = await repository.held(unit, incident_id)
    if not held or held[-1].held_at is None:
        return None
    names = [one.name for one in colleagues if one.membership_id in held[-1].attended]
    return Held(held_at=held[-1].held_at, attended=names)


async def with_minutes(
    unit: Unit, incident_id: UUID, decision: Decision | None, classes: frozenset[str], forms: dict[UUID, str]
) -> Decision | None:
    """Minutes hold what was said of everybody: only who may read every name gets them (N23)."""
    held = await repository.meetings(unit, incident_id)
    if decision is None or not classes >= access.IDENTITY:
        return decision
    return msgspec.structs.replace(decision, minutes=await text(unit, held[0], "minutes", forms))


async def changes(unit: Unit, incident_id: UUID, forms: dict[UUID, str]) -> list[Change]:
    """Turns outside the usual way, with their reasons."""
    return [
        Change(kind=one.kind, made_at=one.made_at, reason=await text(unit, one, "reason", forms))
        for one in await turn_repository.changes(unit, incident_id)
    ]


async def reconciliations(
    unit: Unit, incident_id: UUID, view: IncidentView, classes: frozenset[str], forms: dict[UUID, str]
) -> list[Reconciled]:
    """Talks that both sides agreed to, for who may know both."""
    codes = {one.id: one.code for one in view.people}
    if not classes >= OFFENDER_CLASSES | CLASSES_OF["victim"]:
        return []
    return [
        Reconciled(
            victim=codes[one.victim_id],
            offender=codes[one.offender_id],
            recorded_at=one.recorded_at,
            result=await text(unit, one, "result", forms) or "",
        )
        for one in await turn_repository.reconciliations(unit, incident_id)
    ]


async def text(unit: Unit, row: Told, name: str, forms: dict[UUID, str]) -> str | None:
    """A narrative as this reader may have it: marked names in the form that `forms` gives."""
    sealed: bytes | None = getattr(row, name)
    column = f"{row.__tablename__}.{name}"
    return tokens.shown(await vault.open_text(unit, sealed, column, row.id), forms) if sealed else None
