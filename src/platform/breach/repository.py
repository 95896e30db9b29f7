"""Rows of the chain, and whom the records that they name are about: every table that links a person."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, or_, select

from src.platform.audit.service import AuditRow
from src.platform.breach.schemas import Asked
from src.platform.casework.models import ChildCase
from src.platform.db.unit import Unit
from src.platform.incidents.models import Participation, Report
from src.platform.referrals.models import Referral, ReferralCase
from src.platform.roster.models import Enrolment

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_REPORTERS = bindparam("reporters", type_=ARRAY(Uuid))
_SIGNED_IN, _SIGNED_OUT = "account.signed_in", "account.signed_out"
_NOTHING_OPENED = ("access.denied", _SIGNED_IN, _SIGNED_OUT)


class Linked(NamedTuple):
    """A record, and the sealed link to a person that stands in the row `owner`."""

    record: UUID
    owner: UUID
    sealed: bytes


async def rows(unit: Unit, asked: Asked) -> list[AuditRow]:
    """What was done in the window, the earliest first; what was refused opened nothing."""
    query = select(AuditRow).where(
        AuditRow.at >= asked.since, AuditRow.at <= asked.until, AuditRow.action.not_in(_NOTHING_OPENED)
    )
    if asked.user_id is not None:
        query = query.where(AuditRow.actor_id == asked.user_id)
    return list((await unit.session.scalars(query.order_by(AuditRow.seq))).all())


async def session_of(unit: Unit, user_id: UUID, moment: datetime) -> tuple[datetime, datetime | None] | None:
    """When the session began in which somebody worked at a moment, and when they signed out, if they did."""
    mine = select(AuditRow.at).where(AuditRow.actor_id == user_id)
    began = mine.where(AuditRow.action == _SIGNED_IN, AuditRow.at <= moment).order_by(AuditRow.seq.desc()).limit(1)
    since = (await unit.session.scalars(began)).one_or_none()
    if since is None:
        return None
    ended = mine.where(AuditRow.action == _SIGNED_OUT, AuditRow.at >= since).order_by(AuditRow.seq).limit(1)
    return since, (await unit.session.scalars(ended)).one_or_none()


async def links(unit: Unit, ids: Collection[UUID], reporters: Collection[UUID]) -> list[Linked]:
    """People behind incidents, cases and referrals; who reported only where their class was opened."""
    asked = {"ids": list(ids), "reporters": list(reporters)}
    found: list[Linked] = []
    people = select(Participation.id, Participation.incident_id, Participation.link).where(
        or_(Participation.id == any_(_IDS), Participation.incident_id == any_(_IDS))
    )
    for row in await unit.session.execute(people, asked):
        found += [Linked(row.id, row.id, row.link), Linked(row.incident_id, row.id, row.link)]
    told = select(Report.id, Report.incident_id, Report.reporter_sealed).where(
        Report.reporter_sealed.is_not(None), or_(Report.id == any_(_REPORTERS), Report.incident_id == any_(_REPORTERS))
    )
    for report_id, incident_id, sealed in (await unit.session.execute(told, asked)).all():
        if sealed is not None:
            found += [Linked(report_id, report_id, sealed), Linked(incident_id, report_id, sealed)]
    cases = select(ChildCase.id, ChildCase.link).where(ChildCase.id == any_(_IDS))
    found += [Linked(row.id, row.id, row.link) for row in await unit.session.execute(cases, asked)]
    sent = (
        select(ReferralCase.referral_id, Participation.id, Participation.link)
        .outerjoin(ChildCase, ChildCase.id == ReferralCase.case_id)
        .join(
            Participation,
            or_(
                Participation.id == ReferralCase.participation_id,
                and_(ReferralCase.participation_id.is_(None), Participation.id == ChildCase.participation_id),
            ),
        )
        .where(ReferralCase.referral_id == any_(_IDS))
    )
    found += [Linked(row.referral_id, row.id, row.link) for row in await unit.session.execute(sent, asked)]
    return found


async def slices(unit: Unit, ids: Collection[UUID]) -> dict[UUID, bytes]:
    """What my organisation got of children with referrals, sealed for it."""
    query = select(Referral.id, Referral.sealed_slice).where(
        Referral.id == any_(_IDS), Referral.peer_tenant_id == unit.tenant_id, Referral.sealed_slice.is_not(None)
    )
    return {row.id: row.sealed_slice for row in await unit.session.execute(query, {"ids": list(ids)})}


async def students(unit: Unit, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(class, student) of class lists, former students too: the list may have shown them."""
    query = select(Enrolment.class_id, Enrolment.person_id).where(Enrolment.class_id == any_(_IDS))
    return [(row.class_id, row.person_id) for row in await unit.session.execute(query, {"ids": list(ids)})]
