"""Requests as their asker and those who decide them may see them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.grants import glass, kinds, registry, repository, service
from src.platform.grants.models import AccessGrant
from src.platform.grants.registry import GLASS, NAMES
from src.platform.grants.schemas import Decided, GrantList, GrantRow, GrantView, NewGrant
from src.platform.grants.states import WAITING, state_of
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import granted
from src.platform.vault import service as vault

_VERBS = {"ask": kinds.ASK, "decide": kinds.DECIDE}
_LINKS = {"incident": "/incidents/{id}", "referral": "/referrals/{id}"}
_DECISIONS = (
    ("first_by", "first_at", "agreed"),
    ("second_by", "second_at", "agreed"),
    ("refused_by", "refused_at", "refused"),
    ("withdrawn_by", "withdrawn_at", "withdrawn"),
    ("reviewed_by", "reviewed_at", "reviewed"),
)


async def listing(unit: Unit) -> GrantList:
    """What I asked for and what I may decide; somebody in conflict has no line about the record (R-065)."""
    access.require(unit, kinds.FOLLOW)
    rows = await repository.listed(unit)
    known = await _Known.of(unit, rows)
    lines = [await known.line(unit, row) for row in rows]
    others = [one for one in lines if not one.is_mine]
    audit.record(unit, "grant.listed", "access_grant", [row.id for row in rows])
    return GrantList(
        mine=[one for one in lines if one.is_mine],
        to_decide=[one for one in others if one.state in WAITING],
        held=[one for one in others if one.state == "open"],
        past=[one for one in others if one.state not in (*WAITING, "open")],
        may=[
            *(verb for verb, permission in _VERBS.items() if access.may_enter(unit.me, permission)),
            *(["break"] if glass.mine(unit) else []),
        ],
    )


async def new(unit: Unit) -> NewGrant:
    """The form for names."""
    access.require(unit, kinds.ASK)
    return NewGrant(fields=list(granted.FIELDS), purposes=list(service.PURPOSES), hours_most=service.HOURS_MOST)


async def one(unit: Unit, grant_id: UUID) -> GrantView:
    """One request. Raises NotFound alike for all that is not mine to see."""
    access.require(unit, kinds.FOLLOW)
    row = await repository.one(unit, grant_id)
    if row is None:
        raise NotFound
    known = await _Known.of(unit, [row])
    line = await known.line(unit, row)
    audit.record(unit, "grant.read", "access_grant", [row.id])
    return GrantView(
        id=row.id,
        kind=row.kind,
        resource=row.resource,
        record=line.record,
        link="" if line.is_mine else _LINKS[row.resource].format(id=row.record_id),
        code=line.code,
        asker=line.asker,
        asker_roles=known.roles(row.asked_by),
        is_mine=line.is_mine,
        fields=row.fields,
        purpose=row.purpose,
        reason=await vault.open_text(unit, row.reason, service.REASON, row.id),
        hours=row.hours,
        needed=row.needed,
        state=line.state,
        asked_at=row.asked_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        decided=known.decided(row),
        seen=await glass.seen(unit, row) if glass.may_review(unit, row) else None,
        review=await vault.open_text(unit, row.review, glass.REVIEW, row.id) if row.review else None,
        may=_may(unit, row, line.state),
        reviewed=row.reviewed_at is not None,
        version=row.version,
    )


def _may(unit: Unit, row: AccessGrant, state: str) -> list[str]:
    me = unit.me.membership_id
    if row.asked_by == me:
        found = ["withdraw"] if state in (*WAITING, "open") else []
        return [*found, "use"] if state == "open" and row.kind == NAMES else found
    if state in WAITING:
        return ["agree", "refuse"] if row.first_by != me else ["refuse", "withdraw"]
    found = ["withdraw"] if state == "open" else []
    return [*found, "review"] if glass.may_review(unit, row) and glass.is_over(row) else found


async def _labels(unit: Unit, rows: Collection[AccessGrant]) -> dict[UUID, str]:
    """What the records of others' requests are called: one statement for each kind of record."""
    wanted: dict[str, set[UUID]] = {}
    for row in rows:
        if row.record_id is not None and row.asked_by != unit.me.membership_id:
            wanted.setdefault(row.resource, set()).add(row.record_id)
    found: dict[UUID, str] = {}
    for resource, ids in wanted.items():
        kind = registry.find(GLASS, resource)
        found |= await kind.codes(unit, ids) if kind.codes else {}
    return found


class _Known:
    """Colleagues and records that requests speak of."""

    def __init__(self, members: Collection[Member], names: Mapping[UUID, str], labels: Mapping[UUID, str]) -> None:
        self._members = {one.membership_id: one for one in members}
        self._names, self._labels = names, labels

    @classmethod
    async def of(cls, unit: Unit, rows: Collection[AccessGrant]) -> "_Known":
        members = await tenants.members(unit)
        names = await vault.staff_names(unit, [one.person_id for one in members])
        return cls(members, names, await _labels(unit, rows))

    def name(self, membership_id: UUID) -> str:
        member = self._members.get(membership_id)
        return self._names.get(member.person_id, "") if member else ""

    def roles(self, membership_id: UUID) -> list[str]:
        member = self._members.get(membership_id)
        return sorted(member.roles) if member else []

    async def line(self, unit: Unit, row: AccessGrant) -> GrantRow:
        is_mine = row.asked_by == unit.me.membership_id
        typed = await service.opened_typed(unit, row)
        code = typed.code
        if not is_mine and row.owner_id is not None:
            code = await vault.code(unit, row.owner_word, row.owner_id)
        return GrantRow(
            id=row.id,
            kind=row.kind,
            resource=row.resource,
            record=typed.record if is_mine else self._labels.get(row.record_id or row.id, ""),
            code=code,
            asker=self.name(row.asked_by),
            is_mine=is_mine,
            state=state_of(row, clock.now()),
            asked_at=row.asked_at,
            ends_at=row.ends_at,
        )

    def decided(self, row: AccessGrant) -> list[Decided]:
        found = []
        for by, at, what in _DECISIONS:
            if (who := getattr(row, by)) is not None:
                found.append(Decided(name=self.name(who), what=what, at=getattr(row, at)))
        return found
