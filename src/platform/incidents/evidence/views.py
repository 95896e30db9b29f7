"""Files and injuries of an incident for one reader: what is not for them is absent (S-15, S-21)."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.attachments import service as attachments
from src.platform.db.unit import Unit
from src.platform.incidents import repository, tokens
from src.platform.incidents.models import CLASSES_OF, REPORTER_CLASSES, Incident
from src.platform.incidents.schemas import AttachedFile, IncidentView, InjuryRecord
from src.platform.vault import service as vault

ABOUT = frozenset({"report", "interview", "injuries"})
_HEALTH = frozenset({"health"})


async def added(
    unit: Unit, incident: Incident, view: IncidentView, classes: frozenset[str], forms: Mapping[UUID, str] | None = None
) -> IncidentView:
    """The view with its files and injuries; without `forms` the texts are withheld, and what stands in them."""
    files = [await _file(unit, incident, one, classes, forms) for one in await attachments.of(unit, incident.id)]
    injuries = await _injuries(unit, view, forms) if classes >= _HEALTH else []
    hidden = ["files"] if any(not one.may_open and one.withdrawn_at is None for one in files) else []
    hidden += [] if classes >= _HEALTH else ["injuries"]
    return msgspec.structs.replace(view, files=files, injuries=injuries, hidden=view.hidden + hidden)


async def needed(unit: Unit, incident: Incident, file: attachments.Attachment) -> frozenset[str]:
    """The classes of a file: those of what it belongs to, and of everybody here when it shows a child.

    While nobody is named, or the texts wait to be read for identities, nobody knows who can be recognised: all of them.
    """
    people = await repository.participations(unit, [incident.id])
    classes = {"case-sensitive"} | (_HEALTH if file.about_kind == "injuries" else set())
    if file.about_kind == "interview":
        talk = next(one for one in await repository.interviews(unit, incident.id) if one.id == file.about_id)
        heard = next((p for p in people if p.id == talk.participation_id), None)
        classes |= CLASSES_OF[heard.involvement] if heard else REPORTER_CLASSES
    if incident.identities_read_at is None or (file.shows_child and not people):
        return frozenset(classes | access.IDENTITY)
    if file.shows_child:
        classes |= frozenset[str]().union(*(CLASSES_OF[one.involvement] for one in people))
    return frozenset(classes)


async def _file(
    unit: Unit,
    incident: Incident,
    file: attachments.Attachment,
    classes: frozenset[str],
    forms: Mapping[UUID, str] | None,
) -> AttachedFile:
    known = AttachedFile(id=file.id, added_at=file.added_at, may_open=False, withdrawn_at=file.withdrawn_at)
    if not await needed(unit, incident, file) <= classes or forms is None:
        return known
    return msgspec.structs.replace(
        known,
        may_open=file.withdrawn_at is None,
        kind=file.kind,
        size=file.size,
        about=file.about_kind,
        shows_child=file.shows_child,
        from_reporter=file.from_reporter,
        caption=await _shown(unit, file.caption, "attachment.caption", file.id, forms) or "",
        withdrawn_reason=await _shown(unit, file.withdrawn_reason, "attachment.withdrawn_reason", file.id, forms) or "",
    )


async def _injuries(unit: Unit, view: IncidentView, forms: Mapping[UUID, str] | None) -> list[InjuryRecord]:
    codes = {one.id: one.code for one in view.people}
    rows = await repository.injuries(unit, view.id)
    names = {one.membership_id: one.name for one in (*view.team, *view.investigators)}
    records: dict[UUID, InjuryRecord] = {}
    for row in rows:
        region = (await vault.open_text(unit, row.region, "injury.region", row.id)).strip()
        if (known := records.get(row.record_id)) is not None:
            known.regions.append(region)
            continue
        records[row.record_id] = InjuryRecord(
            at=row.noted_at,
            regions=[region],
            by=names.get(row.noted_by, ""),
            code=codes[row.participation_id] if row.participation_id else "",
            note=await _shown(unit, row.note, "injury.note", row.id, forms) if forms is not None else None,
        )
    return list(records.values())


async def _shown(unit: Unit, sealed: bytes | None, column: str, row_id: UUID, forms: Mapping[UUID, str]) -> str | None:
    return tokens.shown(await vault.open_text(unit, sealed, column, row_id), forms) if sealed else None
