"""What the secretary sees of the schools' logs: every row, a code, and a name only with a case (R-152, R-068)."""

from urllib.parse import urlencode
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.commission.referral_log import repository
from src.platform.commission.referral_log.repository import Entry
from src.platform.commission.referral_log.schemas import EntryList, EntryRow
from src.platform.commission.schemas import Choice
from src.platform.db.unit import Unit
from src.platform.kit import cursor
from src.platform.kit.i18n import sort_key
from src.platform.referrals.schemas import PARTNER_KINDS, Slice
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.vault import service as vault

READ = "referral_log_entry.read"
PAGE_SIZE = 50
_NAMES = frozenset({"identity-victim", "identity-offender"})
_KIND = "referral_log_entry"


async def listing(
    unit: Unit,
    *,
    school: UUID | None = None,
    month: int | None = None,
    service: UUID | None = None,
    after: str | None = None,
    with_names: bool = False,
) -> EntryList:
    """One page of what schools refer, with names on a press. Raises Invalid for a damaged cursor."""
    access.require(unit, READ)
    place = cursor.place(after)
    found, total = await repository.page(
        unit, school=school, month=month, service=service, after=place, most=PAGE_SIZE + 1
    )
    shown = found[:PAGE_SIZE]
    organisations = {one.id: one for one in await tenants.organisations(unit)}
    known = {one.id: one.name(unit.language) for one in organisations.values()}
    names = await _names(unit, shown) if with_names else {}
    rows = [
        EntryRow(
            id=one.row.id,
            code=await vault.code(unit, "child", one.row.mark),
            school=known[one.row.tenant_id],
            month=one.row.month,
            service=known[one.row.service],
            support=one.row.support,
            sent_on=one.row.sent_on,
            checked_on=one.row.checked_on,
            name=names.get(one.row.id),
            case_id=one.case_id,
        )
        for one in shown
    ]
    if rows:
        audit.record(unit, "referral_log.listed", _KIND, [row.id for row in rows], classes={"case-sensitive"})
    last = shown[-1].row if len(found) > PAGE_SIZE else None
    given = {"school": school, "month": month, "service": service}
    asked = {name: str(value) for name, value in given.items() if value is not None}
    return EntryList(
        rows=rows,
        total=total,
        schools=_choices(unit, [one for one in organisations.values() if one.kind == "school"]),
        services=_choices(unit, [one for one in organisations.values() if one.kind in PARTNER_KINDS]),
        asked=asked,
        after=cursor.after(last.entered_at, last.id) if last else None,
        query=urlencode(asked),
        place=after or "",
        may=["name"] if not with_names and any(one.case_id for one in shown) else [],
    )


async def _names(unit: Unit, shown: list[Entry]) -> dict[UUID, str]:
    """Names by row, from the request on which the commission opened its case; one audit row."""
    if not access.classes(unit.me, READ) >= _NAMES:
        return {}
    opened: dict[UUID, str] = {}
    for one in shown:
        if one.case_id is not None and one.sealed_request is not None:
            raw = await vault.open_slice(unit, one.sealed_request, one.case_id)
            opened[one.row.id] = _name(msgspec.json.decode(raw, type=Slice))
    if opened:
        audit.record(unit, "identity.read", _KIND, list(opened), classes=_NAMES)
    return opened


def _name(told: Slice) -> str:
    if told.form_k is not None:
        return told.form_k.child_name
    return " ".join(part for part in (told.family_name, told.given_name, told.patronymic) if part)


def _choices(unit: Unit, found: list[Organisation]) -> list[Choice]:
    return sorted((Choice(one.id, one.name(unit.language)) for one in found), key=lambda one: sort_key(one.name))
