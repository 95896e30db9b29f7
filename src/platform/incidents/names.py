"""Names in the texts of an incident: marked by a team member, undone by one, and the press that lets texts out."""

from collections.abc import Callable, Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.attachments import service as attachments
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens
from src.platform.incidents.errors import NotYoursToReadError, WordGoneError
from src.platform.incidents.models import CLASSES_OF, NARRATIVES, REPORTER_CLASSES, Incident, NarrativeToken, Told
from src.platform.incidents.turns import repository as turn_repository
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault

_SURFACE = "narrative_token.surface"


async def mark(unit: Unit, incident_id: UUID, version: int, *, surface: str, stands_for: UUID) -> UUID:
    """Let a form, exactly as typed, stand for a participation or a report's author wherever it occurs here."""
    incident = await for_marking(unit, incident_id)
    token_id = await _mark(unit, incident, tokens.typed(surface), stands_for)
    if token_id is None:
        message = N_("This is not written in any text of the incident")
        raise Invalid(fields=[FieldError("surface", "not_found", message)])
    await service.write(unit, incident, version)
    audit.record(unit, "incident.name_marked", "incident", [incident.id, token_id])
    return token_id


async def mark_proposed(unit: Unit, incident_id: UUID, version: int, chosen: Collection[tuple[str, UUID]]) -> None:
    """Mark the words that somebody confirmed, all or none. Raises WordGoneError for one that is written no more."""
    incident = await for_marking(unit, incident_id)
    marked = [await _mark(unit, incident, tokens.typed(surface), stands_for) for surface, stands_for in chosen]
    if None in marked:
        raise WordGoneError
    await service.write(unit, incident, version)
    done = [token_id for token_id in marked if token_id is not None]
    audit.record(unit, "incident.names_confirmed", "incident", [incident.id, *done])


async def _mark(unit: Unit, incident: Incident, form: str, stands_for: UUID) -> UUID | None:
    """The token that stands in the texts now; None where the form is written nowhere."""
    people = {p.id for p in await repository.participations(unit, [incident.id])}
    reports = {r.id for r in await repository.reports(unit, incident.id)}
    if stands_for not in people | reports:
        raise NotFound
    token_id = new_id()
    if not await _rewrite(unit, incident, lambda text: tokens.mark(text, form, token_id)):
        return None
    token = NarrativeToken(
        tenant_id=unit.tenant_id,
        id=token_id,
        incident_id=incident.id,
        participation_id=stands_for if stands_for in people else None,
        report_id=stands_for if stands_for in reports else None,
        surface=await vault.seal_text(unit, form, _SURFACE, token_id),
    )
    unit.session.add(token)
    return token_id


async def plain(unit: Unit, incident: Incident) -> list[str]:
    """Everything written in the incident that no token stands for."""
    found: list[str] = []

    def note(text: str) -> str:
        found.extend(tokens.plain(text))
        return text

    await _rewrite(unit, incident, note)
    return found


async def unmark(unit: Unit, incident_id: UUID, version: int, *, token_id: UUID) -> None:
    """Type a marked name out again; the texts are to be read for identities once more."""
    incident = await for_marking(unit, incident_id)
    token = next((t for t in await repository.tokens(unit, incident.id) if t.id == token_id), None)
    if token is None:
        raise NotFound
    surface = await vault.open_text(unit, token.surface, _SURFACE, token.id)
    await _rewrite(unit, incident, lambda text: tokens.unmark(text, surface, token_id))
    token.undone_at = clock.now()
    await service.write(unit, incident, version, identities_read_at=None)
    audit.record(unit, "incident.name_unmarked", "incident", [incident.id, token_id])


async def confirm_read(unit: Unit, incident_id: UUID, version: int) -> None:
    """«I have read it for identities»: readers without every identity class may have the texts from now on."""
    incident = await for_marking(unit, incident_id)
    await service.write(unit, incident, version, identities_read_at=clock.now())
    audit.record(unit, "incident.read_for_identities", "incident", [incident.id])


async def forms(unit: Unit, incident_id: UUID, opened: frozenset[str]) -> dict[UUID, str]:
    """What each token is to a reader: the typed form where its classes are among `opened`, else the person's code."""
    kinds = {p.id: p for p in await repository.participations(unit, [incident_id])}
    found: dict[UUID, str] = {}
    for token in await repository.tokens(unit, incident_id):
        person = kinds.get(token.participation_id) if token.participation_id else None
        if (CLASSES_OF[person.involvement] if person else REPORTER_CLASSES) <= opened:
            found[token.id] = await vault.open_text(unit, token.surface, _SURFACE, token.id)
        elif person:
            found[token.id] = await service.code_of(unit, person.kind, person.id)
        else:
            found[token.id] = await vault.code(unit, "reporter", token.report_id or token.id)
    return found


async def retyped(unit: Unit, incident: Incident, row: Told, name: str, text: str) -> bytes:
    """A text that somebody wrote on, sealed: where a code still stands for a marked name, the mark stands again."""
    words, column = tokens.typed(text), f"{row.__tablename__}.{name}"
    if (sealed := getattr(row, name)) is not None:
        before = await vault.open_text(unit, sealed, column, row.id)
        words = tokens.restored(words, before, await forms(unit, incident.id, frozenset()))
    return await vault.seal_text(unit, words, column, row.id)


async def for_marking(unit: Unit, incident_id: UUID) -> Incident:
    """Who marks names must be allowed to read every one of them."""
    tied = await service.tied_for_verb(unit, incident_id, "incident.name_people")
    if not access.classes(unit.me, "incident.read", tied.relations) >= access.IDENTITY:
        raise NotYoursToReadError
    return tied.incident


async def _rewrite(unit: Unit, incident: Incident, change: Callable[[str], str]) -> int:
    """Change every text of the incident; how many were changed."""
    changed = 0
    for row, name in await places(unit, incident):
        column = f"{row.__tablename__}.{name}"
        before = await vault.open_text(unit, getattr(row, name), column, row.id)
        if (after := change(before)) != before:
            setattr(row, name, await vault.seal_text(unit, after, column, row.id))
            changed += 1
    return changed


async def places(unit: Unit, incident: Incident) -> list[tuple[Told | attachments.Attachment, str]]:
    """Every text of the incident that is there, in the order in which the page shows them."""
    found: list[tuple[Told | attachments.Attachment, str]] = []
    for report in await repository.reports(unit, incident.id):
        found += [(report, name) for name in ("description", "who", "happened")]
    found += [(message, "body") for message in await repository.messages(unit, incident.id)]
    found += [(talk, "notes") for talk in await repository.interviews(unit, incident.id)]
    found += [(injury, "note") for injury in await repository.injuries(unit, incident.id)]
    for file in await attachments.of(unit, incident.id):
        found += [(file, name) for name in ("caption", "withdrawn_reason")]
    found += [(incident, name) for name in NARRATIVES]
    found += [(meeting, "minutes") for meeting in await repository.meetings(unit, incident.id)]
    found += [(turn, "reason") for turn in await turn_repository.changes(unit, incident.id)]
    found += [(talk, "result") for talk in await turn_repository.reconciliations(unit, incident.id)]
    found += [(person, "parents_not_informed") for person in await repository.participations(unit, [incident.id])]
    return [(row, name) for row, name in found if getattr(row, name) is not None]
