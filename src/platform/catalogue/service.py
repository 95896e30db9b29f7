"""Verbs of the catalogue: an organisation keeps its part and confirms it once a school year (R-270)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.catalogue import repository
from src.platform.catalogue.errors import IncompleteError
from src.platform.catalogue.models import ServiceCatalogue
from src.platform.catalogue.schemas import PARTNER_KINDS, Entry, Office, Service
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar
from src.platform.workdays.errors import SchoolYearUnknown

KEEP, READ, OVERSEE = "catalogue.keep", "catalogue.read", "catalogue.oversee"
CLOCK, SUBJECT = "clk_catalogue", "catalogue"
OPEN_YEAR = "catalogue.open_year"
all_entries = repository.ALL
"""A read that a page may ask for together with its own."""


async def keep_office(unit: Unit, version: int, office: Office) -> None:
    """Write how the office is reached; what was confirmed this year stays so. Raises StaleVersion, NotFound."""
    await _locked(unit)
    await _write(unit, version, **msgspec.structs.asdict(office))
    audit.record(unit, "catalogue.office_kept", SUBJECT, [unit.tenant_id])


async def keep_service(unit: Unit, version: int, *, service_type: str, text: str, districts: Collection[UUID]) -> None:
    """Offer a kind of service, or say anew what it is. Raises StaleVersion, NotFound, Invalid."""
    row = await _locked(unit)
    if set(districts) - (await tenants.district_names(unit)).keys():
        raise Invalid(fields=[FieldError("districts", "not_an_option", N_("Choose one of the answers"))])
    offered = {"text": text, "districts": sorted(str(one) for one in set(districts))}
    await _write(unit, version, services={**row.services, service_type: offered})
    audit.record(unit, "catalogue.service_kept", SUBJECT, [unit.tenant_id], detail={"service": service_type})


async def drop_service(unit: Unit, version: int, *, service_type: str) -> None:
    """Offer a kind of service no longer. Raises StaleVersion, NotFound."""
    row = await _locked(unit)
    if service_type not in row.services:
        raise NotFound
    left = {key: one for key, one in row.services.items() if key != service_type}
    await _write(unit, version, services=left)
    audit.record(unit, "catalogue.service_dropped", SUBJECT, [unit.tenant_id], detail={"service": service_type})


async def confirm(unit: Unit, version: int) -> None:
    """All of it holds in this school year: the year's clock is met. Raises IncompleteError, StaleVersion, NotFound."""
    row = await _locked(unit)
    if not entry(row).is_complete:
        raise IncompleteError
    at = clock.now()
    await _write(unit, version, confirmed_at=at)
    await deadlines.meet(unit, CLOCK, unit.tenant_id, at, period=_period(clock.local_date(at)))
    audit.record(unit, "catalogue.confirmed", SUBJECT, [unit.tenant_id])


async def open_year(unit: Unit) -> None:
    """A school year runs: its confirmation is owed, the next year is waited for. Twice is as once.

    A year whose days nobody has entered yet is asked for again the next day, and never guessed (policies/README.md).
    """
    if (await tenants.organisation(unit, unit.tenant_id)).kind not in PARTNER_KINDS:
        return
    now = clock.now()
    today = clock.local_date(now)
    known = {one.period for one in await deadlines.of_subject(unit, unit.tenant_id) if one.code == CLOCK}
    try:
        if _period(today) not in known:  # what an earlier year missed stays missed
            await deadlines.cancel(unit, CLOCK, unit.tenant_id)
        await deadlines.start(unit, CLOCK, SUBJECT, unit.tenant_id, now, period=_period(today))
        next_day = calendar.add_months(calendar.school_year_start(today), 12)
    except SchoolYearUnknown:
        next_day = calendar.add_days(today, 1)
    row = await repository.own(unit)
    if row is not None and row.confirmed_at is not None and entry(row).is_confirmed:
        await deadlines.meet(unit, CLOCK, unit.tenant_id, row.confirmed_at, period=_period(today))
    await outbox.wake(unit, calendar.at_local(next_day, calendar.MIDNIGHT), OPEN_YEAR, {})


async def entries(unit: Unit) -> dict[UUID, Entry]:
    """What every organisation of the region offers; one that wrote nothing is not among them."""
    return {row.tenant_id: entry(row) for row in await repository.entries(unit)}


def entry(row: ServiceCatalogue | None) -> Entry:
    """An organisation's part, and how it stands today (R-270)."""
    if row is None:
        return Entry()
    office = Office(address=row.address, phone=row.phone, contact_person=row.contact_person, hours=row.hours)
    year = calendar.school_year_start(clock.local_date(clock.now()))
    confirmed = row.confirmed_at is not None and clock.local_date(row.confirmed_at) >= year
    is_complete = bool(row.services) and all(msgspec.structs.astuple(office))
    return Entry(
        office=office,
        services=msgspec.convert(row.services, dict[str, Service]),
        is_complete=is_complete,
        is_confirmed=confirmed and is_complete,
    )


def _period(day: date) -> str:
    year = calendar.school_year_start(day).year
    return f"{year}/{year + 1}"


async def _locked(unit: Unit) -> ServiceCatalogue:
    """The own part, locked, for who keeps it; an empty one is begun."""
    access.require(unit, KEEP)
    if (await tenants.organisation(unit, unit.tenant_id)).kind not in PARTNER_KINDS:
        raise NotFound
    await repository.begin(unit)
    row = await repository.own(unit, lock=True)
    if row is None:
        raise NotFound
    return row


async def _write(unit: Unit, version: int, **changes: object) -> None:
    if not await repository.write(unit, version, changed_at=clock.now(), **changes):
        raise StaleVersion
