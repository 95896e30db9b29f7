"""What of an incident may leave it with a child who is referred, before there is a case (R-262) and after."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from src.platform.access import service as access
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens, views
from src.platform.incidents.families import service as families
from src.platform.incidents.models import CLASSES_OF, CODE_WORDS, Incident, Participation
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.vault import service as vault

REFER = "incident.refer"
_WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class ChildToRefer:
    """A child of an incident for whoever may read who it is."""

    participation_id: UUID
    code: str
    person_id: UUID
    classes: frozenset[str]


def people_of(incident_id: UUID) -> Read[Participation]:
    """The people of an incident, to be read with others."""
    return repository.participations_of([incident_id])


def ids_of(incident_id: UUID) -> Select[UUID]:
    """The same as ids, inside a statement of a module above."""
    return select(Participation.id).where(Participation.incident_id == incident_id)


async def children(unit: Unit, incident_id: UUID, permission: str = REFER) -> tuple[str, dict[UUID, str]]:
    """The number of an incident and the codes of the children who can be referred. Raises NotFound, Forbidden."""
    tied, classes = await views.tied(unit, incident_id)
    access.demand(unit.me, permission, tied.relations, reading="incident.read")
    found = await repository.participations(unit, [incident_id])
    codes = {one.id: await service.code_of(unit, one.kind, one.id) for one in found if _may_go(one, classes)}
    return tied.incident.number, codes


async def child(unit: Unit, incident_id: UUID, participation_id: UUID, permission: str = REFER) -> ChildToRefer:
    """One of them; the incident is locked. Raises NotFound, Forbidden, LinkedError."""
    tied = await service.tied_for_verb(unit, incident_id, permission)
    classes = access.classes(unit.me, "incident.read", tied.relations)
    for one in await repository.participations(unit, [incident_id]):
        if one.id == participation_id and _may_go(one, classes):
            return ChildToRefer(
                one.id,
                await service.code_of(unit, one.kind, one.id),
                await vault.open_link(unit, one.link, one.id),
                CLASSES_OF[one.involvement],
            )
    raise NotFound


async def known_child(unit: Unit, participation_id: UUID) -> ChildToRefer:
    """A child that was referred, wherever a link has moved it: for a job, which has no reader."""
    one = await repository.participation(unit, participation_id)
    return ChildToRefer(
        one.id,
        await service.code_of(unit, one.kind, one.id),
        await vault.open_link(unit, one.link, one.id),
        CLASSES_OF[one.involvement],
    )


async def findings(unit: Unit, incident_id: UUID, receiver: UUID) -> str:
    """The findings with every marked name as a code of the receiver's (S-19). Raises Invalid (S-20, decisions 15).

    They go only where somebody has read all texts of the incident for identities.
    """
    tied = await repository.one(unit, incident_id, permission="incident.read")
    incident = tied.incident if tied else None
    if incident is None or incident.findings is None:
        raise _invalid("nothing_found", N_("This incident has no findings that you can send along"))
    if incident.identities_read_at is None:
        message = N_("Somebody must first read the texts of the incident for identities and confirm it there")
        raise _invalid("not_read", message)
    text = await vault.open_text(unit, incident.findings, "incident.findings", incident.id)
    return tokens.shown(text, await _codes(unit, incident, receiver))


async def names_somebody(unit: Unit, incident_id: UUID, participation_id: UUID, text: str) -> bool:
    """Whether a text seems to name somebody else of the incident, the reporter too (decisions 15)."""
    people = await repository.participations(unit, [incident_id])
    mine = next((one for one in people if one.id == participation_id), None)
    if mine is None:
        raise NotFound
    return await families.names_somebody(unit, people, mine, text)


def _may_go(one: Participation, classes: frozenset[str]) -> bool:
    return one.kind == "student" and one.involvement != _WITNESS and CLASSES_OF[one.involvement] <= classes


async def _codes(unit: Unit, incident: Incident, receiver: UUID) -> dict[UUID, str]:
    kinds = {one.id: one.kind for one in await repository.participations(unit, [incident.id])}
    given = {}
    for token in await repository.tokens(unit, incident.id):
        kind = kinds.get(token.participation_id) if token.participation_id else None
        owner = token.participation_id or token.report_id or token.id
        given[token.id] = await vault.code(unit, CODE_WORDS[kind] if kind else "reporter", owner, receiver=receiver)
    return given


def _invalid(code: str, message: str) -> Invalid:
    return Invalid(fields=[FieldError("with_findings", code, message)])
