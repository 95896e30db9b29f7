"""Queries of one-time links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.referrals.models import ReportLink, ReportLinkCode


async def add(unit: Unit, row: ReportLink) -> None:
    """Store a link, and in which organisation its code is looked for."""
    unit.session.add(row)
    line = {"code_blind": row.code_blind, "tenant_id": row.peer_tenant_id}
    await unit.session.execute(insert(ReportLinkCode).values(**line))


_LINKS = select(ReportLink).where(ReportLink.referral_id == bindparam("referral")).order_by(ReportLink.made_at.desc())


def links_of(referral_id: UUID) -> Read[ReportLink]:
    """The links of a referral, the newest first."""
    return Read(("report_link", referral_id), _LINKS, {"referral": referral_id})


async def of(unit: Unit, referral_id: UUID) -> list[ReportLink]:
    """The same, read."""
    return await together.rows(unit.session, links_of(referral_id))


async def one(unit: Unit, link_id: UUID) -> ReportLink | None:
    """One link, locked: two people with one code come one after the other."""
    query = select(ReportLink).where(ReportLink.id == link_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


async def end(unit: Unit, link_id: UUID, *, version: int, **changes: datetime) -> bool:
    """Use up or withdraw a link that is open and unchanged since `version`."""
    done = await unit.session.execute(
        update(ReportLink)
        .where(ReportLink.id == link_id, ReportLink.version == version)
        .where(ReportLink.used_at.is_(None), ReportLink.revoked_at.is_(None))
        .values(version=ReportLink.version + 1, **changes)
        .returning(ReportLink.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None
