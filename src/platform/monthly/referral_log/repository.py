"""Queries of Form J."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, case, literal, or_, select, union_all, update

from src.platform.access.relations import my_relations, scope
from src.platform.db import together
from src.platform.db.prepared import with_facts
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.monthly.models import FormJMonth, FormJRow, FormJTurn
from src.platform.referrals.log import repository as referrals
from src.platform.referrals.log import service as log
from src.platform.referrals.log.repository import Sent
from src.platform.referrals.models import Referral
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a confirmed form with its referral."""

    row: FormJRow
    sent: Sent


@dataclass(frozen=True, slots=True)
class Seen:
    """A month, what ties the reader to it, and the referrals that the reader may read.

    `kept` are the rows of version `shown`, none for 0; `now` what was active in the month as the records say it now.
    """

    month: FormJMonth
    relations: list[str]
    shown: int
    kept: list[Kept]
    now: list[Sent]


async def seen(unit: Unit, month_id: UUID, revision: int | None) -> Seen | None:
    """A month with its rows in one statement: the newest confirmed form, an older one, or what is so now."""
    newest = case((FormJMonth.state == "confirmed", FormJMonth.revision), else_=0)
    shown = newest if revision is None else literal(revision)
    is_of_form = and_(FormJRow.month_id == FormJMonth.id, FormJRow.revision == shown)
    in_form = select(FormJRow.referral_id).where(is_of_form).correlate(FormJMonth)
    is_active = referrals.is_active(FormJMonth.starts_at, FormJMonth.ends_at)
    mine = and_(scope(unit.me.roles, log.READ), or_(is_active, Referral.id.in_(in_form)))
    query = (
        select(FormJMonth, my_relations("form_j"), shown, is_active, FormJRow, *referrals.columns())
        .select_from(FormJMonth)
        .outerjoin(referrals.joined(), mine)
        .outerjoin(FormJRow, and_(is_of_form, FormJRow.referral_id == Referral.id))
        .where(FormJMonth.id == month_id)
        .order_by(Referral.sent_at, Referral.id)
    )
    found: list[Any] = list((await unit.session.execute(query, await vault.facts(unit))).all())
    if not found:
        return None
    rows = [(one[3], one[4], Sent(one[5], one[6], one[7], one[8], is_mine=True)) for one in map(tuple, found) if one[5]]
    return Seen(
        month=found[0][0],
        relations=found[0][1],
        shown=found[0][2],
        kept=[Kept(row, sent) for _, row, sent in rows if row],
        now=[sent for active, _, sent in rows if active],
    )


async def unchecked(unit: Unit, month: FormJMonth) -> list[UUID]:
    """The rows of the confirmed form that the reader may read and that nobody has checked."""
    query = (
        select(FormJRow.id)
        .join(Referral, Referral.id == FormJRow.referral_id)
        .where(
            FormJRow.month_id == month.id,
            FormJRow.revision == month.revision,
            FormJRow.checked_on.is_(None),
            scope(unit.me.roles, log.READ),
        )
    )
    return list((await unit.session.scalars(query, await vault.facts(unit))).all())


async def check(unit: Unit, ids: Collection[UUID], day: date) -> None:
    """Somebody has checked these rows."""
    await unit.session.execute(
        update(FormJRow)
        .where(FormJRow.id.in_(ids), FormJRow.checked_on.is_(None))
        .values(checked_on=day, checked_by=unit.me.membership_id)
        .execution_options(synchronize_session=False)
    )


async def may_check(unit: Unit, members: Collection[Member], month_id: UUID, revision: int) -> set[UUID]:
    """Which of these members see a row of a confirmed form that nobody has checked, in one statement."""
    if not members:
        return set()
    facts = await vault.facts_of_members(unit, members)
    rows = select(FormJRow.id).join(Referral, Referral.id == FormJRow.referral_id)
    rows = rows.where(FormJRow.month_id == month_id, FormJRow.revision == revision, FormJRow.checked_on.is_(None))
    queries = [
        with_facts(
            select(literal(one.membership_id, Uuid).label("member")).where(
                rows.where(scope(one.roles, log.READ)).exists()
            ),
            facts[one.membership_id],
        )
        for one in members
    ]
    return set((await unit.session.scalars(union_all(*queries))).all())


async def prefetch(unit: Unit, month_id: UUID, turns: Read[FormJTurn]) -> None:
    """What the page of a month needs beside its rows, in one statement."""
    await together.prefetch(
        unit.session, turns, deadlines.clocks_of([month_id]), tenants.all_tenants(), tenants.all_members()
    )


async def prefetch_list(unit: Unit, known: Collection[UUID]) -> None:
    """What the list of months needs beside the months."""
    await together.prefetch(unit.session, deadlines.clocks_of(list(known)), tenants.all_tenants())
