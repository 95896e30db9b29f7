"""What a reader sees of Form E: its numbers for who checks it and for the city, the state of a month for the rest.

The numbers are the same for everybody who has them. Whoever else works in the school has none at all, always: beside
an own list of incidents, a total would tell somebody in conflict that there is one more, and what of it (R-065).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.service import Due
from src.platform.forms import registry as forms
from src.platform.incidents import states
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import gettext, sort_key
from src.platform.monthly import repository, rules, service
from src.platform.monthly.errors import NoSuchMonthError, NotConfirmedError, NotOverError
from src.platform.monthly.frozen import Tied, is_month, running
from src.platform.monthly.models import FormE, FormEMonth
from src.platform.monthly.schemas import CityForm, CityForms, CityRow, Count, MonthList, MonthRow, MonthView
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_CITY = "oversight.read"
_FIRST_YEAR = 2024
_EACH = f"{service.BEHAVIOUR}*"


async def listing(unit: Unit, month: int | None = None) -> MonthList:
    """The months of my school, or one of them. Raises NotOverError, NoSuchMonthError."""
    access.require(unit, service.FOLLOW)
    found = await service.FORM.known(unit, month)
    clocks = await deadlines.of_subjects(unit, [one.id for one in found])
    rows = [
        MonthRow(id=one.id, month=one.month, state=one.state, revision=one.revision, clock=_clock(clocks[one.id]))
        for one in found
    ]
    goes_on = running()
    return MonthList(rows=rows, running=goes_on, opens_at=calendar.month_bounds(goes_on)[1])


async def one(unit: Unit, month_id: UUID, revision: int | None = None) -> MonthView:
    """One month: its frozen form, an older one, or the numbers as they are now where none is confirmed."""
    access.require(unit, service.FOLLOW)
    found = await service.FORM.one(unit, month_id)
    await repository.prefetch_month(unit, found.month)
    kept = await repository.forms_of(unit, found.month.month)
    frozen = _frozen(found.month, kept, revision)
    if not access.may(unit.me, service.READ, found.relations):
        audit.record(unit, "form_e.followed", "form_e", [month_id])
        return await _view(unit, found, kept, None, {})
    shown = frozen.numbers if frozen else await service.numbers(unit, found.month)
    audit.record(unit, "form_e.read", "form_e", [month_id], classes={"school-internal"})
    return await _view(unit, found, kept, frozen, shown)


async def taken(unit: Unit, month_id: UUID, revision: int | None) -> tuple[FormE, UUID]:
    """A confirmed form to take along, and who confirmed it. Raises NotFound, Forbidden, NotConfirmedError."""
    month = await service.FORM.tied(unit, month_id, service.READ)
    await repository.prefetch_month(unit, month)
    kept = await repository.forms_of(unit, month.month)
    chosen = next((one for one in kept if revision in (None, one.revision)), None)
    if chosen is None:
        raise NotConfirmedError(code="form_e.not_confirmed")
    return chosen, await service.FORM.signer(unit, month_id, chosen.revision)


async def city(unit: Unit, month: int | None) -> CityForms:
    """Which school has confirmed its form of a month; the newest version of each. Raises as `listing`."""
    access.require(unit, _CITY)
    last = calendar.month_after(running(), -1)
    chosen = last if month is None else month
    if not is_month(chosen) or chosen < _FIRST_YEAR * 100:
        raise NoSuchMonthError(code="form_e.no_such_month")
    if chosen > last:
        raise NotOverError(code="form_e.month_not_over")
    newest: dict[UUID, FormE] = {}
    for form in await repository.received(unit, chosen):
        newest.setdefault(form.tenant_id, form)
    districts = await tenants.district_names(unit)
    rows = []
    for school in await tenants.organisations(unit, ["school"]):
        kept = newest.get(school.id)
        rows.append(
            CityRow(
                school=school.name(unit.language),
                district=districts.get(school.district_id) if school.district_id else None,
                form_id=kept.id if kept else None,
                revision=kept.revision if kept else 0,
                confirmed_at=kept.confirmed_at if kept else None,
            )
        )
    audit.record(unit, "form_e.listed", "form_e", [one.id for one in newest.values()])
    return CityForms(
        month=chosen,
        earlier=calendar.month_after(chosen, -1),
        later=calendar.month_after(chosen) if chosen < last else None,
        rows=sorted(rows, key=lambda row: sort_key(row.school)),
    )


async def city_form(unit: Unit, form_id: UUID) -> CityForm:
    """One confirmed form, exact (decisions 27). Raises NotFound."""
    form = await received(unit, form_id)
    versions = await repository.received(unit, form.month)
    school = await tenants.organisation(unit, form.tenant_id)
    audit.record(unit, "form_e.read", "form_e", [form_id])
    return CityForm(
        id=form.id,
        school=school.name(unit.language),
        month=form.month,
        revision=form.revision,
        newest=form.revision == max(one.revision for one in versions if one.tenant_id == form.tenant_id),
        confirmed_at=form.confirmed_at,
        counts=counts(form.numbers, unit.language),
        note=(await vault.open_slice(unit, form.peer_note, form.id)).decode() if form.peer_note else None,
    )


async def received(unit: Unit, form_id: UUID) -> FormE:
    """A form that was sent to the city. Raises NotFound."""
    access.require(unit, _CITY)
    form = await repository.received_one(unit, form_id)
    if form is None:
        raise NotFound
    return form


def counts(shown: Mapping[str, int], language: str, rows_at: Mapping[str, str] | None = None) -> list[Count]:
    """The numbers under the labels of the law."""
    return [
        Count(
            key=key,
            label=label(key, language),
            value=shown[key],
            rule=gettext(rules.of(key)),
            group=label(_EACH, language) if key.startswith(service.BEHAVIOUR) else "",
            rows_at=(rows_at or {}).get(key),
        )
        for key in service.number_keys()
    ]


def label(key: str, language: str) -> str:
    """What the printed form calls a number."""
    if key.startswith(service.BEHAVIOUR) and key != _EACH:
        return forms.options("problem_behaviour").label(key.removeprefix(service.BEHAVIOUR), language)
    return forms.form("form_e").field(key).labels.in_language(language)


async def _view(
    unit: Unit, found: Tied[FormEMonth], kept: list[FormE], frozen: FormE | None, shown: Mapping[str, int]
) -> MonthView:
    month = found.month
    clocks = await deadlines.of_subjects(unit, [month.id])
    reads = bool(shown)
    return MonthView(
        id=month.id,
        month=month.month,
        state=month.state,
        revision=month.revision,
        shown=frozen.revision if frozen else 0,
        clock=_clock(clocks[month.id]),
        history=await service.FORM.history(unit, month.id, with_reasons=reads),
        counts=counts(shown, unit.language, _lists(unit, month)) if reads else [],
        is_frozen=frozen is not None,
        confirmed_at=kept[0].confirmed_at if kept and month.state == "confirmed" else None,
        seen=service.fingerprint(shown) if reads and not frozen else "",
        note=await _note(unit, frozen),
        may=_may(unit, found, frozen),
        version=month.version,
    )


def _may(unit: Unit, found: Tied[FormEMonth], frozen: FormE | None) -> list[str]:
    """Verbs that fit the state; papers are made of frozen forms alone."""
    is_confirmed = found.month.state == "confirmed"
    fitting = {"reopen": is_confirmed, "confirm": not is_confirmed and frozen is None}
    may = [verb for verb, fits in fitting.items() if fits and access.may(unit.me, service.CONFIRM, found.relations)]
    return [*may, *(["take"] if frozen else [])]


def _frozen(month: FormEMonth, kept: list[FormE], revision: int | None) -> FormE | None:
    if revision is not None:
        return _chosen(kept, revision)
    return kept[0] if kept and month.state == "confirmed" else None


def _chosen(kept: list[FormE], revision: int) -> FormE:
    for one in kept:
        if one.revision == revision:
            return one
    raise NotFound


async def _note(unit: Unit, frozen: FormE | None) -> str | None:
    if frozen is None or frozen.own_note is None:
        return None
    return await vault.open_text(unit, frozen.own_note, "form_e.own_note", frozen.id)


def _lists(unit: Unit, month: FormEMonth) -> dict[str, str]:
    """The list behind a number, for who has it; only where a filter of the list is the rule of the number."""
    if not access.may_enter(unit.me, "incident.read"):
        return {}
    first, last = clock.local_date(month.starts_at), clock.local_date(calendar.last_moment_of(month.month))
    counted: list[Any] = [("state", state) for state in sorted(set(states.TRANSITIONS.values()) | {"reported"})]
    query = urlencode([*counted, ("reported_from", first.isoformat()), ("reported_to", last.isoformat())])
    return {"cases_total": f"/incidents?{query}"}


def _clock(clocks: list[Due]) -> Due | None:
    return clocks[0] if clocks else None
