"""Verbs of Form J: the rows of a month are confirmed, checked and sent to the commission, and corrected (R-151, R-152).

What is confirmed is every referral of the month. Whoever confirms has checked the rows that they see; a row that they
may not see goes along unchecked, and nothing tells them that there is one (S-17). Who sees it checks it.
"""

import hashlib
from collections.abc import Collection
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.monthly import policy
from src.platform.monthly.errors import NoCommissionError, NothingToCheckError, RowsMovedError
from src.platform.monthly.frozen import MonthlyForm
from src.platform.monthly.models import FormJMonth, FormJRow, FormJTurn
from src.platform.monthly.referral_log import repository
from src.platform.notifications import service as notifications
from src.platform.referrals.log import service as log
from src.platform.referrals.log.repository import Sent
from src.platform.tenants import service as tenants

FORM = MonthlyForm("form_j", "clk_monthly_j", FormJMonth, FormJTurn)
FOLLOW, CONFIRM = FORM.following, FORM.confirming
RELATIONS = policy.__name__
_COMMISSION = "commission"


def fingerprint(rows: Collection[Sent]) -> str:
    """Which rows somebody has seen."""
    seen = "".join(f"{one.referral.id}{one.manager}" for one in rows)
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


async def now_in(unit: Unit, month: FormJMonth) -> list[Sent]:
    """Every referral of a month as the records say it now; which of them the reader may read stands in each."""
    return await log.active(unit, month.starts_at, month.ends_at)


async def confirm(unit: Unit, month_id: UUID, version: int, *, seen: str, checked: bool = False) -> None:
    """Freeze the rows and give the commission its copy; the rows that I see are checked by me, today.

    Raises NotFound, Forbidden, NotOverError, AlreadyConfirmedError, RowsMovedError, NoCommissionError, StaleVersion,
    and Invalid where nobody says that the rows were checked.
    """
    month, at = await FORM.to_confirm(unit, month_id), clock.now()
    commission = await tenants.nearest(unit, {_COMMISSION})
    if commission is None:
        raise NoCommissionError
    _demand_check(checked=checked)
    every = await now_in(unit, month)
    if fingerprint([one for one in every if one.is_mine]) != seen:
        raise RowsMovedError
    rows = {new_id(): one for one in every}
    of = log.Month(month.month, month.revision + 1, at)
    for row_id, one in rows.items():
        unit.session.add(_row(unit, month, of, row_id, one))
    await unit.session.flush()
    mine = [row_id for row_id, one in rows.items() if one.is_mine]
    await log.enter(unit, of, rows, mine, commission.id)
    await FORM.freeze(unit, month, version, at, shown=mine)
    if len(mine) < len(rows):
        await _ask_for_check(unit, month.id, of.revision)


async def check(unit: Unit, month_id: UUID, *, checked: bool = False) -> None:
    """The rows of a confirmed form that I see and that nobody has checked are checked by me, today (R-151)."""
    month = await FORM.tied(unit, month_id, CONFIRM, lock=True)
    open_rows = await repository.unchecked(unit, month)
    if month.state != "confirmed" or not open_rows:
        raise NothingToCheckError
    _demand_check(checked=checked)
    day = clock.local_date(clock.now())
    await repository.check(unit, open_rows, day)
    await log.check(unit, open_rows, day)
    audit.record(unit, "form_j.checked", FORM.name, [month.id, *open_rows], classes={"case-sensitive"})


def _row(unit: Unit, month: FormJMonth, of: log.Month, row_id: UUID, one: Sent) -> FormJRow:
    return FormJRow(
        tenant_id=unit.tenant_id,
        id=row_id,
        month_id=month.id,
        revision=of.revision,
        referral_id=one.referral.id,
        contact=one.manager,
        checked_on=clock.local_date(of.at) if one.is_mine else None,
        checked_by=unit.me.membership_id if one.is_mine else None,
    )


async def _ask_for_check(unit: Unit, month_id: UUID, revision: int) -> None:
    """Whoever may check the rows that the person who confirmed does not see hears of them, and nobody else."""
    members = await tenants.members(unit)
    free = await FORM.may(unit, members, month_id, CONFIRM)
    told = await repository.may_check(unit, [one for one in members if one.membership_id in free], month_id, revision)
    await notifications.notify(unit, sorted(told - {unit.me.membership_id}), "form_j_unchecked", FORM.name, month_id)


def _demand_check(*, checked: bool) -> None:
    if not checked:
        message = N_("Check each row and say that you did")
        raise Invalid(fields=[FieldError("checked", "required", message)])
