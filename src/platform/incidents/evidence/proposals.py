"""Words of the texts that may be names: proposed, never replaced; the author confirms or leaves them (decisions 15)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import names, repository, service, tokens
from src.platform.incidents.evidence import inflection
from src.platform.incidents.models import CLASSES_OF, REPORTER_CLASSES, Incident
from src.platform.incidents.schemas import Piece, Proposal, RunningText
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

_WORD, _LETTERS = re.compile(r"[^\W\d_]{2,}"), re.compile(r"[^\W\d_]+")
NAMED = "may_name_a_child"
"""The code of a complaint about a text that leaves the school (R-071)."""

_AROUND = 40
_ALIKE = 2
"""Letters with which a name and each of its forms begin alike."""


async def find(unit: Unit, incident_id: UUID) -> list[Proposal]:
    """Look for people of the incident, then for others of the school. Names opened are one audit row (R-063)."""
    incident = await names.for_marking(unit, incident_id)
    return await _found(unit, incident, await names.plain(unit, incident))


async def lead(unit: Unit, incident_id: UUID, typed: Iterable[str | None], otherwise: str) -> str:
    """Where somebody goes who has just typed texts: to the words in them that may be names, where there are any.

    Only who may read and mark every name is led there: to others it would tell who is named (decisions 16).
    """
    texts = [text for text in typed if text]
    tied = await repository.one(unit, incident_id, permission="incident.read") if texts else None
    if tied is None or not access.may(unit.me, "incident.name_people", tied.relations):
        return otherwise
    if not access.classes(unit.me, "incident.read", tied.relations) >= access.IDENTITY:
        return otherwise
    marked = [one for text in texts for one in tokens.plain(text)]
    return place(incident_id) if await _found(unit, tied.incident, marked) else otherwise


def place(incident_id: UUID) -> str:
    """Where names are marked, at the press that looks for them: a page alone opens no name (R-063)."""
    return f"/incidents/{incident_id}/steps/mark#look"


async def running(unit: Unit, incident_id: UUID, found: Iterable[Proposal]) -> list[RunningText]:
    """Every text as it runs: words that may be names stand apart, and what is marked already stands under its code."""
    incident = await names.for_marking(unit, incident_id)
    codes = await names.forms(unit, incident.id, frozenset())
    wanted = {one.surface for one in found}
    texts = []
    for row, name in await names.places(unit, incident):
        column = f"{row.__tablename__}.{name}"
        text = await vault.open_text(unit, getattr(row, name), column, row.id)
        texts.append(RunningText(kind=column, pieces=list(_pieces(text, wanted, codes))))
    return texts


def _pieces(text: str, wanted: set[str], codes: Mapping[UUID, str]) -> Iterator[Piece]:
    for plain, token in tokens.parts(text):
        at = 0
        for word in _WORD.finditer(plain):
            if word.group() in wanted:
                yield from (Piece(text=before) for before in [plain[at : word.start()]] if before)
                yield Piece(text=word.group(), may_be=True)
                at = word.end()
        yield from (Piece(text=rest) for rest in [plain[at:]] if rest)
        if token is not None:
            yield Piece(text=codes[token], marked=token)


async def _found(unit: Unit, incident: Incident, texts: Iterable[str]) -> list[Proposal]:
    words = _words(texts)
    people = await _people(unit, incident)
    found = [
        Proposal(surface=word, stands_for=owner, code=code, before=around[0], after=around[1])
        for word, around in words.items()
        for owner, (code, parts) in people.items()
        if any(inflection.may_be(word, part) for part in parts)
    ]
    return found + await _others(unit, words, known={one.surface for one in found})


async def _people(unit: Unit, incident: Incident) -> dict[UUID, tuple[str, list[str]]]:
    """Participations and known reporters: the code and the single names of each."""
    people = await repository.participations(unit, [incident.id])
    reports = [one for one in await repository.reports(unit, incident.id) if one.reporter_sealed]
    codes = {one.id: await service.code_of(unit, one.kind, one.id) for one in people}
    codes |= {one.id: await vault.code(unit, "reporter", one.id) for one in reports}
    hidden = [Hidden(owner_id=p.id, sealed=p.link, classes=CLASSES_OF[p.involvement]) for p in people]
    hidden += [
        Hidden(owner_id=r.id, sealed=r.reporter_sealed, classes=REPORTER_CLASSES) for r in reports if r.reporter_sealed
    ]
    parts = await vault.name_parts(unit, hidden, access.IDENTITY, subject_kind="incident", record_id=incident.id)
    return {owner: (codes[owner], found) for owner, found in parts.items()}


async def _others(unit: Unit, words: Iterable[str], *, known: set[str]) -> list[Proposal]:
    """Words with a capital letter that may be somebody else of the school, for those who may look people up."""
    capital = [word for word in words if word[0].isupper() and word not in known]
    if not capital or not access.may_enter(unit.me, "roster.search"):
        return []
    parts = await vault.names_beginning_like(unit, capital)
    return [Proposal(surface=word) for word in capital if any(inflection.may_be(word, part) for part in parts)]


async def places_of_names(unit: Unit, text: str) -> list[int]:
    """Which words of a text, counted from 1, may be the name of a student in one of its forms (R-071)."""
    begins: dict[str, list[str]] = defaultdict(list)
    for name in await vault.names_of_students(unit):
        begins[inflection.skeleton(name)[:_ALIKE]].append(name)
    words = enumerate(_LETTERS.findall(text), 1)
    return [
        place
        for place, word in words
        if any(inflection.may_be(word, name) for name in begins[inflection.skeleton(word)[:_ALIKE]])
    ]


async def names_in(unit: Unit, text: str, field: str) -> list[FieldError]:
    """The complaint about a text that is about to leave for the city: the places of the words, never the words."""
    places = await places_of_names(unit, text) if text else []
    message = N_("The city is told no name of a child. Words number %(places)s may be one: write it without them")
    params = (("places", ", ".join(str(place) for place in places)),)
    return [FieldError(field, NAMED, message, params)] if places else []


def places_in(complaint: Invalid) -> list[int]:
    """The places that `names_in` complained about."""
    said = [str(value) for one in complaint.fields if one.code == NAMED for _name, value in one.params]
    return [int(place) for places in said for place in places.split(", ")]


def marked(text: str, places: Collection[int]) -> list[Piece]:
    """A text for who typed it, with the words at these places apart."""
    pieces, at = [], 0
    for place, word in enumerate(_LETTERS.finditer(text), 1):
        if place in places:
            pieces += [Piece(text=text[at : word.start()]), Piece(text=word.group(), may_be=True)]
            at = word.end()
    return [one for one in [*pieces, Piece(text=text[at:])] if one.text]


def _words(texts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Every word once, in the order of the texts, with what stands before and after it where it comes first."""
    words: dict[str, tuple[str, str]] = {}
    for text in texts:
        for found in _WORD.finditer(text):
            around = text[max(0, found.start() - _AROUND) : found.start()], text[found.end() : found.end() + _AROUND]
            words.setdefault(found.group(), around)
    return words
