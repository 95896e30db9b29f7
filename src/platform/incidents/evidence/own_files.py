"""Files that who reported brings: at any time after the report, which never waits for one (R-259, ADR 22)."""

from uuid import UUID

from src.platform.attachments import service as attachments
from src.platform.attachments.schemas import Clean, NewFile
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, tokens
from src.platform.incidents.errors import TooManyFilesError
from src.platform.incidents.models import Report
from src.platform.incidents.schemas import OwnFile, OwnFiles
from src.platform.kit.errors import NotFound
from src.platform.outbox import service as outbox

MOST = 10


async def brought(unit: Unit, report_id: UUID) -> OwnFiles:
    """What I brought to a report of mine: that it came, and no more. Raises NotFound for whatever is not mine."""
    report = await may_bring(unit, report_id)
    files = [OwnFile(kind=one.kind, added_at=one.added_at) for one in await _mine(unit, report)]
    return OwnFiles(report_id=report.id, received_at=report.received_at, files=files, most=MOST)


async def may_bring(unit: Unit, report_id: UUID) -> Report:
    """Raises NotFound, before anything costly is done with a file."""
    report = await repository.my_report(unit, report_id)
    if report is None:
        raise NotFound
    return report


async def bring(unit: Unit, report_id: UUID, content: bytes, caption: str, clean: Clean) -> None:
    """Seal a file beside my report; nothing of it tells who I am. Raises NotFound, TooManyFilesError.

    The very same bytes brought again by me are refused in words; whether somebody else brought them is not told.
    """
    report = await may_bring(unit, report_id)
    incident = await repository.locked(unit, report.incident_id)
    if len(await _mine(unit, report)) >= MOST:
        raise TooManyFilesError
    new = NewFile(content, "report", report.id, tokens.typed(caption), shows_child=True)
    file = await attachments.keep(unit, "incident", incident.id, new, clean, from_reporter=True)
    incident.identities_read_at = None
    await outbox.emit(unit, "incidents.tell_answered", {"incident": incident.id})
    records, actor = [incident.id, file.id], report.reporter_sealed
    audit.record(unit, "report.file_brought", "incident", records, sealed_actor=actor, detail={"kind": clean.kind})


async def _mine(unit: Unit, report: Report) -> list[attachments.Attachment]:
    return [
        one
        for one in await attachments.of(unit, report.incident_id)
        if one.from_reporter and one.about_kind == "report" and one.about_id == report.id
    ]
