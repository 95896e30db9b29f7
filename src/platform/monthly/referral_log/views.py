"""What a reader sees of Form J: the referrals that they may read, and how far each month is.

Nobody has a number of rows. A reader in conflict finds here what the list of referrals shows them, and the state of a
month is the same for everybody, so that nothing tells them of a row besides (S-17, R-065).
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.monthly.errors import NotConfirmedError
from src.platform.monthly.frozen import running
from src.platform.monthly.referral_log import repository, service
from src.platform.monthly.referral_log.repository import Kept
from src.platform.monthly.referral_log.schemas import LogMonth, LogRow
from src.platform.monthly.schemas import MonthList, MonthRow
from src.platform.referrals.log.repository import Sent
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_CLASSES = frozenset({"case-sensitive"})


async def listing(unit: Unit, month: int | None = None) -> MonthList:
    """The months of my school, or one of them. Raises NotOverError, NoSuchMonthError."""
    access.require(unit, service.FOLLOW)
    found = await service.FORM.known(unit, month)
    await repository.prefetch_list(unit, [one.id for one in found])
    clocks = await deadlines.of_subjects(unit, [one.id for one in found])
    rows = [
        MonthRow(
            id=one.id, month=one.month, state=one.state, revision=one.revision, clock=next(iter(clocks[one.id]), None)
        )
        for one in found
    ]
    goes_on = running()
    return MonthList(rows=rows, running=goes_on, opens_at=calendar.month_bounds(goes_on)[1])


async def one(unit: Unit, month_id: UUID, revision: int | None = None) -> LogMonth:
    """One month: its confirmed form, an older one, or the rows as they are now where none is confirmed."""
    access.require(unit, service.FOLLOW)
    found = await repository.seen(unit, month_id, revision)
    if found is None or (revision is not None and not 1 <= revision <= found.month.revision):
        raise NotFound
    await repository.prefetch(unit, month_id, service.FORM.turns_of(month_id))
    month, shown = found.month, found.shown
    rows = await _frozen(unit, found.kept) if shown else await _open(unit, found.now)
    clocks = await deadlines.of_subjects(unit, [month_id])
    confirms = access.may(unit.me, service.CONFIRM, found.relations)
    is_newest = month.state == "confirmed" and shown == month.revision
    audit.record(unit, "form_j.read", "form_j", [month_id, *(row.referral_id for row in rows)], classes=_CLASSES)
    return LogMonth(
        id=month_id,
        month=month.month,
        state=month.state,
        revision=month.revision,
        shown=shown,
        clock=next(iter(clocks[month_id]), None),
        rows=rows,
        history=await service.FORM.history(unit, month_id, with_reasons=confirms),
        is_frozen=bool(shown),
        moved=is_newest and {one.sent.referral.id for one in found.kept} != {one.referral.id for one in found.now},
        seen="" if shown else service.fingerprint(found.now),
        may=_may(shown, rows, is_newest=is_newest, confirms=confirms),
        version=month.version,
    )


async def taken(unit: Unit, month_id: UUID, revision: int | None, *, names: bool) -> tuple[LogMonth, str]:
    """A confirmed form as its reader may take it along, and who confirmed it. Raises as `one`, NotConfirmedError."""
    view = await one(unit, month_id, revision)
    if not view.is_frozen:
        raise NotConfirmedError(code="form_j.not_confirmed")
    by = await service.FORM.signer(unit, month_id, view.shown)
    signed = (await _names_of_staff(unit)).get(by, "")
    if not names:
        return view, signed
    cases = {row.case_id for row in view.rows if row.case_id}
    known = await casework.names(unit, cases, subject_kind="form_j", record_id=month_id)
    rows = [msgspec.structs.replace(row, name=known.get(row.case_id) if row.case_id else None) for row in view.rows]
    return msgspec.structs.replace(view, rows=rows), signed


def _may(shown: int, rows: Sequence[LogRow], *, is_newest: bool, confirms: bool) -> list[str]:
    """Verbs that fit the state; papers are made of confirmed forms alone."""
    fitting = {
        "confirm": not shown,
        "check": is_newest and any(row.checked_on is None for row in rows),
        "reopen": is_newest,
    }
    return [*(verb for verb, fits in fitting.items() if fits and confirms), *(["take"] if shown else [])]


async def _frozen(unit: Unit, kept: list[Kept]) -> list[LogRow]:
    rows = [(one.row.id, one.sent, one.row.contact, one.row.checked_on) for one in kept]
    return await _rows(unit, rows)


async def _open(unit: Unit, now: list[Sent]) -> list[LogRow]:
    return await _rows(unit, [(one.referral.id, one, one.manager, None) for one in now])


async def _rows(unit: Unit, rows: list[tuple[UUID, Sent, UUID, date | None]]) -> list[LogRow]:
    known = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)}
    names = await _names_of_staff(unit)
    return [
        LogRow(
            id=row_id,
            referral_id=sent.referral.id,
            case_id=sent.case_id,
            code=await vault.code(unit, "child", sent.code_owner or sent.referral.id),
            service=known[sent.referral.peer_tenant_id],
            support=sent.referral.service_type,
            sent_on=clock.local_date(sent.referral.sent_at),
            contact_person=names.get(contact, ""),
            checked_on=checked_on,
        )
        for row_id, sent, contact, checked_on in rows
    ]


async def _names_of_staff(unit: Unit) -> dict[UUID, str]:
    """Names of those who work here; whoever has left is nobody's contact any more."""
    members = await tenants.members(unit)
    people = await vault.staff_names(unit, [one.person_id for one in members])
    return {one.membership_id: people.get(one.person_id, "") for one in members}
