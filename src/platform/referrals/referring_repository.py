"""Queries around referring: load, what happened to a referral, who answers for it."""

from uuid import UUID

from sqlalchemy import and_, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.casework import service as casework
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.referrals.models import Referral, ReferralCase, ReferralContact, ReferralDuty, ReferralOpening

OPEN = ("sent", "accepted")


async def load(unit: Unit) -> dict[UUID, int]:
    """How many referrals of my organisation are open, by partner."""
    query = (
        select(Referral.peer_tenant_id, func.count())
        .where(Referral.tenant_id == unit.tenant_id, Referral.state.in_(OPEN))
        .group_by(Referral.peer_tenant_id)
    )
    return {row[0]: row[1] for row in (await unit.session.execute(query)).all()}


_OPENING = select(ReferralOpening).where(ReferralOpening.referral_id == bindparam("referral"))
_CONTACTS = (
    select(ReferralContact)
    .where(ReferralContact.referral_id == bindparam("referral"))
    .order_by(ReferralContact.since.desc(), ReferralContact.id)
)
_DUTY = select(ReferralDuty).where(ReferralDuty.referral_id == bindparam("referral"))
_ABOUT = select(ReferralCase).where(
    or_(ReferralCase.referral_id == bindparam("referral"), ReferralCase.instead_of == bindparam("referral"))
)


def around(referral_id: UUID) -> tuple[Read[ReferralOpening], Read[ReferralContact], Read[ReferralDuty]]:
    """What stands around a referral, for a page that asks for it together with its own."""
    asked = {"referral": referral_id}
    return (
        Read(("referral_opening", referral_id), _OPENING, asked),
        Read(("referral_contact", referral_id), _CONTACTS, asked),
        Read(("referral_duty", referral_id), _DUTY, asked),
    )


def notes(referral_id: UUID) -> Read[ReferralCase]:
    """What a referral of our own is about, and the referrals that replace it."""
    return Read(("referral_case", referral_id), _ABOUT, {"referral": referral_id})


async def opening(unit: Unit, referral_id: UUID) -> ReferralOpening | None:
    """Whether and when the partner opened a referral."""
    found = await together.rows(unit.session, around(referral_id)[0])
    return found[0] if found else None


async def was_opened(unit: Unit, referral_id: UUID) -> bool:
    """The same, asked of the database at this moment."""
    query = select(ReferralOpening.id).where(ReferralOpening.referral_id == referral_id)
    return (await unit.session.scalars(query)).first() is not None


async def contact(unit: Unit, referral_id: UUID) -> ReferralContact | None:
    """Whom the partner turns to since the case changed hands."""
    found = await together.rows(unit.session, around(referral_id)[1])
    return found[0] if found else None


async def duty(unit: Unit, referral_id: UUID) -> UUID | None:
    """The member of this organisation who answers for a referral."""
    found = await together.rows(unit.session, around(referral_id)[2])
    return found[0].membership_id if found else None


async def note_of(unit: Unit, referral_id: UUID) -> tuple[ReferralCase | None, UUID | None]:
    """The school's note of a referral and the referral that replaced it."""
    found = await together.rows(unit.session, notes(referral_id))
    own = next((one for one in found if one.referral_id == referral_id), None)
    return own, next((one.referral_id for one in found if one.instead_of == referral_id), None)


async def set_duty(unit: Unit, referral_id: UUID, membership_id: UUID) -> None:
    """Somebody of this organisation answers for a referral from now on."""
    values = {"membership_id": membership_id, "since": clock.now()}
    query = insert(ReferralDuty).values(tenant_id=unit.tenant_id, referral_id=referral_id, **values)
    await unit.session.execute(query.on_conflict_do_update(index_elements=["tenant_id", "referral_id"], set_=values))


async def hand_over(unit: Unit, case_id: UUID, manager: UUID) -> list[UUID]:
    """The referrals of a child belong to the case and to its manager, those sent before there was a case too."""
    child = casework.code_owner(select(literal(case_id)).scalar_subquery())
    before_it = and_(ReferralCase.case_id.is_(None), ReferralCase.participation_id == child)
    done = await unit.session.execute(
        update(ReferralCase)
        .where(or_(ReferralCase.case_id == case_id, before_it))
        .values(manager=manager, case_id=case_id)
        .returning(ReferralCase.referral_id)
        .execution_options(synchronize_session=False)
    )
    return list(done.scalars().all())


async def still_open(unit: Unit, referral_ids: list[UUID]) -> list[Referral]:
    """Those of these referrals whose partner still has to do with the child."""
    query = select(Referral).where(Referral.id.in_(referral_ids), Referral.state.in_(OPEN)).order_by(Referral.id)
    return list((await unit.session.scalars(query)).all())
