"""Every query of lists and of the filters that a person keeps; the scope is that of a single incident (S-31, S-17)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Text,
    and_,
    delete,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import repository
from src.platform.incidents.models import (
    Incident,
    Participation,
    SavedFilter,
)
from src.platform.kit.cursor import Place
from src.platform.roster import service as roster
from src.platform.vault import service as vault

_PEOPLE = func.array(
    select(func.concat(Participation.id, "|", Participation.kind))
    .where(Participation.incident_id == Incident.id)
    .correlate(Incident)
    .scalar_subquery(),
    type_=ARRAY(Text),
)


@dataclass(frozen=True, slots=True)
class Listed(repository.Tied):
    """The same in a list: when its next term is due, and who stands in it as (id, kind) where that was asked for."""

    next_due: datetime | None
    people: list[tuple[UUID, str]]


async def page(
    unit: Unit,
    *,
    after: Place | None,
    most: int,
    narrowed: Iterable[ColumnElement[bool]] = (),
    by_term: bool = False,
    with_people: bool = False,
) -> list[Listed]:
    """Incidents that the reader may see: the newest first, or the next term first and those without one last."""
    due = deadlines.next_due(Incident.id)
    people = _PEOPLE if with_people else null()
    query = repository.scoped(unit, "incident.read").add_columns(due, people).where(*narrowed)
    if by_term:
        query = query.order_by(due.asc().nulls_last(), Incident.id)
    else:
        query = query.order_by(Incident.reported_at.desc(), Incident.id.desc())
    if after is not None:
        query = query.where(_behind(after, due) if by_term else tuple_(Incident.reported_at, Incident.id) < after)
    rows = (await unit.session.execute(query.limit(most), await vault.facts(unit))).all()
    return [Listed(i, relations, due_at, _people(people)) for i, relations, due_at, people in rows]


def _behind(after: Place, due: ScalarSelect[datetime]) -> ColumnElement[bool]:
    at, incident_id = after
    if at is None:
        return and_(due.is_(None), Incident.id > incident_id)
    return or_(due > at, and_(due == at, Incident.id > incident_id), due.is_(None))


def _people(told: list[str] | None) -> list[tuple[UUID, str]]:
    return [(UUID(one.partition("|")[0]), one.partition("|")[2]) for one in told or ()]


async def prefetch_choices(unit: Unit, school_class: UUID | None, *, classes: bool) -> None:
    """What the form of the list offers, in one statement: my filters; to who may ask, classes and students."""
    reads: list[Read[Any]] = [saved_filters(unit.me.membership_id)]
    if classes:
        reads += [roster.all_classes(), *([roster.learning_in(school_class)] if school_class else [])]
    await together.prefetch(unit.session, *reads)


async def prefetch_rows(unit: Unit, incident_ids: Collection[UUID]) -> None:
    """What the rows of the list show, in one statement."""
    if incident_ids:
        await together.prefetch(
            unit.session, repository.participations_of(incident_ids), deadlines.clocks_of(incident_ids)
        )


def saved_filters(membership_id: UUID) -> Read[SavedFilter]:
    """The filters of one member, in the order they were made."""
    query = select(SavedFilter).where(SavedFilter.membership_id == membership_id).order_by(SavedFilter.id)
    return Read(("saved_filter", membership_id), query)


async def my_filters(unit: Unit) -> list[SavedFilter]:
    """The filters of the unit's person."""
    return await together.rows(unit.session, saved_filters(unit.me.membership_id))


async def my_filter(unit: Unit, filter_id: UUID) -> SavedFilter | None:
    """One of them, locked."""
    query = select(SavedFilter).where(SavedFilter.membership_id == unit.me.membership_id, SavedFilter.id == filter_id)
    return (await unit.session.scalars(query.with_for_update())).one_or_none()


async def write_filter(unit: Unit, filter_id: UUID, version: int, content: bytes) -> bool:
    """Change a filter if nobody did since `version`."""
    done = await unit.session.execute(
        update(SavedFilter)
        .where(SavedFilter.id == filter_id, SavedFilter.version == version)
        .values(content=content, version=SavedFilter.version + 1)
        .returning(SavedFilter.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def drop_filter(unit: Unit, filter_id: UUID) -> None:
    """Throw a filter away."""
    await unit.session.execute(delete(SavedFilter).where(SavedFilter.id == filter_id))
