"""What somebody told, for one reader: reports with questions and answers, and talks."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.incidents import repository
from src.platform.incidents.models import CLASSES_OF, REPORTER_CLASSES, Interview, Report, ReportMessage
from src.platform.incidents.schemas import Heard, IncidentView, ReportText, Said
from src.platform.incidents.turns import views as turn_views
from src.platform.vault import service as vault


async def report(
    unit: Unit,
    told: Report,
    said: list[ReportMessage],
    classes: frozenset[str],
    forms: dict[UUID, str],
    opened: dict[UUID, str],
) -> ReportText:
    """A report for one reader; who told it, in words, only where one press asked for names."""
    is_open = classes >= REPORTER_CLASSES
    of_partner = is_open and told.channel == "partner"  # an organisation is nobody's name
    return ReportText(
        id=told.id,
        received_at=told.received_at,
        channel=told.channel,
        harmed=told.harmed,
        harm_danger=told.harm_danger,
        place=told.place,
        description=await turn_views.text(unit, told, "description", forms) or "",
        who=await turn_views.text(unit, told, "who", forms) or "",
        happened=await turn_views.text(unit, told, "happened", forms) or "",
        reporter=await vault.code(unit, "reporter", told.id) if told.reporter_sealed else None,
        reporter_status=told.reporter_status if is_open else None,
        reporter_name=opened.get(told.id),
        reporter_status_other=await turn_views.text(unit, told, "reporter_status_other", forms)
        if told.id in opened
        else None,
        told_by=await turn_views.text(unit, told, "told_by", forms) if told.id in opened or of_partner else None,
        said=[await _said(unit, one, forms) for one in said],
    )


async def _said(unit: Unit, message: ReportMessage, forms: dict[UUID, str]) -> Said:
    unread = message.kind != "question" and message.read_at is None
    text = await turn_views.text(unit, message, "body", forms) or ""
    return Said(kind=message.kind, text=text, at=message.at, unread=unread)


async def heard(
    unit: Unit, incident_id: UUID, view: IncidentView, classes: frozenset[str], forms: dict[UUID, str]
) -> list[Heard]:
    """Talks for one reader: the notes need the class of whoever was heard (decisions 15)."""
    people = {person.id: person for person in view.people}
    names = {one.membership_id: one.name for one in (*view.team, *view.may_support)}
    found = []
    for talk in await repository.interviews(unit, incident_id):
        person = people.get(talk.participation_id) if talk.participation_id else None
        needed = CLASSES_OF[person.involvement] if person else REPORTER_CLASSES
        found.append(
            Heard(
                id=talk.id,
                code=person.code if person else await vault.code(unit, "reporter", talk.report_id or talk.id),
                held_at=talk.held_at,
                waiver=talk.waiver,
                by=[names[one] for one in talk.held_by if one in names],
                notes=await _notes(unit, talk, forms) if needed <= classes else None,
            )
        )
    return found


async def _notes(unit: Unit, talk: Interview, forms: dict[UUID, str]) -> str:
    return await turn_views.text(unit, talk, "notes", forms) or ""
