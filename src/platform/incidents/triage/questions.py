"""Questions of the team to who reported, the answers, and what the reporter adds later (R-057, R-060).

Who reported is never asked for here: a colleague is found by the fingerprint of the own report, somebody without a
name by the receipt, which stands above this module.
"""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.models import Incident, Report, ReportMessage
from src.platform.incidents.repository import Tied, Told
from src.platform.incidents.schemas import Asked, Progress
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.vault import service as vault

BODY = "report_message.body"
FOR_REPORTER = {
    "reported": "received",
    "screened": "being_checked",
    "under_investigation": "being_checked",
    "investigated": "being_checked",
    "classified": "action_taken",
    "closed": "action_taken",
    "linked": "being_checked",
}


async def ask(unit: Unit, incident_id: UUID, *, report_id: UUID, text: str) -> UUID:
    """Ask who made one of the reports; they see it where they see the state. Raises NotFound, WrongStateError."""
    incident = await service.for_verb(unit, incident_id, "incident.ask")
    if incident.state == "closed":
        raise WrongStateError
    if report_id not in {one.id for one in await repository.reports(unit, incident.id)}:
        raise NotFound
    row_id = await _add(unit, incident, report_id, "question", text)
    await outbox.emit(unit, "incidents.tell_asked", {"report": report_id})
    audit.record(unit, "report.asked", "incident", [incident.id, row_id])
    return row_id


async def answer(unit: Unit, *, report_id: UUID, text: str, question_id: UUID | None = None) -> None:
    """Answer a question about my own report, or add to it. Raises NotFound for whatever is not mine."""
    report = await repository.my_report(unit, report_id)
    if report is None:
        raise NotFound
    await _take(unit, report, new_id(), text=text, question_id=question_id)


async def answer_without_name(
    unit: Unit, report_id: UUID, message_id: UUID, *, text: str, question_id: UUID | None = None
) -> None:
    """The same for whoever holds the receipt of a report that nobody signed (X8); the same message twice is one."""
    report = await _unsigned(unit, report_id)
    await repository.locked(unit, report.incident_id)  # a second click waits for the first
    if message_id not in {one.id for one in await repository.messages_of(unit, [report.id])}:
        await _take(unit, report, message_id, text=text, question_id=question_id)


async def progress_without_name(unit: Unit, report_id: UUID) -> Progress:
    """What whoever holds the receipt sees of a report that nobody signed. Raises NotFound."""
    report = await _unsigned(unit, report_id)
    told = await repository.told(unit, report.id)
    if told is None:
        raise NotFound
    return (await progress(unit, [told]))[0]


async def progress(unit: Unit, reports: Collection[Told]) -> list[Progress]:
    """How far reports are: the state, whether the team has read them, and its questions (R-057). Nothing else.

    What was told or answered is not shown again: a receipt may be found, and somebody may look over a shoulder.
    """
    said = await repository.messages_of(unit, [one.report.id for one in reports]) if reports else []
    answered = {one.question_id for one in said}
    asked: dict[UUID, list[Asked]] = {}
    for one in said:
        if one.kind == "question":
            text = tokens.hidden(await vault.open_text(unit, one.body, BODY, one.id))
            question = Asked(id=one.id, text=text, at=one.at, answered=one.id in answered)
            asked.setdefault(one.report_id, []).append(question)
    return [
        Progress(
            id=one.report.id,
            received_at=one.report.received_at,
            state=FOR_REPORTER[one.state],
            was_read=one.report.read_at is not None,
            questions=asked.get(one.report.id, []),
        )
        for one in reports
    ]


async def note_read(unit: Unit, tied: Tied) -> None:
    """The team has the texts before it: reports and answers count as read from now on."""
    if not access.may(unit.me, "incident.investigate", tied.relations):
        return
    reports = [one.id for one in await repository.reports(unit, tied.incident.id) if one.read_at is None]
    said = await repository.messages(unit, tied.incident.id)
    messages = [one.id for one in said if one.kind != "question" and one.read_at is None]

    async def note(work: Unit) -> None:
        await repository.note_read(work, reports, messages, clock.now())

    if reports or messages:
        unit.before_commit(note)  # what the page has read stays known until it is shown


async def _unsigned(unit: Unit, report_id: UUID) -> Report:
    told = await repository.told(unit, report_id)
    if told is None or told.report.channel != "anonymous" or told.report.reporter_blind is not None:
        raise NotFound
    return told.report


async def _take(unit: Unit, report: Report, message_id: UUID, *, text: str, question_id: UUID | None) -> None:
    known = {one.id for one in await repository.messages_of(unit, [report.id]) if one.kind == "question"}
    if question_id is not None and question_id not in known:
        raise NotFound
    incident = await repository.locked(unit, report.incident_id)
    kind = "answer" if question_id else "more"
    await _add(unit, incident, report.id, kind, text, row_id=message_id, question_id=question_id)
    await outbox.emit(unit, "incidents.tell_answered", {"incident": incident.id})
    records, actor = [incident.id, message_id], report.reporter_sealed
    audit.record(unit, "report.answered", "incident", records, sealed_actor=actor)


async def _add(
    unit: Unit,
    incident: Incident,
    report_id: UUID,
    kind: str,
    text: str,
    *,
    row_id: UUID | None = None,
    question_id: UUID | None = None,
) -> UUID:
    """A new text: nobody has read it for identities yet."""
    row_id = row_id or new_id()
    unit.session.add(
        ReportMessage(
            tenant_id=unit.tenant_id,
            id=row_id,
            report_id=report_id,
            place=len(await repository.messages_of(unit, [report_id])) + 1,
            kind=kind,
            question_id=question_id,
            body=await vault.seal_text(unit, tokens.typed(text), BODY, row_id),
            at=clock.now(),
        )
    )
    incident.identities_read_at = None
    return row_id
