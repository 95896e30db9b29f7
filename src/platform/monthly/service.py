"""Verbs of Form E: a month ends, its numbers are confirmed and frozen, a frozen form is opened again as a new one."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.forms import registry as forms
from src.platform.forms.definition import Option
from src.platform.incidents import counts
from src.platform.incidents.evidence import proposals
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Forbidden, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.monthly import repository
from src.platform.monthly.errors import (
    AlreadyConfirmedError,
    NoCityError,
    NotConfirmedError,
    NotOverError,
    NumbersMovedError,
)
from src.platform.monthly.models import FormE, FormEMonth, FormETurn
from src.platform.monthly.repository import Tied
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

CLOCK = "clk_monthly_e"
READ, CONFIRM, FOLLOW = "form_e.read", "form_e.confirm", "form_e.follow"
BEHAVIOUR = "by_behaviour."
_CITY = "education_department"
_SCHOOL = "school"


async def joined(unit: Unit) -> None:
    """A school is here: the form of its first month opens when that month ends (R-052)."""
    if (await tenants.organisation(unit, unit.tenant_id)).kind == _SCHOOL:
        await _wake(unit, calendar.month_of(clock.local_date(clock.now())))


async def month_ended(unit: Unit, month: int) -> None:
    """A month is over: its form opens, the clock to the fifth working day runs, the next month is waited for."""
    starts_at, ends_at = calendar.month_bounds(month)
    if clock.now() < ends_at:
        return
    month_id = await repository.open_month(unit, month, starts_at, ends_at)
    if month_id is None:
        return
    await deadlines.start(unit, CLOCK, "form_e", month_id, calendar.last_moment_of(month))
    await _tell(unit, month_id)
    audit.record(unit, "form_e.opened", "form_e", [month_id])
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
    month = (await tied(unit, month_id, CONFIRM, lock=True)).month
    at = clock.now()
    if at < month.ends_at:
        raise NotOverError
    if month.state == "confirmed":
        raise AlreadyConfirmedError
    city = await tenants.nearest(unit, {_CITY})
    if city is None:
        raise NoCityError
    await _refuse_names(unit, note)
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
    await _turn(unit, month, version, "confirmed", revision, at, reason=None)
    await deadlines.meet(unit, CLOCK, month.id, at)
    audit.record(unit, "form_e.confirmed", "form_e", [month.id, form_id], detail={"revision": revision})


async def reopen(unit: Unit, month_id: UUID, version: int, *, reason: str) -> None:
    """Correct a confirmed form: the old one stays with the city until a new one is confirmed (R-056)."""
    month = (await tied(unit, month_id, CONFIRM, lock=True)).month
    if month.state != "confirmed":
        raise NotConfirmedError
    await _turn(unit, month, version, "reopened", month.revision, clock.now(), reason=reason)
    audit.record(unit, "form_e.reopened", "form_e", [month.id], detail={"revision": month.revision})


async def tied(unit: Unit, month_id: UUID, permission: str, *, lock: bool = False) -> Tied:
    """A month that a permission opens. Raises NotFound, and Forbidden alike for another role and for a conflict."""
    found = await repository.one(unit, month_id, lock=lock)
    if found is None:
        raise NotFound
    if not access.may(unit.me, permission, found.relations):
        raise Forbidden(permission)
    return found


async def _turn(
    unit: Unit, month: FormEMonth, version: int, kind: str, revision: int, at: datetime, *, reason: str | None
) -> None:
    if not await repository.write(unit, month, version, state=kind, revision=revision):
        raise StaleVersion
    turn_id = new_id()
    unit.session.add(
        FormETurn(
            tenant_id=unit.tenant_id,
            id=turn_id,
            month_id=month.id,
            revision=revision,
            kind=kind,
            at=at,
            by_membership=unit.me.membership_id,
            reason=await vault.seal_text(unit, reason, "form_e_turn.reason", turn_id) if reason else None,
        )
    )


async def _refuse_names(unit: Unit, note: str) -> None:
    """Raises Invalid naming the places of the words, never the words."""
    places = await proposals.places_of_names(unit, note) if note else []
    if places:
        message = N_("The city is told no name of a child. Words number %(places)s may be one: write it without them")
        params = (("places", ", ".join(str(place) for place in places)),)
        raise Invalid(fields=[FieldError("note", "may_name_a_child", message, params)])


async def _tell(unit: Unit, month_id: UUID) -> None:
    """Coordinators, whether they are in conflict or not: a message that fails to come would tell them; the deputy."""
    members = await tenants.members(unit)
    free = await repository.may(unit, members, month_id, CONFIRM)
    told = {one.membership_id for one in members if one.roles & access.holders(CONFIRM)} | free
    await notifications.notify(unit, sorted(told), "form_e_opened", "form_e", month_id)


async def _wake(unit: Unit, month: int) -> None:
    _, ends_at = calendar.month_bounds(month)
    await outbox.wake(unit, ends_at, "monthly.month_ended", {"month": month})
