"""What the facts of an incident demand the same day: its clocks follow them, whichever verb changed them.

R-036 … R-038 (screening), R-048 (medical help), R-256 (police and commission), R-257 (psychologist), R-170 (a child
of a residential institution), R-209 (a criminal offence by a student).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.service import Due
from src.platform.incidents import members, readers, repository
from src.platform.incidents.models import Forwarding, Incident
from src.platform.incidents.states import LINKED
from src.platform.incidents.triage import repository as triage_repository
from src.platform.kit import clock
from src.platform.outbox import service as outbox

SCREEN_CLOCKS = {"urgent": "clk_screen_urgent", "standard": "clk_screen_standard"}
MEDICAL, FORWARD, CONTACT = "clk_medical", "clk_serious_forward", "clk_psych_contact"
RESIDENTIAL, COUNCIL = "clk_residential_forward", "clk_council_criminal"
LIVES_IN_INSTITUTION = "residential_child"
"""Stands among the signs that a forwarding made known, so that a child who is known later asks again."""


async def settle(unit: Unit, incident: Incident, *, screening_from: datetime | None = None) -> None:
    """Start what the facts now demand, meet what they answer, cancel what they no longer ask; twice is as once.

    `screening_from`: the moment that a new screening clock counts from, where it is not found from the clocks here.
    """
    await unit.session.flush()
    await unit.session.refresh(incident)
    known = await deadlines.of_subject(unit, incident.id)
    if incident.state == "reported":
        await _screening(unit, incident, known, screening_from)
    told = await triage_repository.forwardings(unit, incident.id)
    running = {due.code for due in known if due.state not in _ENDED}
    contacted, called = incident.psych_contact_at is not None, incident.council_called_at is not None
    is_hurt = await hurt(unit, incident)
    forwarded, waived = _forwarding(incident, told)
    demands = (
        _Demand(code=MEDICAL, is_asked=is_hurt, is_done=incident.sent_to_medical is not None),
        _Demand(code=FORWARD, is_asked=bool(incident.serious_signs) and not waived, is_done=forwarded),
        _Demand(code=CONTACT, is_asked=bool(incident.self_harm_sign), is_done=contacted, owner="counsellor"),
        _Demand(code=RESIDENTIAL, is_asked=incident.residential_child, is_done=_tells_of_residential(told)),
        _Demand(code=COUNCIL, is_asked=incident.criminal_offence, is_done=called, owner="council_caller"),
    )
    for demand in demands:
        if demand.is_asked or demand.code in running:
            await _run(unit, incident, demand)


async def begin(
    unit: Unit, incident_id: UUID, urgency: str, reported_at: datetime, *, is_hurt: bool, lives_in_institution: bool
) -> None:
    """The same for an incident that was reported just now: all that can be known of it starts its clocks."""
    await deadlines.start(unit, SCREEN_CLOCKS[urgency], "incident", incident_id, reported_at, is_first=True)
    for code, is_asked in ((MEDICAL, is_hurt), (RESIDENTIAL, lives_in_institution)):
        if is_asked:
            await deadlines.start(unit, code, "incident", incident_id, clock.now(), is_first=True)


async def rose(unit: Unit, before: "Before", incident: Incident) -> None:
    """Tell at once, at any hour, whoever has to act on what is new since `before` (R-036, R-256, R-257)."""
    if incident.urgency == "urgent" and before.urgency != "urgent":
        await outbox.emit(unit, "incidents.tell_duty", {"incident": incident.id})
        if incident.state == "screened":  # the investigation begins the same day, too
            await deadlines.start(unit, SCREEN_CLOCKS["urgent"], "incident", incident.id, clock.now())
    if set(incident.serious_signs) - before.signs:
        await outbox.emit(unit, "incidents.tell_forwarders", {"incident": incident.id})
    if incident.self_harm_sign and not before.self_harm:
        await outbox.emit(unit, "incidents.tell_counsellors", {"incident": incident.id})
    if incident.residential_child and not before.residential:
        await outbox.emit(unit, "incidents.tell_of_residential", {"incident": incident.id})
    if incident.criminal_offence and not before.offence:
        await outbox.emit(unit, "incidents.tell_of_offence", {"incident": incident.id})


async def without(unit: Unit, incident: Incident, lost: Collection[UUID]) -> None:
    """These may not read the incident any more: what they owed of it is owed, and heard of, by somebody who may."""
    await deadlines.let_go(unit, incident.id, lost)
    if incident.state == LINKED:
        return
    before = (incident.counsellor, incident.council_caller)
    await settle(unit, incident)
    if incident.counsellor != before[0]:
        await outbox.emit(unit, "incidents.tell_counsellors", {"incident": incident.id})
    if incident.council_caller != before[1]:
        await outbox.emit(unit, "incidents.tell_of_offence", {"incident": incident.id})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demand:
    """What the facts ask the same day: the clock, whether it was answered, the column of who does it by name."""

    code: str
    is_asked: bool
    is_done: bool
    owner: str = ""


class Before:
    """What was known of an incident before a verb changed it."""

    def __init__(self, incident: Incident) -> None:
        """Keep the facts that somebody is told of when they appear."""
        self.urgency, self.signs = incident.urgency, set(incident.serious_signs)
        self.self_harm = bool(incident.self_harm_sign)
        self.residential, self.offence = incident.residential_child, incident.criminal_offence


async def hurt(unit: Unit, incident: Incident) -> bool:
    """What the team answered, else what the reporters did."""
    if incident.harmed is not None:
        return incident.harmed
    return any(report.harmed == "yes" for report in await repository.reports(unit, incident.id))


async def forwarding_of(unit: Unit, incident: Incident) -> tuple[bool, bool]:
    """Whether police and commission know, and whether two people decided that they need not.

    A waiver covers the signs that were known when it was given: a new one asks again.
    """
    return _forwarding(incident, await triage_repository.forwardings(unit, incident.id))


def _forwarding(incident: Incident, rows: Collection[Forwarding]) -> tuple[bool, bool]:
    waived = any(row.agreed_at and set(incident.serious_signs) <= set(row.signs) for row in rows)
    return {"police", "commission"} <= {target for row in rows for target in row.targets}, waived


async def commission_knows_of_residential(unit: Unit, incident: Incident) -> bool:
    """Whether the commission was told that a child of a residential institution is concerned (R-170)."""
    return _tells_of_residential(await triage_repository.forwardings(unit, incident.id))


def _tells_of_residential(rows: Collection[Forwarding]) -> bool:
    return any("commission" in row.targets and LIVES_IN_INSTITUTION in row.signs for row in rows)


async def _screening(unit: Unit, incident: Incident, known: Collection[Due], since: datetime | None) -> None:
    """One clock of two. One that ran before runs from where it began: taking urgency back and forth gains no time."""
    wanted = SCREEN_CLOCKS[incident.urgency]
    running = [due.code for due in known if due.code in SCREEN_CLOCKS.values() and due.state not in _ENDED]
    if running == [wanted]:
        return
    for code in running:
        await deadlines.cancel(unit, code, incident.id)
    is_news = wanted == SCREEN_CLOCKS["urgent"] and bool(known) and all(due.code != wanted for due in known)
    start = since or (clock.now() if is_news else incident.reported_at)
    await deadlines.start(unit, wanted, "incident", incident.id, start)


_ENDED = frozenset({"met_in_time", "met_late", "missed", "cancelled"})


async def _run(unit: Unit, incident: Incident, demand: _Demand) -> None:
    at: datetime = clock.now()
    if not demand.is_asked:
        await deadlines.cancel(unit, demand.code, incident.id)
    elif demand.is_done:
        await deadlines.meet(unit, demand.code, incident.id, at)
    else:
        owner = await _reader_for(unit, incident, demand.owner) if demand.owner else None
        await deadlines.start(unit, demand.code, "incident", incident.id, at, responsible=owner)
        if owner is not None:  # it ran already and has lost its owner
            await deadlines.hand_on(unit, demand.code, incident.id, owner, owner)


_OWED = {"counsellor": ("incident.counsel", CONTACT), "council_caller": ("incident.call_council", COUNCIL)}


async def _reader_for(unit: Unit, incident: Incident, column: str) -> UUID | None:
    """Who does one thing here and reads what they need for it: somebody who is not in conflict (R-209, R-257).

    Nobody where there is none: the ladder tells whoever else must know.
    """
    before, (verb, code) = getattr(incident, column), _OWED[column]
    role = deadlines.role_that_owes(code)
    known = await members.holders(unit, verb)
    for one in sorted(known, key=lambda m: (m.membership_id != before, role not in m.roles)):
        setattr(incident, column, one.membership_id)
        await unit.session.flush()
        if await readers.may_read(unit, [one], incident.id):
            return one.membership_id
    setattr(incident, column, None)
    await unit.session.flush()
    return None
