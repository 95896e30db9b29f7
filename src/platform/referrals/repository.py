"""Every query of the module."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.access.policy import table
from src.platform.access.relations import my_relations, scope
from src.platform.casework import service as casework
from src.platform.catalogue import service as catalogue
from src.platform.db import together
from src.platform.db.prepared import once
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.schemas import Running
from src.platform.kit.cursor import Place
from src.platform.referrals import policy, referring_repository
from src.platform.referrals.models import Agreement, Referral, ReferralCase, WeeklyPhoto, WeeklyReport
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

RELATIONS = policy.__name__
T = TypeVar("T")
_PHOTOS = func.array(
    select(func.concat(WeeklyPhoto.report_id, "|", WeeklyPhoto.id))
    .where(WeeklyPhoto.referral_id == Referral.id)
    .correlate(Referral)
    .scalar_subquery(),
    type_=ARRAY(Text),
)


@dataclass(frozen=True, slots=True)
class Tied:
    """A referral with the relations that tie the reader to it and, in the school, the case that it is about."""

    referral: Referral
    relations: list[str]
    case_id: UUID | None
    code_owner: UUID | None
    photos: Sequence[str] = ()
    """Weekly reports with a photo, as "report|photo", on the page of one referral."""


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line of the list: whose code it shows and the clock that is due first."""

    id: UUID
    tenant_id: UUID
    peer_tenant_id: UUID
    service_type: str
    state: str
    sent_at: datetime
    code_owner: UUID | None
    clock: Running | None


_lines = msgspec.json.Decoder(list[Line])
_ME_TENANT = bindparam("me_tenant", type_=Uuid)
_CHILD = func.coalesce(ReferralCase.participation_id, casework.code_owner(ReferralCase.case_id))


def _of_about(what: ColumnElement[T] | InstrumentedAttribute[T]) -> ScalarSelect[T]:
    return select(what).where(ReferralCase.referral_id == Referral.id).correlate(Referral).scalar_subquery()


def _visible(roles: frozenset[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What a school has destroyed it does not see any more; the partner keeps what it wrote itself (ADR 33)."""
    is_there = or_(Referral.sealed_slice.is_not(None), Referral.state == "recalled", Referral.tenant_id != _ME_TENANT)
    return scope(roles, "referral.read"), is_there


def _scoped(roles: frozenset[str]) -> Select[Referral, list[str], UUID | None, UUID | None]:
    whole = _of_about(ReferralCase.case_id), _of_about(_CHILD)
    return select(Referral, my_relations("referral"), *whole).where(*_visible(roles))


async def one(unit: Unit, referral_id: UUID, *, lock: bool = False) -> Tied | None:
    """One referral if the reader may."""
    roles = unit.me.roles
    query = once(("referral", roles, lock), table(), lambda: _one(roles, lock=lock))
    row = (await unit.session.execute(query, {**await vault.facts(unit), "referral": referral_id})).one_or_none()
    return Tied(*row) if row else None


def _one(roles: frozenset[str], *, lock: bool) -> Select[Any]:
    query = _scoped(roles).add_columns(_PHOTOS).where(Referral.id == bindparam("referral"))
    return query.with_for_update(of=Referral) if lock else query


async def page(unit: Unit, *, after: Place | None, most: int, now: datetime, **narrowed: str | None) -> list[Line]:
    """Referrals that the reader may see, the newest first; `narrowed` by `state` and `clock` where they are given.

    One statement, compiled once for all readers of the same roles, which answers also what a page of offers needs.
    """
    roles = unit.me.roles
    asked = {name: value for name, value in narrowed.items() if value is not None}
    given: dict[str, object] = {"most": most, "now": now, **asked}
    if after is not None:
        given |= {"after_at": after[0], "after_id": after[1]}
    shape, facts = frozenset(given), await vault.facts(unit)
    key = ("referrals", roles, shape)
    lines = await together.beside(
        unit.session, key, table(), lambda: _page(roles, shape), {**facts, **given}, *_offers()
    )
    return _lines.decode(lines)


def _page(roles: frozenset[str], asked: Collection[str]) -> Select[str]:
    clock = deadlines.next_state(Referral.id, bindparam("now", type_=DateTime(timezone=True)))
    place = bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)
    narrowing = {
        "state": Referral.state == bindparam("state"),
        "clock": clock == bindparam("clock"),
        "after_at": tuple_(Referral.sent_at, Referral.id) < tuple_(*place),
    }
    query = (
        select(
            Referral.id,
            Referral.tenant_id,
            Referral.peer_tenant_id,
            Referral.service_type,
            Referral.state,
            Referral.sent_at,
            _of_about(_CHILD).label("code_owner"),
            deadlines.next_running(Referral.id).label("clock"),
        )
        .where(*_visible(roles), *(condition for name, condition in narrowing.items() if name in asked))
        .order_by(Referral.sent_at.desc(), Referral.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
    return select(together.as_text(query.subquery()))


async def readable_by(unit: Unit, roles: frozenset[str], facts: dict[str, object], referral_id: UUID) -> bool:
    """Whether somebody with these roles and facts may read a referral."""
    query = _scoped(roles).where(Referral.id == referral_id)
    return (await unit.session.execute(query, facts)).one_or_none() is not None


async def plain(unit: Unit, referral_id: UUID) -> Referral | None:
    """One referral for a job, which has no reader."""
    query = select(Referral).where(Referral.id == referral_id).execution_options(populate_existing=True)
    return (await unit.session.scalars(query)).one_or_none()


async def about(unit: Unit, referral_id: UUID) -> ReferralCase | None:
    """What a referral of our own is about; None in the partner's organisation."""
    query = select(ReferralCase).where(ReferralCase.referral_id == referral_id)
    return (await unit.session.scalars(query)).one_or_none()


async def agreements_in_force(unit: Unit, day: date) -> list[Agreement]:
    """My agreements that both have signed, valid on a day; the one that lasts longest comes last."""
    return [
        one
        for one in reversed(await agreements(unit))
        if one.tenant_id == unit.tenant_id
        and one.signed_by_partner_at
        and one.ended_at is None
        and one.valid_from <= day <= one.valid_to
    ]


async def agreements(unit: Unit) -> list[Agreement]:
    """Agreements of the unit's organisation, whichever side it is; the one that lasts longest comes first."""
    return await together.rows(unit.session, _AGREEMENTS)


async def prefetch_offers(unit: Unit, *more: Read[Any]) -> None:
    """What the pages of agreements and offers need, and what else is asked for, in one statement."""
    await together.prefetch(unit.session, *_offers(), *more)


def _offers() -> tuple[Read[Any], ...]:
    return _AGREEMENTS, tenants.all_settings(), tenants.all_tenants(), catalogue.all_entries


async def prefetch_referral(unit: Unit, referral_id: UUID, *more: Read[Any]) -> None:
    """What the page of a referral needs, in one statement."""
    await together.prefetch(
        unit.session,
        _reports(referral_id),
        deadlines.clocks_of([referral_id]),
        tenants.all_tenants(),
        tenants.all_members(),
        tenants.all_settings(),
        _AGREEMENTS,
        catalogue.all_entries,
        referring_repository.notes(referral_id),
        *referring_repository.around(referral_id),
        *more,
    )


async def write(unit: Unit, referral: Referral, version: int, **changes: object) -> bool:
    """Change a referral if nobody did since `version`."""
    done = await unit.session.execute(
        update(Referral)
        .where(Referral.id == referral.id, Referral.version == version)
        .values(version=Referral.version + 1, **changes)
        .returning(Referral.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def add_report(unit: Unit, values: dict[str, object]) -> bool:
    """Store a weekly report; False when the week has one."""
    query = insert(WeeklyReport).values(**values).on_conflict_do_nothing().returning(WeeklyReport.id)
    return (await unit.session.execute(query)).one_or_none() is not None


async def reports(unit: Unit, referral_id: UUID) -> list[WeeklyReport]:
    """The weekly reports of one referral, the newest first."""
    return await together.rows(unit.session, _reports(referral_id))


def _reports(referral_id: UUID) -> Read[WeeklyReport]:
    return Read(("weekly_report", referral_id), _WEEKLY, {"referral": referral_id})


_WEEKLY = (
    select(WeeklyReport).where(WeeklyReport.referral_id == bindparam("referral")).order_by(WeeklyReport.week.desc())
)
_AGREEMENTS = Read(("agreement",), select(Agreement).order_by(Agreement.valid_to.desc(), Agreement.id.desc()), {})
