"""Who opens unusually much outside their own work, and whom that concerns (ADR 39).

An hourly look reads what the audit chain has got since the last one. Own work is what the policy ties the person to,
and what they ever did something with; the rest they open by a wide role alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.readership import browsing_repository as repository
from src.platform.readership import registry
from src.platform.readership.models import BrowsingDay
from src.platform.readership.schemas import BrowsedRecord, Browsing
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

LOOK, TELL = "readership.look", "notifications.browsed"
_EVERY = timedelta(hours=1)


@dataclass(slots=True)
class _Day:
    """What one person did on one day since the last look."""

    opened: dict[str, set[UUID]] = field(default_factory=dict)
    searches: int = 0


async def look(unit: Unit, since: int) -> None:
    """Look at the rows of the chain after `since`, and look again in an hour; 0 remembers where the chain stands."""
    head, now = await audit.head(unit), clock.now()
    await outbox.wake(unit, now + _EVERY, LOOK, {"since": head})
    await repository.forget(unit, clock.local_date(now - _EVERY))
    if not 0 < since < head:
        return
    done = await _since(unit, since, head)
    members = {one.user_id: one for one in await tenants.members(unit)}
    await _tell_of(unit, await _added(unit, done, await _aside(unit, done, members), members))


async def hearing(unit: Unit, members: list[Member], day_id: UUID) -> list[Member]:
    """Who of some members is told: who may ask who has looked at any record, else at some; never the person."""
    row = await repository.one(unit, day_id)
    told = _concerned(row.user_id, await tenants.members(unit)) if row else set()
    return [one for one in members if one.membership_id in told]


async def shown(unit: Unit, day_id: UUID) -> Browsing:
    """What somebody opened on a day, as far as the reader may too. Raises NotFound to whom it does not concern."""
    access.require(unit, "incident.show_readers")
    row = await repository.one(unit, day_id)
    members = await tenants.members(unit)
    if row is None or unit.me.membership_id not in _concerned(row.user_id, members):
        raise NotFound
    person = next((one.person_id for one in members if one.user_id == row.user_id), None)
    names = await vault.staff_names(unit, [person] if person else [])
    records = await _records(unit, row)
    audit.record(unit, "access.browsing_shown", "browsing", [row.id, *(one.id for one in records)])
    return Browsing(
        id=row.id, name=names.get(person, "") if person else "", day=row.day, searches=row.searches, rows=records
    )


async def _records(unit: Unit, row: BrowsingDay) -> list[BrowsedRecord]:
    """By number or code; whoever may not ask of one who has looked at it does not learn that it is among them."""
    kinds = [one for one in registry.kinds() if access.may_enter(unit.me, one.asking)]
    found = await repository.readable(unit, kinds, row.records, await vault.facts(unit))
    asking = {one.resource: one.asking for one in kinds}
    mine = [one for one in found if access.may(unit.me, asking[one[0]], one[3])]
    codes = await vault.codes(unit, [("child", record) for _, record, _, _ in mine])
    return sorted(
        (
            BrowsedRecord(id=record, resource=resource, label=number or code)
            for (resource, record, number, _), code in zip(mine, codes, strict=True)
        ),
        key=lambda one: (one.resource, one.label),
    )


async def _since(unit: Unit, since: int, until: int) -> dict[tuple[UUID, date], _Day]:
    days: dict[tuple[UUID, date], _Day] = {}
    for user, day, kind, ids in await audit.opened_between(unit, since, until):
        days.setdefault((user, day), _Day()).opened.setdefault(kind, set()).update(ids)
    for user, day, times in await audit.searched_between(unit, since, until):
        days.setdefault((user, day), _Day()).searches += times
    return days


async def _added(
    unit: Unit,
    done: Mapping[tuple[UUID, date], _Day],
    aside: Mapping[UUID, set[UUID]],
    members: Collection[UUID],
) -> list[BrowsingDay]:
    """The days of people with what they did since the last look."""
    new: dict[tuple[UUID, date], tuple[set[UUID], int]] = {}
    for (user, day), one in done.items():
        records = set[UUID]().union(*one.opened.values()) & aside.get(user, set())
        if user in members and (records or one.searches):
            new[user, day] = records, one.searches
    known = await repository.days(unit, list(new)) if new else {}
    for (user, day), (records, searches) in new.items():
        if (row := known.get((user, day))) is None:
            row = known[user, day] = BrowsingDay(
                tenant_id=unit.tenant_id, id=new_id(), user_id=user, day=day, records=[], searches=0
            )
            unit.session.add(row)
        row.records, row.searches = sorted(records.union(row.records)), row.searches + searches
    return list(known.values())


async def _aside(
    unit: Unit, days: Mapping[tuple[UUID, date], _Day], members: Mapping[UUID, Member]
) -> dict[UUID, set[UUID]]:
    by_kind: dict[tuple[UUID, str], set[UUID]] = {}
    for (user, _), done in days.items():
        for resource, ids in done.opened.items():
            by_kind.setdefault((user, resource), set()).update(ids)
    kinds = {one.resource: one for one in registry.kinds()}
    opened = [
        (kinds[resource], members[user], ids)
        for (user, resource), ids in by_kind.items()
        if user in members and resource in kinds
    ]
    facts = await vault.facts_of_members(unit, list({one.membership_id: one for _, one, _ in opened}.values()))
    return await repository.not_of_their_work(unit, opened, facts)


async def _tell_of(unit: Unit, days: Iterable[BrowsingDay]) -> None:
    most, searches = [await tenants.setting(unit, f"browsing_{one}") for one in ("records", "searches")]
    loud = [one for one in days if one.told_at is None and (len(one.records) >= most or one.searches >= searches)]
    if not loud:
        return
    for one in loud:
        one.told_at = clock.now()
    members = await tenants.members(unit)
    for one in loud:
        if _concerned(one.user_id, members):
            await outbox.emit(unit, TELL, {"browsing_day": one.id})
        else:
            await tenants.alert_commission(unit, Alert.BROWSING)
    audit.record(unit, "browsing.noticed", "browsing", [one.id for one in loud])


def _concerned(user_id: UUID, everybody: Collection[Member]) -> set[UUID]:
    theirs = {user_id} | {one.person_id for one in everybody if one.user_id == user_id}
    others = [one for one in everybody if not {one.user_id, one.person_id} & theirs]
    asking = [one.asking for one in registry.kinds()]
    everything = {one.membership_id for one in others if all(access.grounds(one.roles, each) for each in asking)}
    something = {one.membership_id for one in others if any(access.grounds(one.roles, each) for each in asking)}
    return everything or something
