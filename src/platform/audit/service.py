"""Writing the record of what was done and read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from src.platform.db.unit import Unit
from src.platform.kit import clock

_APPEND = "select audit_append(%(at)s, %(actor)s, %(sealed)s, %(action)s, %(kind)s, %(ids)s, %(classes)s, %(detail)s)"


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
    actor = unit.subject.user_id if unit.subject and entry.sealed_actor is None else None
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        _APPEND,
        {
            "at": entry.at or clock.now(),
            "actor": actor,
            "sealed": entry.sealed_actor,
            "action": entry.action,
            "kind": entry.subject_kind,
            "ids": list(entry.record_ids),
            "classes": sorted(entry.classes),
            "detail": Jsonb(dict(entry.detail)),
        },
    )
