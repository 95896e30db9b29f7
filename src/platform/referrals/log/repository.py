"""Queries of the log: referrals that were active in a month, and which of them are of one child."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Join, and_, func, join, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLColumnExpression

from src.platform.access.relations import scope
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.incidents.models import Participation
from src.platform.kit import clock
from src.platform.referrals.models import Referral, ReferralCase, ReferralLogEntry
from src.platform.vault import service as vault

READ = "referral.read"
_note = aliased(ReferralCase)
"""Not the table itself, which the relations of a referral ask for (`referrals.policy`)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A referral of my organisation with what the school alone knows of it: case, contact, whose code it bears."""

    referral: Referral
    case_id: UUID | None
    manager: UUID
    code_owner: UUID | None
    is_mine: bool
    """Whether the reader may read this referral."""


def columns() -> tuple[Any, ...]:
    """What `Sent` holds, of `joined`, but whether the reader may read it."""
    return Referral, _note.case_id, _note.manager, _child(_note.participation_id, _note.case_id)


def joined() -> Join:
    """Referrals of my organisation with what it alone knows of them."""
    return join(Referral, _note, _note.referral_id == Referral.id)


def is_active(starts_at: Any, ends_at: Any) -> ColumnElement[bool]:
    """With a service in a span of time: sent before its end, not declined or ended before it began.

    One that was recalled came to nobody [D].
    """
    return and_(
        Referral.sent_at < ends_at,
        Referral.state != "recalled",
        or_(Referral.ended_at.is_(None), Referral.ended_at >= starts_at),
    )


async def active(unit: Unit, starts_at: datetime, ends_at: datetime) -> list[Sent]:
    """Every referral that was with a service in a span of time, and whether the reader may read it."""
    query = select(*columns(), scope(unit.me.roles, READ)).select_from(joined())
    query = query.where(is_active(starts_at, ends_at)).order_by(Referral.sent_at, Referral.id)
    found: list[Any] = list((await unit.session.execute(query, await vault.facts(unit))).all())
    return [Sent(*row) for row in found]


async def requests_of(unit: Unit, referral_ids: Collection[UUID], commission_id: UUID) -> dict[UUID, UUID]:
    """Referral -> the request on which the commission has a case of the same child, where it has one."""
    request, sent, other, own = aliased(ReferralCase), aliased(Referral), aliased(Participation), aliased(Participation)
    query = (
        select(ReferralCase.referral_id, request.referral_id)
        .select_from(ReferralCase)
        .join(own, own.id == _child(ReferralCase.participation_id, ReferralCase.case_id))
        .join(other, other.link_blind == own.link_blind)
        .join(request, _child(request.participation_id, request.case_id) == other.id)
        .join(sent, sent.id == request.referral_id)
        .where(
            ReferralCase.referral_id.in_(referral_ids),
            request.commission_case_at.is_not(None),
            sent.peer_tenant_id == commission_id,
        )
        .order_by(request.commission_case_at.desc(), request.referral_id)
    )
    return {row[0]: row[1] for row in (await unit.session.execute(query)).all()}


async def of_same_child(unit: Unit, referral_id: UUID) -> list[UUID]:
    """The referrals of the child that a referral is about, this one among them."""
    this, own, other = aliased(ReferralCase), aliased(Participation), aliased(Participation)
    query = (
        select(ReferralCase.referral_id)
        .select_from(ReferralCase)
        .join(other, other.id == _child(ReferralCase.participation_id, ReferralCase.case_id))
        .join(own, own.link_blind == other.link_blind)
        .join(this, _child(this.participation_id, this.case_id) == own.id)
        .where(this.referral_id == referral_id)
        .distinct()
    )
    return list((await unit.session.scalars(query)).all())


async def note_case(unit: Unit, referral_id: UUID) -> bool:
    """The commission has a case on a request of my organisation; False where that is known or none of ours."""
    done = await unit.session.execute(
        update(ReferralCase)
        .where(ReferralCase.referral_id == referral_id, ReferralCase.commission_case_at.is_(None))
        .values(commission_case_at=clock.now())
        .returning(ReferralCase.referral_id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def write(unit: Unit, *entries: ColumnElement[bool], **changes: object) -> None:
    """Change entries of my organisation that no correction has replaced."""
    await unit.session.execute(
        update(ReferralLogEntry)
        .where(ReferralLogEntry.tenant_id == unit.tenant_id, ReferralLogEntry.replaced_at.is_(None), *entries)
        .values(version=ReferralLogEntry.version + 1, **changes)
        .execution_options(synchronize_session=False)
    )


def _child(participation_id: Any, case_id: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return func.coalesce(participation_id, casework.code_owner(case_id))
