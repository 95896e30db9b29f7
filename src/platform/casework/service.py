"""Opening cases after a classification, appointing managers, reading."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ScalarSelect, SQLColumnExpression

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import monitoring, repository
from src.platform.casework.errors import BothSidesError, ManagerNamedError
from src.platform.casework.models import ChildCase
from src.platform.casework.repository import Tied
from src.platform.casework.schemas import Candidate, CaseList, CaseRow, CaseView, Measures
from src.platform.db.unit import Unit
from src.platform.incidents import members as team
from src.platform.incidents import service as incidents
from src.platform.kit import clock, cursor
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

APPOINTED = "referrals.manager_appointed"
"""The actor that hears who manages a case now; it stands above this module, so only its name is known here."""
PAGE_SIZE = 50
_APPOINTS = "child_case.appoint"
_OPPOSITE = {
    "victim": frozenset({"offender", "both"}),
    "offender": frozenset({"victim", "both"}),
    "both": frozenset({"victim", "offender", "both"}),
}
_CLASSES = {
    "victim": frozenset({"identity-victim"}),
    "offender": frozenset({"identity-offender"}),
    "both": frozenset({"identity-victim", "identity-offender"}),
}


async def open_for_classified(unit: Unit, incident_id: UUID) -> None:
    """A case for every child at risk and every victim (R-263); running twice opens nothing twice."""
    known = {case.participation_id for case in await repository.of_incident_locked(unit, incident_id)}
    for child in await incidents.children_for_cases(unit, incident_id):
        if child.participation_id in known:
            continue
        case_id = new_id()
        person_id = await vault.open_link(unit, child.link, child.participation_id)
        link = await vault.seal_link(unit, person_id, case_id)
        unit.session.add(
            ChildCase(
                tenant_id=unit.tenant_id,
                id=case_id,
                incident_id=incident_id,
                side=child.side,
                participation_id=child.participation_id,
                link=link.sealed,
                link_blind=link.blind,
                state="opened",
                opened_at=clock.now(),
                version=1,
            )
        )
        await unit.session.flush()
        audit.record(unit, "case.opened", "child_case", [case_id], detail={"side": child.side})
        await tell_who_appoints(unit, case_id, "case_waits")


async def appoint(unit: Unit, case_id: UUID, version: int, manager: UUID) -> None:
    """Appoint a case manager: never the same person on both sides, never somebody named (R-075, R-077)."""
    tied = await _tied(unit, case_id)
    access.demand(unit.me, _APPOINTS, tied.relations, reading="child_case.read")
    siblings = await repository.of_incident_locked(unit, tied.case.incident_id)
    candidates = {m.membership_id: m for m in await team.team_of(unit)}
    if manager not in candidates:
        raise Invalid(fields=[FieldError("manager", "not_in_team", N_("Choose a member of the team"))])
    if await team.named_among(unit, tied.case.incident_id, [candidates[manager]]):
        raise ManagerNamedError
    others = [one for one in siblings if one.id != case_id and one.manager == manager]
    if any(one.side in _OPPOSITE[tied.case.side] for one in others):
        raise BothSidesError
    if not await repository.appoint(unit, case_id, version, manager):
        raise StaleVersion
    chosen = candidates[manager]
    if not await repository.readable_by(unit, chosen.roles, await vault.facts_of(unit, chosen), case_id):
        raise ManagerNamedError  # a relative of somebody named: the conflict outweighs the appointment
    await notifications.notify(unit, {manager} - {unit.me.membership_id}, "case_given", "child_case", case_id)
    await outbox.emit(unit, APPOINTED, {"case": case_id, "manager": manager})
    audit.record(unit, "case.manager_appointed", "child_case", [case_id])


async def manager_left(unit: Unit, membership_id: UUID) -> None:
    """The manager works here no longer: whoever appoints hears of each case that waits. Twice changes nothing."""
    for case_id in await repository.leave_without(unit, membership_id):
        audit.record(unit, "case.manager_left", "child_case", [case_id])
        await tell_who_appoints(unit, case_id, "case_without_manager")


async def tell_who_appoints(unit: Unit, case_id: UUID, kind: str) -> None:
    """Everybody who may appoint in this case, the deputy in place of a coordinator in conflict (R-271).

    The commission when the school has nobody.
    """
    told = [
        member.membership_id
        for member in await team.holders(unit, _APPOINTS)
        if await repository.readable_by(unit, member.roles, await vault.facts_of(unit, member), case_id, _APPOINTS)
    ]
    await notifications.notify(unit, told, kind, "child_case", case_id)
    if not told:
        await tenants.alert_commission(unit, Alert.NOBODY_TO_TELL)


@dataclass(frozen=True, slots=True)
class CaseForReferral:
    """What a referral needs of a case: the person for the slice and who answers for it."""

    id: UUID
    incident_id: UUID
    participation_id: UUID
    person_id: UUID
    manager: UUID | None
    classes: frozenset[str]


async def of_participation(unit: Unit, participation_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The case of a child of an incident and its manager; None while there is none."""
    return await repository.of_participation(unit, participation_id)


async def for_referral(unit: Unit, case_id: UUID) -> CaseForReferral:
    """A case that this person may refer from: its manager, or the coordinator. Raises NotFound, Forbidden."""
    tied = await _to_refer(unit, case_id)
    person_id = await vault.open_link(unit, tied.case.link, case_id)
    case = tied.case
    return CaseForReferral(
        case_id, case.incident_id, case.participation_id, person_id, case.manager, _CLASSES[case.side]
    )


class Child(NamedTuple):
    """The child of a case: for a job, which has no reader."""

    person_id: UUID
    code: str


async def child_of(unit: Unit, case_id: UUID) -> Child:
    """The child that a case is about, with the code it bears here; the job names it where it is in danger (R-153)."""
    case = await repository.plain(unit, case_id)
    return Child(await vault.open_link(unit, case.link, case_id), await _code(unit, case))


async def listing(unit: Unit, state: str | None = None, after: str | None = None) -> CaseList:
    """One page of the cases that I may see. Raises Invalid for a damaged cursor."""
    found = await repository.page(unit, after=cursor.place(after), state=state, most=PAGE_SIZE + 1)
    shown, names = found[:PAGE_SIZE], await _names_of_members(unit)
    rows = [
        CaseRow(
            id=t.case.id,
            code=await _code(unit, t.case),
            side=t.case.side,
            state=t.case.state,
            opened_at=t.case.opened_at,
            manager=names.get(t.case.manager) if t.case.manager else None,
        )
        for t in shown
    ]
    if rows:
        audit.record(unit, "case.listed", "child_case", [row.id for row in rows], classes={"case-sensitive"})
    last = shown[-1].case if len(found) > PAGE_SIZE else None
    return CaseList(rows, after=cursor.after(last.opened_at, last.id) if last else None, state=state)


async def one(unit: Unit, case_id: UUID) -> CaseView:
    """One case. Raises NotFound alike for foreign, hidden and unknown ids."""
    tied = await _tied(unit, case_id)
    audit.record(unit, "case.read", "child_case", [case_id], classes={"case-sensitive"})
    return await _view(unit, tied)


async def code_for_referral(unit: Unit, case_id: UUID) -> str:
    """The code of a child whom this person may refer. Raises NotFound, Forbidden."""
    tied = await _to_refer(unit, case_id)
    audit.record(unit, "case.read", "child_case", [case_id])
    return await _code(unit, tied.case)


async def name(unit: Unit, case_id: UUID) -> CaseView:
    """The same with the child's name, if the reader may: one press, one audit row."""
    tied = await _tied(unit, case_id)
    readable = access.classes(unit.me, "child_case.read", tied.relations)
    hidden = Hidden(owner_id=case_id, sealed=tied.case.link, classes=_CLASSES[tied.case.side])
    opened = await vault.reveal(unit, [hidden], readable, subject_kind="child_case", record_id=case_id)
    return msgspec.structs.replace(await _view(unit, tied), name=opened.get(case_id))


async def names(unit: Unit, case_ids: Collection[UUID], *, subject_kind: str, record_id: UUID) -> dict[UUID, str]:
    """The names of children by their cases, of those that the reader may see and name; told in the record's audit."""
    by_classes: dict[frozenset[str], list[Hidden[UUID]]] = {}
    for tied in await repository.some(unit, case_ids):
        hidden = Hidden(owner_id=tied.case.id, sealed=tied.case.link, classes=_CLASSES[tied.case.side])
        by_classes.setdefault(access.classes(unit.me, "child_case.read", tied.relations), []).append(hidden)
    opened: dict[UUID, str] = {}
    for readable, hidden_ones in by_classes.items():
        opened |= await vault.reveal(unit, hidden_ones, readable, subject_kind=subject_kind, record_id=record_id)
    return opened


def code_owner(case_id: SQLColumnExpression[Any]) -> ScalarSelect[UUID]:
    """Inside a statement of a module above: of whom a case's child bears the code."""
    return repository.participation_of(case_id)


async def _code(unit: Unit, case: ChildCase) -> str:
    """The code that the child bears in the incident too: one child, one code in one matter (decisions 14)."""
    return await vault.code(unit, "child", case.participation_id)


async def _tied(unit: Unit, case_id: UUID) -> Tied:
    tied = await repository.one(unit, case_id)
    if tied is None:
        raise NotFound
    return tied


async def _to_refer(unit: Unit, case_id: UUID) -> Tied:
    tied = await _tied(unit, case_id)
    access.demand(unit.me, "child_case.refer", tied.relations, reading="child_case.read")
    return tied


async def _view(unit: Unit, tied: Tied) -> CaseView:
    case = tied.case
    await repository.prefetch(unit, case.id)
    names = await _names_of_members(unit)
    verbs = ("appoint", "refer", "show_readers", "monitor")
    may = [verb for verb in verbs if access.may(unit.me, f"child_case.{verb}", tied.relations)]
    if not monitoring.is_running(case):
        may = [verb for verb in may if verb != "monitor"]
    candidates = [Candidate(m.membership_id, names.get(m.membership_id, "")) for m in await team.team_of(unit)]
    return CaseView(
        id=case.id,
        code=await _code(unit, case),
        side=case.side,
        state=case.state,
        opened_at=case.opened_at,
        version=case.version,
        may=may,
        candidates=candidates if "appoint" in may else [],
        manager=names.get(case.manager) if case.manager else None,
        monitored_since=case.monitored_since,
        violence_stopped_at=case.violence_stopped_at,
        notes=await monitoring.notes(unit, case, names),
    )


async def _names_of_members(unit: Unit) -> dict[UUID, str]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [m.person_id for m in members])
    return {m.membership_id: known.get(m.person_id, "") for m in members}


async def measures_between(unit: Unit, start: datetime, end: datetime) -> Measures:  # noqa: ARG001  # see below
    """Assessments completed and children with a plan in a period (forms.md E, from Forms F and G).

    This module keeps neither form yet, so each number is zero; whoever adds one counts it here.
    """
    return Measures(assessments_done=0, in_secondary=0, in_tertiary=0)
