"""Verbs of Form E: a month ends, its numbers are confirmed and frozen, a frozen form is opened again (`frozen`)."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

import msgspec

from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.forms import registry as forms
from src.platform.forms.definition import Option
from src.platform.incidents import counts
from src.platform.incidents.evidence import proposals
from src.platform.kit import clock
from src.platform.kit.errors import Invalid
from src.platform.kit.ids import new_id
from src.platform.monthly import policy
from src.platform.monthly.errors import NoCityError, NumbersMovedError
from src.platform.monthly.frozen import MonthlyForm
from src.platform.monthly.models import FormE, FormEMonth, FormETurn
from src.platform.monthly.referral_log import service as referral_log
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

FORM = MonthlyForm("form_e", "clk_monthly_e", FormEMonth, FormETurn)
READ, CONFIRM, FOLLOW = "form_e.read", FORM.confirming, FORM.following
BEHAVIOUR = "by_behaviour."
RELATIONS = policy.__name__
_CITY = "education_department"
_SCHOOL = "school"


async def joined(unit: Unit) -> None:
    """A school is here: the form of its first month opens when that month ends (R-052)."""
    if (await tenants.organisation(unit, unit.tenant_id)).kind == _SCHOOL:
        await _wake(unit, calendar.month_of(clock.local_date(clock.now())))


async def month_ended(unit: Unit, month: int) -> None:
    """A month is over: both its forms open, the clocks to the fifth working day run, the next month is waited for."""
    if clock.now() < calendar.month_bounds(month)[1]:
        return
    opened = [await form.open_month(unit, month) for form in (FORM, referral_log.FORM)]
    if any(opened):
        await _wake(unit, calendar.month_after(month))


async def numbers(unit: Unit, month: FormEMonth) -> dict[str, int]:
    """Every number of the form as the records say it now, by the keys of the law."""
    counted, ticked = await counts.between(unit, month.starts_at, month.ends_at)
    helped = await casework.measures_between(unit, month.starts_at, month.ends_at)
    found = counted | msgspec.structs.asdict(helped)
    found |= {BEHAVIOUR + option.key: ticked.get(option.key, 0) for option in behaviours()}
    return {key: found[key] for key in number_keys()}


def number_keys() -> list[str]:
    """The numbers of the form in the order of the law."""
    found: list[str] = []
    for field in forms.form("form_e").fields:
        if field.key == f"{BEHAVIOUR}*":
            found += [BEHAVIOUR + option.key for option in behaviours()]
        elif field.key not in ("school_name", "month", "confirmed_by", "confirmed_at"):
            found.append(field.key)
    return found


def behaviours() -> tuple[Option, ...]:
    """The twelve kinds."""
    return forms.options(forms.form("form_e").field(f"{BEHAVIOUR}*").options).options


def fingerprint(found: Mapping[str, int]) -> str:
    """Which numbers somebody has seen."""
    return hashlib.sha256(msgspec.json.encode(sorted(found.items()))).hexdigest()[:16]


async def confirm(unit: Unit, month_id: UUID, version: int, *, seen: str, note: str = "") -> None:
    """Freeze the numbers as they were seen and send them to the city; the row can be changed by nobody (R-054, R-056).

    Raises NotFound, Forbidden, NotOverError, AlreadyConfirmedError, NumbersMovedError, NoCityError, StaleVersion, and
    Invalid for a note that may name a student (R-071).
    """
    month = await FORM.to_confirm(unit, month_id)
    at = clock.now()
    city = await tenants.nearest(unit, {_CITY})
    if city is None:
        raise NoCityError
    if complaints := await proposals.names_in(unit, note, "note"):
        raise Invalid(fields=complaints)
    found = await numbers(unit, month)
    if fingerprint(found) != seen:
        raise NumbersMovedError
    revision, form_id = month.revision + 1, new_id()
    unit.session.add(
        FormE(
            tenant_id=unit.tenant_id,
            id=form_id,
            peer_tenant_id=city.id,
            month=month.month,
            revision=revision,
            numbers=found,
            own_note=await vault.seal_text(unit, note, "form_e.own_note", form_id) if note else None,
            peer_note=vault.seal_slice(city.recipient_key, note.encode(), form_id) if note else None,
            confirmed_at=at,
        )
    )
    await FORM.freeze(unit, month, version, at, shown=[form_id])


async def _wake(unit: Unit, month: int) -> None:
    _, ends_at = calendar.month_bounds(month)
    await outbox.wake(unit, ends_at, "monthly.month_ended", {"month": month})
