"""Queries of the partner's side: inbox, notes, sessions, photos, danger, attendance, final reports."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit.cursor import Place
from src.platform.referrals.models import (
    DangerNotice,
    FinalReport,
    PartnerAttendance,
    PartnerSession,
    Referral,
    ReferralNote,
    WeeklyPhoto,
)
from src.platform.vault import service as vault

_ENDED = ("declined", "recalled", "completed", "discontinued")


def _box(box: str, now: datetime) -> ColumnElement[bool]:
    """Which referrals of the partner's stand in a box; a clock that runs on an accepted one is that of its week."""
    new = Referral.state == "sent"
    owed = deadlines.next_state(Referral.id, now).is_not(None)
    due = and_(Referral.state == "accepted", owed)
    conditions: Mapping[str, ColumnElement[bool]] = {
        "new": new,
        "due": due,
        "waiting": or_(new, due),
        "serving": Referral.state == "accepted",
        "ended": Referral.state.in_(_ENDED),
        "all": literal(value=True),
    }
    return conditions[box]


def _mine(unit: Unit) -> ColumnElement[bool]:
    return and_(Referral.peer_tenant_id == unit.tenant_id, scope(unit.me.roles, "referral.read"))


async def inbox(
    unit: Unit, box: str, *, after: Place | None, now: datetime, most: int
) -> list[tuple[Referral, datetime]]:
    """A box of the inbox with the moment each row is sorted by: what is due first, of what has ended the newest."""
    due = func.coalesce(deadlines.next_due(Referral.id), Referral.sent_at)
    ended = box in ("ended", "all")
    at = Referral.sent_at if ended else due
    query: Select[Referral, datetime] = select(Referral, at).where(_mine(unit), _box(box, now)).limit(most)
    query = query.order_by(at.desc(), Referral.id.desc()) if ended else query.order_by(at, Referral.id)
    if after is not None:
        place = tuple_(at, Referral.id)
        query = query.where(place < after if ended else place > after)
    return [(row[0], row[1]) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def counts(unit: Unit, boxes: tuple[str, ...], now: datetime) -> dict[str, int]:
    """How many referrals stand in each box."""
    columns = [func.count().filter(_box(box, now)).label(box) for box in boxes]
    row: Row[*tuple[int, ...]] = (
        await unit.session.execute(select(*columns).select_from(Referral).where(_mine(unit)), await vault.facts(unit))
    ).one()
    return dict(zip(boxes, row, strict=True))


_NOTES = (
    select(ReferralNote)
    .where(ReferralNote.referral_id == bindparam("referral"))
    .order_by(ReferralNote.written_at.desc(), ReferralNote.id.desc())
)
_SESSIONS = (
    select(PartnerSession)
    .where(PartnerSession.referral_id == bindparam("referral"))
    .order_by(PartnerSession.held_on.desc())
)
_ATTENDANCE = (
    select(PartnerAttendance)
    .where(PartnerAttendance.referral_id == bindparam("referral"))
    .order_by(PartnerAttendance.met_on.desc())
)
_FINAL = select(FinalReport).where(FinalReport.referral_id == bindparam("referral"))


def notes_of(referral_id: UUID) -> Read[ReferralNote]:
    """What our side wrote down, the newest first."""
    return Read(("referral_note", referral_id), _NOTES, {"referral": referral_id})


async def notes(unit: Unit, referral_id: UUID) -> list[ReferralNote]:
    """The same, read."""
    return await together.rows(unit.session, notes_of(referral_id))


def sessions_of(referral_id: UUID) -> Read[PartnerSession]:
    """The meetings with the child, the newest first."""
    return Read(("partner_session", referral_id), _SESSIONS, {"referral": referral_id})


async def sessions(unit: Unit, referral_id: UUID) -> list[PartnerSession]:
    """The same, read, without what was struck out."""
    found = await together.rows(unit.session, sessions_of(referral_id))
    return [one for one in found if one.outcome != "struck"]


async def keep_session(unit: Unit, values: dict[str, object]) -> UUID:
    """One line a day: the same day again corrects it."""
    query = insert(PartnerSession).values(**values)
    query = query.on_conflict_do_update(
        index_elements=["tenant_id", "referral_id", "held_on"], set_={"outcome": values["outcome"]}
    )
    found: UUID = (await unit.session.execute(query.returning(PartnerSession.id))).scalar_one()
    return found


def attendance_of(referral_id: UUID) -> Read[PartnerAttendance]:
    """The two-week meetings, the newest first."""
    return Read(("partner_attendance", referral_id), _ATTENDANCE, {"referral": referral_id})


async def attendance(unit: Unit, referral_id: UUID) -> list[PartnerAttendance]:
    """The same, read."""
    return await together.rows(unit.session, attendance_of(referral_id))


async def add_attendance(unit: Unit, values: dict[str, object]) -> bool:
    """Store who came; False when that day is recorded."""
    query = insert(PartnerAttendance).values(**values).on_conflict_do_nothing().returning(PartnerAttendance.id)
    return (await unit.session.execute(query)).one_or_none() is not None


def final_of(referral_id: UUID) -> Read[FinalReport]:
    """The final report, once there is one."""
    return Read(("final_report", referral_id), _FINAL, {"referral": referral_id})


async def final(unit: Unit, referral_id: UUID) -> FinalReport | None:
    """The same, read."""
    return next(iter(await together.rows(unit.session, final_of(referral_id))), None)


async def photo(unit: Unit, referral_id: UUID, photo_id: UUID) -> WeeklyPhoto | None:
    """One photo of a referral."""
    query = select(WeeklyPhoto).where(WeeklyPhoto.id == photo_id, WeeklyPhoto.referral_id == referral_id)
    return (await unit.session.scalars(query)).one_or_none()


async def notice(unit: Unit, notice_id: UUID) -> DangerNotice | None:
    """One danger that a partner told."""
    return (await unit.session.scalars(select(DangerNotice).where(DangerNotice.id == notice_id))).one_or_none()


async def met_before(unit: Unit, referral_id: UUID, day: date) -> PartnerAttendance | None:
    """The last recorded meeting before a day."""
    query = (
        select(PartnerAttendance)
        .where(PartnerAttendance.referral_id == referral_id, PartnerAttendance.met_on < day)
        .order_by(PartnerAttendance.met_on.desc())
        .limit(1)
    )
    return (await unit.session.scalars(query)).one_or_none()
