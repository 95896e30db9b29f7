"""The story of an incident in the order of time, from the chain, cut as the page is cut: who did what, what changed.

Only what stands in `_MOMENTS` is ever told; of a report but the first, and of a talk with a reporter, nobody hears
without the class of the reporter's identity. Records of modules above tell their own part, by their own scope (R-051).
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.audit.service import AuditRow
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import repository, service, views
from src.platform.incidents.models import REPORTER_CLASSES
from src.platform.incidents.reading import history
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

MOST = 1000
_CHANGED = "incident.changed"
_REPORTED = "report.submitted"
_MOMENTS = {
    _REPORTED: "reported",
    _CHANGED: "changed",
    "incident.triaged": "triaged",
    "incident.person_named": "named",
    "incident.screened": "screened",
    "incident.investigation_started": "started",
    "incident.heard": "heard",
    "incident.hearing_waived": "waived",
    "incident.investigated": "investigated",
    "incident.read_for_identities": "texts_released",
    "incident.classified": "classified",
    "incident.closed": "closed",
    "incident.worsened": "worsened",
    "incident.injuries_noted": "injuries_noted",
    "incident.contact_recorded": "contact_recorded",
    "incident.council_called": "council_called",
    "incident.residence_noted": "residence_noted",
    "incident.forwarded": "forwarded",
    "incident.forwarding_waived": "forwarding_waived",
    "incident.parents_recorded": "parents_recorded",
    "incident.parents_told": "parents_told",
    "incident.protection_asked": "protection_asked",
    "incident.linked": "linked",
    "incident.unlinked": "unlinked",
    "incident.investigator_replaced": "investigator_replaced",
    "incident.measures_taken": "measures_taken",
    "incident.reconciled": "reconciled",
    "incident.reopened": "reopened",
    "incident.described": "described",
    "incident.nurse_asked": "nurse_asked",
    "incident.cared": "cared",
    "incident.amended": "amended",
    "incident.screening_amended": "screening_amended",
    "clock.overdue": "overdue",
    "clock.extended": "clock_extended",
    "clock.stopped": "clock_stopped",
    "clock.change_asked": "clock_change_asked",
    "clock.change_refused": "clock_change_refused",
}
_TALKS = ("heard", "waived")
_OF_HEALTH = frozenset({"contact_recorded"})


class Moment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened. `by` is a colleague, empty for one who has left; `who` the code of whom it is about.

    `changes` maps a field to its new value, empty where the chain keeps none; `path` leads to a record of its own.
    """

    at: datetime
    kind: str
    by: str | None = None
    who: str | None = None
    clock: str | None = None
    changes: dict[str, str | int | bool] = {}
    path: str | None = None


class Chronology(msgspec.Struct, frozen=True, kw_only=True):
    """An incident from its report on. `cut` says that the reader lacks a class, never that something is missing."""

    id: UUID
    number: str
    moments: list[Moment]
    cut: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Records of a module above that belong to an incident: which ones the reader may see, and what they tell."""

    read: Callable[[Unit, Mapping[str, object], UUID], Read[Any]]
    tell: Callable[[Unit, Read[Any]], Awaitable[list[Moment]]]


_sources: list[Source] = []


def register(source: Source) -> None:
    """Let a module above tell its part."""
    _sources.append(source)


async def chronology(unit: Unit, incident_id: UUID) -> Chronology:
    """The story as one reader may know it. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    tied, classes = await views.tied(unit, incident_id)
    facts = await vault.facts(unit)
    log = audit.of_record(incident_id, _MOMENTS, MOST)
    told = [(source, source.read(unit, facts, incident_id)) for source in _sources]
    await repository.prefetch(unit, tied.incident, log, *(read for _, read in told))
    reader = _Reader(unit, incident_id, classes, talks=views.shows_texts(tied.incident, classes))
    moments = await reader.moments(log)
    for source, read in told:
        moments += await source.tell(unit, read)
    read_classes = classes - access.IDENTITY
    audit.record(unit, "incident.chronology_read", "incident", [incident_id], classes=read_classes)
    return Chronology(
        id=incident_id,
        number=tied.incident.number,
        moments=sorted(moments, key=lambda one: one.at),
        cut=not classes >= access.IDENTITY,
    )


class _Reader:
    """The rows of the chain as one reader may know them."""

    def __init__(self, unit: Unit, incident_id: UUID, classes: frozenset[str], *, talks: bool) -> None:
        self.unit, self.incident_id, self.classes, self.talks = unit, incident_id, classes, talks

    async def moments(self, log: Read[AuditRow]) -> list[Moment]:
        """Rows one after another; a change stands with the verb that made it, which the chain has right behind it."""
        found = list[Moment]()
        names, codes, talks = await self._colleagues(), await self._people(), await self._talks()
        rows = (await together.rows(self.unit.session, log))[::-1]
        verbs = {row.seq for row in rows if row.action != _CHANGED}
        made = {
            row.seq + 1 if row.seq + 1 in verbs else row.seq: history.readable(row.detail, self.classes)
            for row in rows
            if row.action == _CHANGED
        }
        for row in self._known(rows, talks):
            if row.action == _CHANGED and not made.get(row.seq):
                continue
            kind = _MOMENTS[row.action]
            about = row.record_ids[1] if len(row.record_ids) > 1 else None
            found.append(
                Moment(
                    at=row.at,
                    kind=kind,
                    by=names.get(row.actor_id, "") if row.actor_id else None,
                    who=(talks | codes).get(about) if about else None,
                    clock=row.detail.get("code") if row.action.startswith("clock.") else None,
                    changes=made.get(row.seq, {}),
                )
            )
        return found

    def _known(self, rows: Sequence[AuditRow], talks: Collection[UUID]) -> Iterator[AuditRow]:
        """Without the rows that this reader does not hear of."""
        has_report = False
        for row in rows:
            kind = _MOMENTS[row.action]
            if kind == "reported":
                if has_report and not self.classes >= REPORTER_CLASSES:
                    continue
                has_report = True
            if kind in _OF_HEALTH and "health" not in self.classes:
                continue
            if row.action.startswith("clock.") and not deadlines.tells_to(row.detail.get("code"), self.classes):
                continue
            if kind not in _TALKS or row.record_ids[1] in talks:
                yield row

    async def _colleagues(self) -> dict[UUID, str]:
        members = await tenants.members(self.unit)
        known = await vault.staff_names(self.unit, [one.person_id for one in members])
        return {one.user_id: known.get(one.person_id, "") for one in members}

    async def _people(self) -> dict[UUID, str]:
        people = await repository.participations(self.unit, [self.incident_id])
        return {one.id: await service.code_of(self.unit, one.kind, one.id) for one in people}

    async def _talks(self) -> dict[UUID, str]:
        """Talks that the reader hears of, with the code of the person; none while the page shows none."""
        if not self.talks:
            return {}
        codes, found = await self._people(), dict[UUID, str]()
        for talk in await repository.interviews(self.unit, self.incident_id):
            if talk.participation_id is not None:
                found[talk.id] = codes[talk.participation_id]
            elif talk.report_id is not None and self.classes >= REPORTER_CLASSES:
                found[talk.id] = await vault.code(self.unit, "reporter", talk.report_id)
        return found
