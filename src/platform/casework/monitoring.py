"""A victim is monitored from the closing of the incident until the team notes that violence has stopped (R-246)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import repository
from src.platform.casework.errors import NotMonitoredError
from src.platform.casework.models import ChildCase, MonitoringNote
from src.platform.casework.schemas import Noted
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.vault import service as vault

_TEXT = "monitoring_note.text"
_VICTIMS = frozenset({"victim", "both"})


async def begin(unit: Unit, incident_id: UUID) -> list[UUID]:
    """The incident is closed: every victim is monitored from now on, anew after a reopening; twice changes nothing.

    Managers are told; the cases without one are returned.
    """
    waiting = []
    for case in await repository.of_incident_locked(unit, incident_id):
        if case.side not in _VICTIMS or is_running(case):
            continue
        case.monitored_since, case.violence_stopped_at, case.version = clock.now(), None, case.version + 1
        audit.record(unit, "case.monitoring_begun", "child_case", [case.id])
        if case.manager:
            await notifications.notify(unit, [case.manager], "victim_monitored", "child_case", case.id)
        else:
            waiting.append(case.id)
    return waiting


async def note(unit: Unit, case_id: UUID, *, text: str, stopped: bool = False) -> None:
    """Write down what was seen; `stopped` ends the monitoring. Raises NotFound, Forbidden, NotMonitoredError."""
    tied = await repository.one_locked(unit, case_id)
    if tied is None:
        raise NotFound
    access.demand(unit.me, "child_case.monitor", tied.relations, reading="child_case.read")
    if not is_running(tied.case):
        raise NotMonitoredError
    at, note_id = clock.now(), new_id()
    row = MonitoringNote(
        tenant_id=unit.tenant_id,
        id=note_id,
        case_id=case_id,
        noted_at=at,
        author=unit.me.membership_id,
        text=await vault.seal_text(unit, text, _TEXT, note_id),
        stopped=stopped,
    )
    unit.session.add(row)
    if stopped:
        tied.case.violence_stopped_at, tied.case.version = at, tied.case.version + 1
    audit.record(unit, "case.violence_stopped" if stopped else "case.monitored", "child_case", [case_id, note_id])


async def notes(unit: Unit, case: ChildCase, names: dict[UUID, str]) -> list[Noted]:
    """What was seen of a victim, for a reader of the case."""
    if case.monitored_since is None:
        return []
    return [
        Noted(
            noted_at=one.noted_at,
            author=names.get(one.author, ""),
            text=await vault.open_text(unit, one.text, _TEXT, one.id),
            stopped=one.stopped,
        )
        for one in await repository.notes(unit, case.id)
    ]


def is_running(case: ChildCase) -> bool:
    """Whether a victim is being monitored."""
    return case.monitored_since is not None and case.violence_stopped_at is None
