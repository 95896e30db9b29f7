"""Writing the record of what was done and read, and reading it back for the owner of what it speaks of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, Select, Uuid, cast, select, text

from src.platform.audit.models import AuditRow
from src.platform.db import prepared
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit import clock

_APPEND = prepared.compiled(text("select audit_append(:at, :actor, :sealed, :action, :kind, :ids, :classes, :detail)"))

_READS = (
    "access.log_shown",
    "access.readers_shown",
    "case.listed",
    "case.read",
    "identity.read",
    "incident.chronology_read",
    "incident.listed",
    "incident.printed",
    "incident.care_listed",
    "incident.care_read",
    "incident.read",
    "referral.listed",
    "referral.read",
)
"""Rows that say that somebody has seen a record; none of them is ever written with a sealed actor."""


def of_record(record_id: UUID, actions: Iterable[str], most: int) -> Read[AuditRow]:
    """The latest rows of some verbs on a record, as a read that a page asks for together with its own."""
    query = _about(record_id).where(AuditRow.action.in_(sorted(actions))).order_by(AuditRow.seq.desc()).limit(most)
    return Read(("audit", record_id), query)


def readings(subject_kind: str, record_id: UUID, *, skipped: int, most: int) -> Read[AuditRow]:
    """Who has read a record, the latest first. Sealed actors are reporters and stand in no list (decisions 11)."""
    query = _about(record_id).where(
        AuditRow.subject_kind == subject_kind, AuditRow.action.in_(_READS), AuditRow.actor_id.is_not(None)
    )
    return Read(("readings", record_id), query.order_by(AuditRow.seq.desc()).offset(skipped).limit(most))


async def done_to(
    unit: Unit, record_id: UUID, user_id: UUID, *, since: datetime, until: datetime, most: int
) -> list[AuditRow]:
    """What one person did with a record between two moments, the latest first."""
    query = _about(record_id).where(AuditRow.actor_id == user_id, AuditRow.at >= since, AuditRow.at <= until)
    return list((await unit.session.scalars(query.order_by(AuditRow.seq.desc()).limit(most))).all())


def _about(record_id: UUID) -> Select[AuditRow]:
    return select(AuditRow).where(AuditRow.record_ids.op("@>")(cast([record_id], ARRAY(Uuid))))


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be: a verb in the past tense (`incident.classified`), a read, or a denial. Ids and enums only."""

    action: str
    subject_kind: str
    record_ids: tuple[UUID, ...] = ()
    classes: frozenset[str] = frozenset()
    detail: Mapping[str, str | int | bool] = field(default_factory=dict)
    sealed_actor: bytes | None = None
    at: datetime | None = None


def record(
    unit: Unit,
    action: str,
    subject_kind: str,
    record_ids: Iterable[UUID] = (),
    *,
    classes: Iterable[str] = (),
    detail: Mapping[str, str | int | bool] | None = None,
    sealed_actor: bytes | None = None,
    at: datetime | None = None,
) -> None:
    """Note one verb or read; the row is appended last in the same transaction (S-38, S-41).

    `sealed_actor` replaces the actor where the actor is a reporter; `at` the time where it must be coarse (S-18).
    """
    entry = Entry(action, subject_kind, tuple(record_ids), frozenset(classes), detail or {}, sealed_actor, at)

    async def append_last(work: Unit) -> None:
        await append(work, entry)

    unit.before_commit(append_last)


async def append(unit: Unit, entry: Entry) -> None:
    """Append one row now. The chain head stays locked until COMMIT, so call `record` unless nothing follows."""
    known = unit.subject if entry.sealed_actor is None else None
    actor, detail = known.user_id if known else None, dict(entry.detail)
    if known and known.token_id:
        detail["token"] = str(known.token_id)  # a program did it, for the person who made its token
    await prepared.row(
        unit.session,
        _APPEND,
        {
            "at": entry.at or clock.now(),
            "actor": actor,
            "sealed": entry.sealed_actor,
            "action": entry.action,
            "kind": entry.subject_kind,
            "ids": f"{{{','.join([one.hex for one in entry.record_ids])}}}",  # a list costs the driver more
            "classes": sorted(entry.classes),
            "detail": Jsonb(detail),
        },
    )


__all__ = ["AuditRow", "Entry", "append", "of_record", "readings", "record"]
