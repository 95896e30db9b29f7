"""Every query of the vault."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    delete,
    func,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import prepared, together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.vault.models import KeyChange, Person, PersonNameBlind, PersonTie


class SealedPerson(NamedTuple):
    """A person as the table has them."""

    id: UUID
    kind: str
    identity: bytes


_MOST_COMPARED = 500
_CHANGE = (
    update(Person)
    .where(Person.id == bindparam("of_id"))
    .values(identity=bindparam("of_identity"), iin_blind=bindparam("of_iin"), version=Person.version + 1)
)


async def add(unit: Unit, people: list[dict[str, object]], blinds: list[dict[str, object]]) -> None:
    """Store people with the fingerprints of their names, in two statements."""
    if people:
        await unit.session.execute(insert(Person), people)
    if blinds:
        await unit.session.execute(insert(PersonNameBlind), blinds)


_IS_ONE_OF = Person.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
_IDENTITIES = select(Person.id, Person.kind, Person.identity).where(_IS_ONE_OF)


async def identities(unit: Unit, ids: Collection[UUID]) -> dict[UUID, SealedPerson]:
    """People by id."""
    made = prepared.once(("identities",), None, lambda: prepared.compiled(_IDENTITIES, fixed=True))
    return {row[0]: SealedPerson(*row) for row in await prepared.rows(unit.session, made, {"ids": list(ids)})}


_FOR_A_LIST = select(cast(Person.id, Text), Person.identity).where(_IS_ONE_OF)


async def sealed_names(unit: Unit, people: Collection[str]) -> Sequence[tuple[str, bytes]]:
    """(id, sealed identity) of people by their ids: text is a tenth of the work of so many UUIDs."""
    made = prepared.once(("sealed_names",), None, lambda: prepared.compiled(_FOR_A_LIST, fixed=True))
    listed = f"{{{','.join(people)}}}"  # the driver would look at every element of a list
    return await prepared.rows(unit.session, made, {"ids": listed})  # type: ignore[return-value]  # as selected


async def by_iin(unit: Unit, blinds: Sequence[bytes]) -> dict[bytes, SealedPerson]:
    """People of these state numbers."""
    found = await together.rows(unit.session, _by_iin(blinds))
    return {one.iin_blind: SealedPerson(one.id, one.kind, one.identity) for one in found if one.iin_blind}


async def by_contact(unit: Unit, blinds: Sequence[bytes]) -> dict[bytes, UUID]:
    """Adults of these names and phones; a colleague comes before a guardian of the same fingerprint."""
    found = await together.rows(unit.session, _by_contact(blinds))
    return {one.contact_blind: one.id for one in found if one.contact_blind}


async def prefetch_known(unit: Unit, iins: Sequence[bytes], contacts: Sequence[bytes]) -> None:
    """People of these state numbers and adults of these contacts, in one statement."""
    await together.prefetch(unit.session, _by_iin(iins), _by_contact(contacts))


def _by_iin(blinds: Sequence[bytes]) -> Read[Person]:
    return Read(("iin", *blinds), select(Person).where(Person.iin_blind.in_(blinds)))


def _by_contact(blinds: Sequence[bytes]) -> Read[Person]:
    query = select(Person).where(Person.contact_blind.in_(blinds))
    return Read(("contact", *blinds), query.order_by(Person.kind == "staff", Person.id))


async def change(unit: Unit, people: Sequence[dict[str, object]], blinds: Sequence[dict[str, object]]) -> None:
    """Replace identities and the fingerprints of their names."""
    if not people:
        return
    connection = await unit.session.connection()
    await connection.execute(
        _CHANGE, [{"of_id": one["id"], "of_identity": one["identity"], "of_iin": one["iin_blind"]} for one in people]
    )
    await unit.session.execute(delete(PersonNameBlind).where(PersonNameBlind.person_id.in_([p["id"] for p in people])))
    await unit.session.execute(insert(PersonNameBlind), blinds)


async def lock(unit: Unit, person_id: UUID) -> None:
    """Nobody else changes this person until the transaction ends."""
    await unit.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


async def reseal(unit: Unit, person: dict[str, object]) -> None:
    """Replace an identity whose names and numbers stayed."""
    await unit.session.execute(
        update(Person)
        .where(Person.id == person["id"])
        .values(identity=person["identity"], version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def make_staff(unit: Unit, person_id: UUID, contact: bytes | None) -> None:
    """Somebody the organisation knows works here from now on; without a new phone the old one stays."""
    changes: dict[str, object] = {"kind": "staff"} | ({"contact_blind": contact} if contact else {})
    await unit.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(**changes, version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def matching(
    unit: Unit, blinds: Collection[bytes], beginnings: int, kinds: Collection[str], most: int
) -> list[SealedPerson]:
    """People that so many name beginnings fit; of each beginning a person has one of the fingerprints."""
    hits = (
        select(PersonNameBlind.person_id)
        .where(PersonNameBlind.blind.in_(blinds))
        .group_by(PersonNameBlind.person_id)
        .having(func.count() == beginnings)
    )
    query = select(Person.id, Person.kind, Person.identity).where(Person.id.in_(hits), Person.kind.in_(kinds))
    rows = (await unit.session.execute(query.order_by(Person.id).limit(most))).all()
    return [SealedPerson(row.id, row.kind, row.identity) for row in rows]


async def matching_any(unit: Unit, blinds: Collection[bytes], kinds: Collection[str]) -> list[SealedPerson]:
    """People that one of these name beginnings fits."""
    hits = select(PersonNameBlind.person_id).where(PersonNameBlind.blind.in_(blinds))
    query = select(Person.id, Person.kind, Person.identity).where(Person.id.in_(hits), Person.kind.in_(kinds))
    rows = (await unit.session.execute(query.order_by(Person.id).limit(_MOST_COMPARED))).all()
    return [SealedPerson(row.id, row.kind, row.identity) for row in rows]


async def all_of_kind(unit: Unit, kind: str) -> list[SealedPerson]:
    """Everybody of one kind."""
    query = select(Person.id, Person.kind, Person.identity).where(Person.kind == kind)
    rows = (await unit.session.execute(query)).all()
    return [SealedPerson(row.id, row.kind, row.identity) for row in rows]


async def tie(unit: Unit, ties: Sequence[dict[str, object]]) -> None:
    """Remember close persons of children; a tie that is known already gets the relation said last."""
    query = insert(PersonTie)
    said = query.excluded.relation
    await unit.session.execute(
        query.on_conflict_do_update(
            index_elements=["tenant_id", "child_id", "adult_id"],
            set_={"relation": said},
            where=PersonTie.relation != said,
        ),
        ties,
    )


async def ties_of(unit: Unit, children: Collection[UUID]) -> dict[tuple[UUID, UUID], str]:
    """(child, adult) -> relation."""
    query = select(PersonTie.child_id, PersonTie.adult_id, PersonTie.relation).where(PersonTie.child_id.in_(children))
    return {(row.child_id, row.adult_id): row.relation for row in (await unit.session.execute(query)).all()}


def all_ties(children: Sequence[UUID]) -> Read[PersonTie]:
    """The ties of these children."""
    return Read(("ties", *children), select(PersonTie).where(PersonTie.child_id.in_(children)))


def all_family(children: Sequence[UUID]) -> Read[Person]:
    """These children and their close persons."""
    adults = select(PersonTie.adult_id).where(PersonTie.child_id.in_(children))
    return Read(("family", *children), select(Person).where(or_(Person.id.in_(children), Person.id.in_(adults))))


async def families_of(unit: Unit, person_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(child, adult) of every tie of these people and of their children."""
    children = select(PersonTie.child_id).where(PersonTie.adult_id.in_(person_ids))
    query = select(PersonTie.child_id, PersonTie.adult_id).where(
        or_(PersonTie.child_id.in_(children), PersonTie.child_id.in_(person_ids))
    )
    return [(row.child_id, row.adult_id) for row in (await unit.session.execute(query)).all()]


async def keys_since(unit: Unit) -> datetime | None:
    """The earlier of: when a change of keys began last and has ended; since when the oldest master key is known."""
    masters = table("master_key", column("since", DateTime(timezone=True)))
    oldest = select(func.min(masters.c.since)).scalar_subquery()
    query = select(func.least(KeyChange.began_at, oldest)).where(KeyChange.phase.is_(None))
    since: datetime | None = await unit.session.scalar(query)
    return since


def rows_of_blinds(tenant_id: UUID, person_id: UUID, blinds: Iterable[bytes]) -> list[dict[str, object]]:
    """Fingerprints as rows."""
    return [{"tenant_id": tenant_id, "blind": blind, "person_id": person_id} for blind in blinds]
