"""Writing the record of what was done and read, and reading it back for the owner of what it speaks of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.audit.models import AuditHead, AuditRow
from src.platform.db import closing
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit import clock

_ROWS = closing.Kind(
    "audited",
    "select audit_append(at, actor, decode(sealed, 'base64'), action, kind, ids, classes, detail) "
    "from jsonb_to_recordset(:audited) as r(at timestamptz, actor uuid, sealed text, action text, kind text, "
    "ids uuid[], classes text[], detail jsonb)",
    answers=True,
)

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
_OPENED = [one for one in _READS if not one.startswith("access.") and not one.endswith("listed")]
SEARCHED = "person.searched"
"""A search for people: its row holds whom it found and not what was typed (decisions 16)."""
_SEEN_ONLY = r"(^access\.|read$|listed$|shown$|printed$|_opened$|followed$)"
_LOCAL_DAY = cast(func.timezone(literal(str(clock.LOCAL_ZONE), literal_execute=True), AuditRow.at), Date)


_OF_RECORD = (
    select(AuditRow)
    .where(
        AuditRow.record_ids.op("@>")(bindparam("records", type_=ARRAY(Uuid))),
        AuditRow.action == any_(bindparam("actions", type_=ARRAY(Text))),
    )
    .order_by(AuditRow.seq.desc())
    .limit(bindparam("most", type_=Integer))
)


def of_record(record_id: UUID, actions: Iterable[str], most: int) -> Read[AuditRow]:
    """The latest rows of some verbs on a record, as a read that a page asks for together with its own."""
    asked = {"records": [record_id], "actions": sorted(actions), "most": most}
    return Read(("audit", record_id), _OF_RECORD, asked)


def readings(subject_kind: str, record_id: UUID, people: Iterable[UUID], *, skipped: int, most: int) -> Read[AuditRow]:
    """Who has read a record or found one of its people, the latest first.

    Sealed actors are reporters and stand in no list (decisions 11).
    """
    read = and_(AuditRow.subject_kind == subject_kind, AuditRow.action.in_(_READS), _is_about(record_id))
    asked = [record_id, *people]
    query = select(AuditRow).where(
        AuditRow.record_ids.op("&&")(cast(asked, ARRAY(Uuid))),
        AuditRow.actor_id.is_not(None),
        or_(read, AuditRow.action == SEARCHED) if len(asked) > 1 else read,
    )
    return Read(("readings", record_id), query.order_by(AuditRow.seq.desc()).offset(skipped).limit(most))


async def head(unit: Unit) -> int:
    """The number of the last row of the organisation's chain, 0 where it has none."""
    return (await unit.session.scalars(select(AuditHead.seq))).one_or_none() or 0


async def opened_between(unit: Unit, since: int, until: int) -> list[tuple[UUID, date, str, list[UUID]]]:
    """(user, local day, kind, ids) of the records that people opened, from rows after `since` up to `until`."""
    each = func.unnest(AuditRow.record_ids).label("record_id")
    rows = _between(since, until).add_columns(AuditRow.subject_kind, each).where(AuditRow.action.in_(_OPENED))
    user_, day_, kind_, record_ = rows.subquery().c
    ids_ = func.array_agg(record_.distinct(), type_=ARRAY(Uuid))
    query = select(user_, day_, kind_, ids_).group_by(user_, day_, kind_)
    found = (await unit.session.execute(query)).all()
    return [(user, day, kind, ids) for user, day, kind, ids in found]


async def searched_between(unit: Unit, since: int, until: int) -> list[tuple[UUID, date, int]]:
    """(user, local day, how often) people looked for somebody, from the same rows."""
    query = _between(since, until).add_columns(func.count()).where(AuditRow.action == SEARCHED)
    rows = await unit.session.execute(query.group_by(AuditRow.actor_id, _LOCAL_DAY))
    return [(user, day, times) for user, day, times in rows.all()]


def worked_on(subject_kind: str, record: InstrumentedAttribute[UUID], user_id: UUID) -> ColumnElement[bool]:
    """That somebody has ever done something with a record of another statement, and not only seen it."""
    return exists().where(
        AuditRow.record_ids.op("@>")(func.array_append(cast([], ARRAY(Uuid)), record)),
        AuditRow.actor_id == user_id,
        AuditRow.subject_kind == subject_kind,
        AuditRow.action.regexp_match(_SEEN_ONLY).is_(False),
    )


def _between(since: int, until: int) -> Select[UUID | None, date]:
    query = select(AuditRow.actor_id, _LOCAL_DAY).select_from(AuditRow)
    return query.where(AuditRow.seq > since, AuditRow.seq <= until, AuditRow.actor_id.is_not(None))


async def done_to(
    unit: Unit, record_id: UUID, user_id: UUID, *, since: datetime, until: datetime, most: int
) -> list[AuditRow]:
    """What one person did with a record between two moments, the latest first."""
    query = _about(record_id).where(AuditRow.actor_id == user_id, AuditRow.at >= since, AuditRow.at <= until)
    return list((await unit.session.scalars(query.order_by(AuditRow.seq.desc()).limit(most))).all())


def _about(record_id: UUID) -> Select[AuditRow]:
    return select(AuditRow).where(_is_about(record_id))


def _is_about(record_id: UUID) -> ColumnElement[bool]:
    return AuditRow.record_ids.op("@>")(cast([record_id], ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be: a verb in the past tense (`incident.classified`), a read, or a denial. Ids and enums only."""

    action: str
    subject_kind: str
    record_ids: tuple[UUID | str, ...] = ()
    classes: frozenset[str] = frozenset()
    detail: Mapping[str, str | int | bool] = field(default_factory=dict)
    sealed_actor: bytes | None = None
    at: datetime | None = None


def record(
    unit: Unit,
    action: str,
    subject_kind: str,
    record_ids: Iterable[UUID | str] = (),
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
    """Append one row when the transaction ends."""
    known = unit.subject if entry.sealed_actor is None else None
    actor, detail = known.user_id if known else None, dict(entry.detail)
    if known and known.token_id:
        detail["token"] = str(known.token_id)  # a program did it, for the person who made its token
    await closing.leave(
        unit.session,
        _ROWS,
        {
            "at": entry.at or clock.now(),
            "actor": actor,
            "sealed": entry.sealed_actor,
            "action": entry.action,
            "kind": entry.subject_kind,
            "ids": entry.record_ids,
            "classes": sorted(entry.classes),
            "detail": detail,
        },
    )


__all__ = ["AuditRow", "Entry", "append", "of_record", "readings", "record"]
