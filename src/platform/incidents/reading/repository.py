"""Every query of lists and of the filters that a person keeps; the scope is that of a single incident (S-31, S-17)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import QueryableAttribute

from src.platform.access.policy import IDENTITY, table
from src.platform.access.relations import deciding, my_relations, scope
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.schemas import Running
from src.platform.incidents.models import (
    Incident,
    Participation,
    SavedFilter,
)
from src.platform.kit.cursor import Place
from src.platform.roster import service as roster
from src.platform.vault import service as vault

_FILTERS = (
    select(SavedFilter).where(SavedFilter.membership_id == bindparam("owner", type_=Uuid)).order_by(SavedFilter.id)
)


def _people(*columns: ColumnElement[Any] | QueryableAttribute[Any]) -> ScalarSelect[Any]:
    one = func.json_build_array(Participation.id, Participation.kind, *columns)
    return (
        select(func.json_agg(aggregate_order_by(one, Participation.id)))
        .where(Participation.incident_id == Incident.id)
        .correlate(Incident)
        .scalar_subquery()
    )


_CODED = _people()
# A reference is shorter than the 57 bytes after which PostgreSQL would break the line of a base64.
_LINKED = _people(Participation.involvement, func.encode(Participation.link, "base64"))


class Stands(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who stands in a line; where names are asked for also as what, and the sealed link.

    The id stays text: a list has hundreds of them, and text is looked up and written in a tenth of the time.
    """

    id: str
    kind: str
    involvement: str = ""
    link: bytes = b""


class Listed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line of the list: who stands in it, the clock that is due first, and the relations that decide about names."""

    id: UUID
    number: str
    state: str
    urgency: str
    reported_at: datetime
    people: list[Stands] | None
    clock: Running | None
    relations: tuple[str, ...] = ()


_lines = msgspec.json.Decoder(list[Listed])


async def page(
    unit: Unit,
    *,
    after: Place | None,
    most: int,
    narrowed: Sequence[ColumnElement[bool]] = (),
    by_term: bool = False,
    with_relations: bool = False,
    with_links: bool = False,
    beside: Sequence[Read[Any]] = (),
) -> list[Listed]:
    """Incidents that the reader may see: the newest first, or the next term first and those without one last.

    One statement, which answers also the reads `beside` that are not known yet; where nothing narrows the list it is
    compiled once for all readers of the same roles.
    """
    roles = unit.me.roles
    asked: dict[str, object] = {"most": most}
    if after is not None:
        asked |= {"after_at": after[0], "after_id": after[1]}
    shape = (by_term, with_relations, with_links, after and after[0] is None)

    def make() -> Select[str]:
        return _page(roles, after, narrowed, by_term=by_term, with_relations=with_relations, with_links=with_links)

    key = ("incidents", roles, *shape)
    asked |= await vault.facts(unit)
    return _lines.decode(await together.beside(unit.session, key, table(), make, asked, *beside, fixed=not narrowed))


def _page(
    roles: frozenset[str],
    after: Place | None,
    narrowed: Sequence[ColumnElement[bool]],
    *,
    by_term: bool,
    with_relations: bool,
    with_links: bool,
) -> Select[str]:
    due = deadlines.next_due(Incident.id)
    asked = deciding(roles, "incident.read", IDENTITY) if with_relations else frozenset[str]()
    query = select(
        Incident.id,
        Incident.number,
        Incident.state,
        Incident.urgency,
        Incident.reported_at,
        (_LINKED if with_links else _CODED).label("people"),
        deadlines.next_running(Incident.id).label("clock"),
        *([my_relations("incident", asked).label("relations")] if asked else []),
    ).where(scope(roles, "incident.read"), *narrowed)
    if by_term:
        query = query.order_by(due.asc().nulls_last(), Incident.id)
    else:
        query = query.order_by(Incident.reported_at.desc(), Incident.id.desc())
    if after is not None:
        place = bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)
        newest = tuple_(Incident.reported_at, Incident.id) < tuple_(*place)
        query = query.where(_behind(*place, due, has_term=after[0] is not None) if by_term else newest)
    return select(together.as_text(query.limit(bindparam("most", type_=Integer)).subquery()))


def _behind(
    at: BindParameter[datetime], incident_id: BindParameter[UUID], due: ScalarSelect[datetime], *, has_term: bool
) -> ColumnElement[bool]:
    if not has_term:
        return and_(due.is_(None), Incident.id > incident_id)
    return or_(due > at, and_(due == at, Incident.id > incident_id), due.is_(None))


def choices(unit: Unit, *, classes: bool) -> list[Read[Any]]:
    """What the form of the list offers: my filters; to who may ask, classes."""
    return [saved_filters(unit.me.membership_id), *([roster.all_classes()] if classes else [])]


def saved_filters(membership_id: UUID) -> Read[SavedFilter]:
    """The filters of one member, in the order they were made."""
    return Read(("saved_filter", membership_id), _FILTERS, {"owner": membership_id})


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
