"""Being away: the person or who keeps absences says from when to when and who stands in; the ladder asks here."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import AbsencePage, AbsenceRow, Person
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Forbidden, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_, sort_key
from src.platform.tenants import absences as stored
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

KEEPS = "absence.keep"
_FAMILY = "report.tell"


async def present(unit: Unit, members: Sequence[Member]) -> list[tuple[Member, bool]]:
    """Who of these is here today; who is away is stood in for by the deputy, unless that one is away as well."""
    if not members:
        return []
    today = clock.local_date(clock.now())
    away = await stored.on(unit, today, [one.membership_id for one in members])
    here = [(one, False) for one in members if one.membership_id not in away]
    deputies = {deputy for deputy in away.values() if deputy}
    if deputies:
        gone = await stored.on(unit, today, deputies)
        here += [(one, True) for one in await tenants.members(unit, deputies - gone.keys())]
    return here


async def note(unit: Unit, *, membership_id: UUID, first_day: date, last_day: date, deputy: UUID | None = None) -> UUID:
    """Somebody is away. Raises Forbidden for a colleague's without the right to keep absences, Invalid."""
    keeps = _may(unit)
    if membership_id != unit.me.membership_id and not keeps:
        raise Forbidden(KEEPS)
    known = {one.membership_id for one in await tenants.members(unit)}
    complaints = []
    if membership_id not in known:
        complaints.append(FieldError("membership_id", "not_a_colleague", N_("Choose a colleague")))
    if deputy is not None and (deputy not in known or deputy == membership_id):
        complaints.append(FieldError("deputy", "not_a_colleague", N_("Choose another colleague")))
    if last_day < first_day:
        complaints.append(FieldError("last_day", "before_first", N_("The last day cannot be before the first")))
    elif last_day < clock.local_date(clock.now()):
        complaints.append(FieldError("last_day", "in_past", N_("These days have passed")))
    if complaints:
        raise Invalid(fields=complaints)
    absence_id = await stored.add(unit, membership_id, first_day, last_day, deputy)
    audit.record(unit, "absence.noted", "membership", [membership_id, absence_id])
    return absence_id


async def end(unit: Unit, absence_id: UUID, version: int) -> None:
    """Back again, or never gone. Raises NotFound, StaleVersion."""
    keeps, row = _may(unit), await stored.locked(unit, absence_id)
    if row is None or (row.membership_id != unit.me.membership_id and not keeps):
        raise NotFound
    if row.version != version:
        raise StaleVersion
    stored.end(row)
    audit.record(unit, "absence.ended", "membership", [row.membership_id, row.id])


async def page(unit: Unit) -> AbsencePage:
    """Absences that are not over: mine and those where I stand in; everybody's for who keeps them."""
    keeps, me = _may(unit), unit.me.membership_id
    read = stored.not_over(clock.local_date(clock.now()))
    await together.prefetch(unit.session, read, tenants.all_members())
    members = await tenants.members(unit)
    by_person = await vault.staff_names(unit, [one.person_id for one in members])
    names = {one.membership_id: by_person.get(one.person_id, "") for one in members}
    rows = [
        AbsenceRow(
            id=row.id,
            name=names.get(row.membership_id, ""),
            first_day=row.first_day,
            last_day=row.last_day,
            deputy=names.get(row.deputy, "") if row.deputy else "",
            version=row.version,
            mine=row.membership_id == me,
        )
        for row in await together.rows(unit.session, read)
        if keeps or me in (row.membership_id, row.deputy)
    ]
    people = sorted((Person(i, name) for i, name in names.items()), key=lambda one: sort_key(one.name))
    return AbsencePage(rows=rows, colleagues=people, keeps=keeps, me=me)


def _may(unit: Unit) -> bool:
    """Whether the person keeps everybody's absences. Students and parents have none. Raises Forbidden."""
    if access.may_enter(unit.me, _FAMILY):
        raise Forbidden(KEEPS)
    return access.may_enter(unit.me, KEEPS)
