"""Every query of the module."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.access.relations import my_relations, scope, with_facts
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit.ids import new_id
from src.platform.monthly import policy
from src.platform.monthly.models import FormE, FormEMonth, FormETurn
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__
_MOST = 240


@dataclass(frozen=True, slots=True)
class Tied:
    """A month with the relations that tie the reader to it."""

    month: FormEMonth
    relations: list[str]


async def one(unit: Unit, month_id: UUID, *, lock: bool = False) -> Tied | None:
    """One month, whoever asks: that a month has a form is no secret of the school; its numbers are the caller's cut."""
    query = select(FormEMonth, my_relations("form_e")).where(FormEMonth.id == month_id)
    if lock:
        query = query.with_for_update(of=FormEMonth)
    row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Tied(*row) if row else None


async def months(unit: Unit) -> list[FormEMonth]:
    """The months that are over, the newest first."""
    return await together.rows(unit.session, _MONTHS)


async def known(unit: Unit, ids: Collection[UUID]) -> dict[UUID, int]:
    """Months by their ids."""
    query = select(FormEMonth.id, FormEMonth.month).where(FormEMonth.id.in_(ids))
    return {row.id: row.month for row in (await unit.session.execute(query)).all()}


async def open_month(unit: Unit, month: int, starts_at: datetime, ends_at: datetime) -> UUID | None:
    """A month is over; None where it is known already."""
    values = {"month": month, "starts_at": starts_at, "ends_at": ends_at, "state": "open"}
    query = insert(FormEMonth).values(tenant_id=unit.tenant_id, id=new_id(), version=1, revision=0, **values)
    return (await unit.session.scalars(query.on_conflict_do_nothing().returning(FormEMonth.id))).one_or_none()


async def write(unit: Unit, row: FormEMonth, version: int, **changes: object) -> bool:
    """Change a month if nobody did since `version`."""
    done = await unit.session.execute(
        update(FormEMonth)
        .where(FormEMonth.id == row.id, FormEMonth.version == version)
        .values(version=FormEMonth.version + 1, **changes)
        .returning(FormEMonth.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def prefetch_list(unit: Unit, now_known: Collection[UUID]) -> None:
    """What the list of months needs beside the months."""
    await together.prefetch(unit.session, deadlines.clocks_of(list(now_known)), tenants.all_tenants())


async def prefetch_month(unit: Unit, row: FormEMonth) -> None:
    """What the page of a month needs, in one statement."""
    await together.prefetch(
        unit.session,
        _forms_of(unit.tenant_id, row.month),
        _turns(row.id),
        deadlines.clocks_of([row.id]),
        tenants.all_tenants(),
        tenants.all_members(),
    )


async def forms_of(unit: Unit, month: int) -> list[FormE]:
    """The confirmed forms of one of our months, the newest first."""
    return await together.rows(unit.session, _forms_of(unit.tenant_id, month))


async def turns(unit: Unit, month_id: UUID) -> list[FormETurn]:
    """Who confirmed or reopened a month, the newest first."""
    return await together.rows(unit.session, _turns(month_id))


async def received(unit: Unit, month: int) -> list[FormE]:
    """The confirmed forms of a month that others sent to the unit's organisation; all versions, the newest first."""
    query = (
        select(FormE)
        .where(FormE.month == month, FormE.peer_tenant_id == unit.tenant_id)
        .order_by(FormE.tenant_id, FormE.revision.desc())
    )
    return list((await unit.session.scalars(query)).all())


async def received_one(unit: Unit, form_id: UUID) -> FormE | None:
    """One form that was sent to the unit's organisation."""
    query = select(FormE).where(FormE.id == form_id, FormE.peer_tenant_id == unit.tenant_id)
    return (await unit.session.scalars(query)).one_or_none()


async def may(unit: Unit, members: Collection[Member], month_id: UUID, permission: str) -> set[UUID]:
    """Which of these members a permission opens a month to, in one statement."""
    if not members:
        return set()
    facts = await vault.facts_of_members(unit, members)
    queries = [
        with_facts(
            select(literal(one.membership_id, Uuid).label("member")).where(
                FormEMonth.id == month_id, scope(one.roles, permission)
            ),
            facts[one.membership_id],
        )
        for one in members
    ]
    return set((await unit.session.scalars(union_all(*queries))).all())


def _forms_of(tenant_id: UUID, month: int) -> Read[FormE]:
    query = select(FormE).where(FormE.tenant_id == tenant_id, FormE.month == month).order_by(FormE.revision.desc())
    return Read(("form_e", month), query)


def _turns(month_id: UUID) -> Read[FormETurn]:
    query = select(FormETurn).where(FormETurn.month_id == month_id).order_by(FormETurn.at.desc(), FormETurn.id.desc())
    return Read(("form_e_turn", month_id), query)


_MONTHS = Read(("form_e_month",), select(FormEMonth).order_by(FormEMonth.month.desc()).limit(_MOST))
