"""Files of an incident: attached by whoever does the step they belong to, opened by whoever may see what they show."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.attachments import service as attachments
from src.platform.attachments.schemas import Clean, NewFile, Opened
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.evidence import views as evidence
from src.platform.incidents.models import Incident
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_

_STEP_OF = {"report": "incident.screen", "interview": "incident.investigate", "injuries": "incident.note_injuries"}


async def may_attach(unit: Unit, incident_id: UUID) -> None:
    """Raises NotFound, Forbidden or WrongStateError, before anything costly is done with a file."""
    await _for_attaching(unit, incident_id, "incident.attach")


async def attach(unit: Unit, incident_id: UUID, new: NewFile, clean: Clean) -> UUID:
    """Put a file beside a report, a talk or the injuries; its caption is a text that is to be read for identities."""
    incident = await _for_attaching(unit, incident_id, _STEP_OF[new.about_kind])
    if not await _stands_here(unit, incident.id, new):
        raise Invalid(fields=[FieldError("about", "not_an_option", N_("Choose one of the answers"))])
    file = await attachments.keep(unit, "incident", incident.id, new._replace(caption=tokens.typed(new.caption)), clean)
    incident.identities_read_at = None
    detail: dict[str, str | int | bool] = {"about": new.about_kind, "kind": clean.kind, "shows_child": new.shows_child}
    audit.record(unit, "incident.file_attached", "incident", [incident.id, file.id], detail=detail)
    return file.id


async def open_copy(unit: Unit, incident_id: UUID, file_id: UUID) -> Opened:
    """The cleaned copy, with an audit row for every opening (S-21)."""
    incident, file, needed = await _readable(unit, incident_id, file_id)
    opened = await attachments.open_copy(unit, file)
    audit.record(unit, "incident.file_opened", "incident", [incident.id, file.id], classes=needed)
    return opened


async def open_original(unit: Unit, incident_id: UUID, file_id: UUID, purpose: str) -> Opened:
    """The file as it came, which tells place, time and device: a right of its own, and a purpose (S-14, S-21)."""
    incident, file, needed = await _readable(unit, incident_id, file_id, "incident.open_original")
    opened = await attachments.open_original(unit, file)
    detail = {"purpose": purpose}
    audit.record(unit, "incident.original_opened", "incident", [incident.id, file.id], classes=needed, detail=detail)
    return opened


async def withdraw(unit: Unit, incident_id: UUID, file_id: UUID, reason: str) -> None:
    """Take a file back with a reason; it is kept like everything on Form D (R-034)."""
    incident, file, _ = await _readable(unit, incident_id, file_id, "incident.withdraw_file")
    await attachments.withdraw(unit, file, tokens.typed(reason))
    incident.identities_read_at = None
    audit.record(unit, "incident.file_withdrawn", "incident", [incident.id, file.id])


async def _for_attaching(unit: Unit, incident_id: UUID, permission: str) -> Incident:
    incident = await service.for_verb(unit, incident_id, permission)
    if incident.state == "closed":
        raise WrongStateError
    return incident


async def _stands_here(unit: Unit, incident_id: UUID, new: NewFile) -> bool:
    if new.about_kind == "injuries":
        return new.about_id is None
    if new.about_kind == "interview":
        return new.about_id in {one.id for one in await repository.interviews(unit, incident_id)}
    return new.about_id in {one.id for one in await repository.reports(unit, incident_id)}


async def _readable(
    unit: Unit, incident_id: UUID, file_id: UUID, permission: str | None = None
) -> tuple[Incident, attachments.Attachment, frozenset[str]]:
    """A file of which this person may see everything. Raises NotFound alike for hidden and unknown ones (S-12)."""
    tied = await repository.one(unit, incident_id, permission="incident.read", lock=permission is not None)
    if tied is None:
        raise NotFound
    if permission is not None:
        access.demand(unit.me, permission, tied.relations, reading="incident.read")
    file = next((one for one in await attachments.of(unit, incident_id) if one.id == file_id), None)
    if file is None:
        raise NotFound
    needed = await evidence.needed(unit, tied.incident, file)
    if not needed <= access.classes(unit.me, "incident.read", tied.relations):
        raise NotFound
    return tied.incident, file, needed
