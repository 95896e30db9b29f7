"""Letters as the two sides see them: each opens its own copy of a text, and only what it may press stands there."""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.kit import clock, cursor
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.oversight import city_pages, questions
from src.platform.oversight import repository as counted
from src.platform.oversight import views as city
from src.platform.oversight.letters import repository, service, states
from src.platform.oversight.letters.schemas import (
    SUBJECTS,
    LetterList,
    LetterRow,
    LetterView,
    NewLetter,
    Said,
    School,
)
from src.platform.oversight.models import Letter, LetterDraft, LetterText
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

PAGE_SIZE = 50
_VERBS = {
    "withdraw": service.WRITE,
    "ask": service.WRITE,
    "close": service.WRITE,
    "answer": service.ANSWER,
}


async def listing(unit: Unit, group: str | None = None, after: str | None = None) -> LetterList:
    """One page of letters. Raises Invalid for a cursor that is damaged."""
    access.require(unit, service.READ)
    wanted: Collection[str] = states.GROUPS[group] if group else ()
    found = await repository.listed(unit, wanted, cursor.place(after), PAGE_SIZE + 1)
    called = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)}
    shown = found[:PAGE_SIZE]
    if shown:
        audit.record(unit, "letter.listed", "letter", [one.id for one in shown])
    return LetterList(
        rows=[_row(one, called[one.peer_tenant_id]) for one in shown],
        writes=access.may_enter(unit.me, service.WRITE),
        group=group,
        after=cursor.after(shown[-1].sent_at, shown[-1].id) if len(found) > PAGE_SIZE else None,
    )


async def one(unit: Unit, letter_id: UUID) -> LetterView:
    """One letter of the reader's organisation. Raises NotFound."""
    access.require(unit, service.READ)
    letter, texts, draft = await repository.page(unit, letter_id)
    if letter is None:
        raise NotFound
    organisations = {one.id: one for one in await tenants.organisations(unit)}
    school = organisations[letter.peer_tenant_id]
    may = _may(unit, letter)
    audit.record(unit, "letter.read", "letter", [letter_id], classes=access.classes(unit.me, service.READ) - {"-"})
    is_fresh = draft is not None and letter.state in states.WAITING and draft.prepared_at > texts[-1].at
    prepared = draft if is_fresh else None  # what was prepared for the first answer is not one to the second
    return LetterView(
        id=letter.id,
        school=school.name(unit.language),
        city=organisations[letter.tenant_id].name(unit.language),
        subject=letter.subject,
        month=letter.month,
        state=letter.state,
        sent_at=letter.sent_at,
        answer_by=letter.answer_by,
        is_late=_is_late(letter),
        texts=[await _said(unit, letter, text) for text in texts],
        may=may,
        version=letter.version,
        default_day=await service.default_day(unit) if "ask" in may else None,
        prepared=await vault.open_text(unit, prepared.content, service.DRAFT, prepared.id) if prepared else None,
        prepared_by=await _name(unit, prepared) if prepared else None,
        prepared_at=prepared.prepared_at if prepared else None,
        school_is_suspended=school.status != "active" and letter.tenant_id == unit.tenant_id,
    )


async def new(unit: Unit) -> NewLetter:
    """The page for a new letter: schools that work, subjects, months."""
    access.require(unit, service.WRITE)
    await together.prefetch(unit.session, tenants.all_tenants())
    schools = [one for one in await tenants.organisations(unit, [tenants.SCHOOL]) if one.status == "active"]
    choices = [School(id=one.id, name=one.name(unit.language)) for one in schools]
    return NewLetter(
        schools=sorted(choices, key=lambda one: sort_key(one.name)),
        subjects=list(SUBJECTS),
        months=city.months_until(calendar.month_of(clock.local_date(clock.now()))),
        default_day=await service.default_day(unit),
    )


async def asked(unit: Unit, school: UUID | None, subject: str | None, month: int | None) -> str:
    """The sentence of the city's page from which the letter is written; "" where it comes from none."""
    if school is None or subject not in questions.TEXTS or month is None:
        return ""
    of_school = await counted.counters_of(month, school)
    known = next((one for one in await tenants.organisations(unit, [tenants.SCHOOL]) if one.id == school), None)
    if known is None:
        return ""
    noticed = city.questions_of(known, of_school, month, unit.language)
    return next((city_pages.sentence(one) for one in noticed if one.kind == subject), "")


def _row(letter: Letter, school: str) -> LetterRow:
    return LetterRow(
        id=letter.id,
        school=school,
        subject=letter.subject,
        month=letter.month,
        state=letter.state,
        sent_at=letter.sent_at,
        answer_by=letter.answer_by,
        is_late=_is_late(letter),
    )


def _is_late(letter: Letter) -> bool:
    return letter.state in states.WAITING and letter.answer_by < clock.local_date(clock.now())


def _may(unit: Unit, letter: Letter) -> list[str]:
    """Verbs that fit the state and the reader's side; who prepares does not answer."""
    may = [verb for verb in sorted(states.events_of(letter.state)) if access.may_enter(unit.me, _VERBS[verb])]
    prepares = letter.state in states.WAITING and access.may_enter(unit.me, service.PREPARE) and "answer" not in may
    return [*may, *(["prepare"] if prepares else [])]


async def _said(unit: Unit, letter: Letter, text: LetterText) -> Said:
    if text.tenant_id == unit.tenant_id:
        said: str | None = await vault.open_text(unit, text.own_text, service.OWN_TEXT, text.id)
    elif text.peer_text is None or letter.state == "withdrawn":
        said = None
    else:
        said = (await vault.open_slice(unit, text.peer_text, text.id)).decode()
    return Said(kind=text.kind, signed_as=text.signed_as, at=text.at, text=said)


async def _name(unit: Unit, draft: LetterDraft) -> str:
    """Who prepared an answer, for colleagues; "" where that person has left."""
    known = [one for one in await tenants.members(unit) if one.membership_id == draft.prepared_by]
    names = await vault.staff_names(unit, [one.person_id for one in known])
    return next(iter(names.values()), "")
