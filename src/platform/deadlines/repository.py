"""Every query of the module."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, aliased

from src.platform.db import closing, prepared, together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.deadlines.catalogue import clocks, guarded
from src.platform.deadlines.models import RUNNING, Change, Obligation, Told
from src.platform.deadlines.schemas import Kept, Running, Took
from src.platform.kit.cursor import Place
from src.platform.vault import service as vault

T = TypeVar("T")


_FIRST = closing.Kind(
    "obligations",
    "insert into obligation (tenant_id, id, code, subject_kind, subject_id, period, started_at, target_at, due_at, "
    "calendar_version, skipped, responsible) "
    "select tenant_id, id, code, subject_kind, subject_id, period, started_at, target_at, due_at, calendar_version, "
    "skipped, responsible from jsonb_to_recordset(:obligations) as r(tenant_id uuid, id uuid, code text, "
    "subject_kind text, subject_id uuid, period text, started_at timestamptz, target_at timestamptz, "
    "due_at timestamptz, calendar_version text, skipped jsonb, responsible uuid)",
)


async def add_first(unit: Unit, values: dict[str, Any]) -> UUID:
    """Store an obligation of a record that has none yet, with what the transaction leaves (`db.closing`)."""
    await closing.leave(unit.session, _FIRST, values)
    added: UUID = values["id"]
    return added


async def add(unit: Unit, values: dict[str, Any]) -> UUID | None:
    """Store an obligation, or revive one that fell away before it was due; None when it runs, or a person stopped it.

    One that was missed before it fell away stays as it is: the new one is a row beside it (S-38).
    """
    made = prepared.once(
        ("obligation", *values), None, lambda: prepared.compiled(_revived_or_added(values), fixed=True)
    )
    given = {f"the_{name}": value for name, value in values.items()} | {"the_skipped": Jsonb(values["skipped"])}
    found = await prepared.changed(unit.session, made, given)
    return found[0] if found else None


def _revived_or_added(names: Iterable[str]) -> Executable:
    """One statement for both: what is revived is not added."""
    told = {name: bindparam(f"the_{name}", type_=Obligation.__table__.c[name].type) for name in names}
    other, keys = aliased(Obligation), ("code", "subject_id", "period")
    fresh = {name: one for name, one in told.items() if name not in (*keys, "tenant_id", "id", "subject_kind")}
    revived = (
        update(Obligation)
        .where(*(getattr(Obligation, key) == told[key] for key in keys))
        .where(Obligation.cancelled_at <= Obligation.due_at, Obligation.overdue_at.is_(None), ~Obligation.stopped)
        .where(~exists().where(*(getattr(other, key) == told[key] for key in keys), other.cancelled_at.is_(None)))
        .where(~exists().where(*(getattr(other, key) == told[key] for key in keys), other.stopped))
        .values(**fresh, cancelled_at=None, reminded_at=None, version=Obligation.version + 1)
        .returning(Obligation.id)
        .cte("revived")
    )
    running = ["tenant_id", "code", "subject_id", "period"]
    added = (
        insert(Obligation)
        .from_select(list(told), select(*told.values()).where(~exists(select(revived.c.id))))
        .on_conflict_do_nothing(index_elements=running, index_where=RUNNING)
        .returning(Obligation.id)
        .cte("added")
    )
    return select(revived.c.id).union_all(select(added.c.id))


async def one(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation."""
    return (await unit.session.scalars(select(Obligation).where(Obligation.id == obligation_id))).one_or_none()


async def lock(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation, locked for the rest of the transaction."""
    query = select(Obligation).where(Obligation.id == obligation_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


async def meet(unit: Unit, codes: Collection[str], subject_id: UUID, period: str, at: datetime) -> list[datetime]:
    """End running clocks of a subject; when each was due."""
    query = (
        update(Obligation)
        .where(Obligation.code.in_(codes), Obligation.subject_id == subject_id, Obligation.period == period)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(met_at=at, version=Obligation.version + 1)
        .returning(Obligation.due_at)
    )
    return list((await unit.session.scalars(query)).all())


async def cancel(unit: Unit, code: str, subject_id: UUID, at: datetime) -> None:
    """Stop running clocks of a subject."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.code == code, Obligation.subject_id == subject_id)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(cancelled_at=at, version=Obligation.version + 1)
    )


async def release(unit: Unit, membership_id: UUID) -> None:
    """Running clocks of a member become nobody's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.responsible == membership_id, Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=None, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def let_go(unit: Unit, subject_id: UUID, members: Collection[UUID]) -> None:
    """What these members owe of one record is owed by nobody in particular."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.subject_id == subject_id, Obligation.responsible.in_(members))
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=None, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def hand_to(unit: Unit, subject_ids: Collection[UUID], membership_id: UUID) -> None:
    """Running clocks of some records become a member's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.subject_id.in_(subject_ids), Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=membership_id, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def hand_on(unit: Unit, code: str, subject_id: UUID, before: UUID, after: UUID) -> None:
    """A running clock of one member, or of nobody, becomes another's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.code == code, Obligation.subject_id == subject_id)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .where(or_(Obligation.responsible == before, Obligation.responsible.is_(None)))
        .values(responsible=after, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def of_subjects(unit: Unit, subject_ids: Collection[UUID]) -> list[Obligation]:
    """Every clock of some records, the earliest due first."""
    return await together.rows(unit.session, clocks_of(subject_ids))


_CLOCKS = (
    select(Obligation)
    .where(Obligation.subject_id == any_(bindparam("subjects", type_=ARRAY(Uuid))))
    .order_by(Obligation.due_at, Obligation.cancelled_at.asc().nulls_last(), Obligation.id)
)


def clocks_of(subject_ids: Collection[UUID]) -> Read[Obligation]:
    """Every clock of some records, the earliest due first."""
    return Read(("clocks", *subject_ids), _CLOCKS, {"subjects": [*subject_ids]})


def next_due(subject_id: InstrumentedAttribute[UUID]) -> ScalarSelect[datetime]:
    """Inside another statement: when the running clock of a row that is due first is due; null without one.

    A clock that tells of a class of its own is not looked at: nobody may find its records by it (S-17).
    """
    return _first_running(subject_id, Obligation.due_at)


def next_running(subject_id: InstrumentedAttribute[UUID]) -> ScalarSelect[Any]:
    """The same: the whole clock, as the JSON of a `Running`; null without one."""
    columns = [getattr(Obligation, one.name) for one in msgspec.structs.fields(Running) if one.required]
    return _first_running(subject_id, func.json_build_object(*(part for one in columns for part in (one.key, one))))


def next_state(subject_id: InstrumentedAttribute[UUID], now: datetime | BindParameter[datetime]) -> ScalarSelect[str]:
    """The same: its state, as `state_of` says it."""
    states = case((Obligation.due_at < now, "overdue"), (Obligation.target_at < now, "amber"), else_="open")
    return _first_running(subject_id, states)


def _first_running(
    subject_id: InstrumentedAttribute[UUID], what: ColumnElement[T] | InstrumentedAttribute[T]
) -> ScalarSelect[T]:
    query = (
        select(what)
        .where(Obligation.subject_id == subject_id, Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .where(Obligation.code.not_in(guarded()))
        .order_by(Obligation.due_at, Obligation.id)
        .limit(1)
        .correlate_except(Obligation)
    )
    return query.scalar_subquery()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of clocks is narrowed by.

    `owed_by`: these members and, with None among them, nobody yet; `of_nobody`: these codes while nobody owes them.
    """

    owed_by: frozenset[UUID | None] | None = None
    of_nobody: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    subject_kind: str = ""
    state: str = "running"
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A clock with the number of its record, where that kind has numbers."""

    row: Obligation
    number: str | None


async def visible(unit: Unit, asked: Asked, *, now: datetime, most: int) -> list[Seen]:
    """Clocks of records that the reader may read, the earliest due first; nothing else is counted (decisions 17)."""
    query = _visible(unit.me.roles).where(*_narrowed(asked, now)).order_by(Obligation.due_at, Obligation.id).limit(most)
    rows = (await unit.session.execute(query, await vault.facts(unit))).all()
    return [Seen(row, number) for row, number in rows]


async def seen(unit: Unit, obligation_id: UUID, *, lock: bool = False) -> Seen | None:
    """One clock, if the reader may see it."""
    query = _visible(unit.me.roles).where(Obligation.id == obligation_id)
    if lock:
        query = query.with_for_update(of=Obligation).execution_options(populate_existing=True)
    found = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Seen(found[0], found[1]) if found else None


def _visible(roles: frozenset[str]) -> Select[Obligation, str | None]:
    """Every clock of a record that the reader may read; one of a class, where they have the class there."""
    opened, numbers = list[ColumnElement[bool]](), list[tuple[ColumnElement[bool], ColumnElement[str]]]()
    subject = Obligation.subject_id.expression
    for name, kind in readers.kinds().items():
        here = Obligation.subject_kind == name
        opened.append(and_(here, Obligation.code.not_in(guarded()), kind.visible(roles, subject, "")))
        for field_class in sorted({clock.field_class for clock in clocks().values() if clock.field_class}):
            codes = [code for code, clock in clocks().items() if clock.field_class == field_class]
            opened.append(and_(here, Obligation.code.in_(codes), kind.visible(roles, subject, field_class)))
        if kind.number is not None:
            numbers.append((here, kind.number(subject)))
    return select(Obligation, case(*numbers) if numbers else null()).where(or_(false(), *opened))


def _narrowed(asked: Asked, now: datetime) -> Iterator[ColumnElement[bool]]:
    is_running = and_(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
    match asked.state:
        case "overdue":
            yield and_(is_running, Obligation.due_at < now)
        case "amber":
            yield and_(is_running, Obligation.due_at >= now, Obligation.target_at < now)
        case "missed":
            yield Obligation.met_at.is_(None)
            yield Obligation.cancelled_at > Obligation.due_at
        case "done":
            yield Obligation.met_at.is_not(None)
        case _:
            yield is_running
    if asked.owed_by is not None:
        nobody = Obligation.responsible.is_(None)
        unowned = nobody if None in asked.owed_by else and_(nobody, Obligation.code.in_(asked.of_nobody))
        yield or_(Obligation.responsible.in_([one for one in asked.owed_by if one]), unowned)
    if asked.codes:
        yield Obligation.code.in_(asked.codes)
    if asked.subject_kind:
        yield Obligation.subject_kind == asked.subject_kind
    if asked.after is not None:
        yield tuple_(Obligation.due_at, Obligation.id) > asked.after


async def add_told(unit: Unit, rows: list[dict[str, Any]]) -> None:
    """Keep who was told."""
    await unit.session.execute(insert(Told), rows)


def story_of(obligation_id: UUID) -> tuple[Read[Told], Read[Change]]:
    """Who was told of a clock, and how it was changed by people, in the order of time."""
    told = select(Told).where(Told.obligation_id == obligation_id).order_by(Told.told_at, Told.id)
    changes = select(Change).where(Change.obligation_id == obligation_id).order_by(Change.asked_at, Change.id)
    return Read(("told", obligation_id), told), Read(("changes", obligation_id), changes)


async def changes_of(unit: Unit, obligation_id: UUID) -> list[Change]:
    """How a clock was changed by people, as it is now."""
    query = story_of(obligation_id)[1].query.execution_options(populate_existing=True)
    return list((await unit.session.scalars(query)).all())


async def kept(unit: Unit, start: datetime, end: datetime, now: datetime) -> list[Kept]:
    """How the clocks ended that fell due in a span; one that still runs is not counted."""
    in_time, late = Obligation.met_at <= Obligation.due_at, Obligation.met_at > Obligation.due_at
    missed = and_(Obligation.met_at.is_(None), Obligation.due_at < now)
    silent = [
        and_(Obligation.code == code, Obligation.in_a_row >= n)
        for code, n in {code: one.city_after for code, one in clocks().items() if one.city_after}.items()
    ]
    counts = [func.count().filter(condition) for condition in (in_time, late, missed, or_(false(), *silent))]
    query = (
        select(Obligation.code, *counts)
        .where(Obligation.due_at >= start, Obligation.due_at < end)
        .where(or_(Obligation.cancelled_at.is_(None), Obligation.cancelled_at > Obligation.due_at))
        .group_by(Obligation.code)
    )
    rows = (await unit.session.execute(query)).all()
    return [Kept(code=row[0], met_in_time=row[1], met_late=row[2], missed=row[3], reached_city=row[4]) for row in rows]


async def subjects(
    unit: Unit, start: datetime, end: datetime, now: datetime, codes: Collection[str]
) -> list[tuple[str, UUID]]:
    """The records whose clocks `kept` counts, by code."""
    query = (
        select(Obligation.code, Obligation.subject_id)
        .where(Obligation.code.in_(codes), Obligation.due_at >= start, Obligation.due_at < end)
        .where(or_(Obligation.met_at.is_not(None), Obligation.due_at < now))
        .where(or_(Obligation.cancelled_at.is_(None), Obligation.cancelled_at > Obligation.due_at))
        .distinct()
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def took(unit: Unit, start: datetime, end: datetime, codes: Collection[str]) -> list[Took]:
    """How long clocks ran that fell due in a span and were met by its end: a later end never changes the answer."""
    whole = cast(func.floor(extract("epoch", Obligation.met_at - Obligation.started_at) / 3600), Integer)
    hours = func.greatest(whole, 0).label("hours")
    query = (
        select(Obligation.code, hours, func.count())
        .where(Obligation.code.in_(codes), Obligation.due_at >= start, Obligation.due_at < end)
        .where(Obligation.met_at < end, Obligation.cancelled_at.is_(None))
        .group_by(Obligation.code, hours)
    )
    return [Took(code=row[0], hours=row[1], number=row[2]) for row in (await unit.session.execute(query)).all()]


async def missed_in_a_row(unit: Unit, code: str, subject_id: UUID, period: str) -> int:
    """How many periods up to this one went by unmet, without a met one between (calendar.md, weekly reports)."""
    last_met = (
        select(func.coalesce(func.max(Obligation.period), ""))
        .where(Obligation.code == code, Obligation.subject_id == subject_id, Obligation.period <= period)
        .where(Obligation.met_at.is_not(None), Obligation.overdue_at.is_(None))
        .scalar_subquery()
    )
    query = select(func.count(Obligation.period.distinct())).where(
        Obligation.code == code,
        Obligation.subject_id == subject_id,
        Obligation.period <= period,
        Obligation.period > last_met,
        Obligation.overdue_at.is_not(None),
    )
    return (await unit.session.execute(query)).scalar_one()
