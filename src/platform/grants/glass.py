"""The glass: one record opens to somebody who has no duty there, because nobody else is there (S-36, decisions 27).

A reason and a second person; over after 24 hours at most; whoever answers for the record hears at once and looks
afterwards at everything that was seen.
"""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.grants import kinds, registry, repository, service
from src.platform.grants.errors import FourEyesError, NotNowError
from src.platform.grants.models import AccessGrant
from src.platform.grants.registry import GLASS, Kind
from src.platform.grants.schemas import NewGrant, Seen
from src.platform.grants.service import Typed
from src.platform.grants.states import advance, state_of
from src.platform.kit import clock
from src.platform.kit.errors import Forbidden, Invalid, NotFound
from src.platform.notifications import service as notifications
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

HOURS_MOST = 24
PURPOSES = ("team_absent", "danger_now")
REVIEW = "access_grant.review"
_MOST = 200


def mine(unit: Unit) -> Kind | None:
    """The records whose glass I may break: by the policy of the organisation I am in."""
    for kind in registry.kinds():
        if kind.kind == GLASS and _may(unit, kind):
            return kind
    return None


def _may(unit: Unit, kind: Kind) -> bool:
    return access.may_enter(unit.me, kind.asking) and access.may_enter(unit.me, kind.reading)


async def new(unit: Unit) -> NewGrant:
    """The form. Raises Forbidden to whose role no record opens, glass or not."""
    if (kind := mine(unit)) is None:
        raise Forbidden(kinds.BREAK)
    return NewGrant(fields=[], purposes=list(PURPOSES), hours_most=HOURS_MOST, resource=kind.resource)


async def ask(unit: Unit, *, record: str, purpose: str, reason: str, hours: int) -> UUID:
    """Ask a second person to break the glass with me. Raises Forbidden, Invalid, TooManyWaitError.

    What leads nowhere, and a record whose asker is in conflict, wait like everything else (see `service.ask`).
    """
    if (kind := mine(unit)) is None:
        raise Forbidden(kinds.BREAK)
    if complaints := service.hours_complaints(hours, HOURS_MOST):
        raise Invalid(fields=complaints)
    found = await kind.find(unit, record.strip())
    row = await service.add(
        unit, kind, found, Typed(record=record.strip()), purpose=purpose, reason=reason, hours=hours
    )
    await service.tell_deciders(unit, kind, row, "glass_asked")
    audit.record(
        unit, "glass.asked", "access_grant", [row.id, *([found] if found else [])], detail={"purpose": purpose}
    )
    return row.id


async def review(unit: Unit, grant_id: UUID, version: int, text: str) -> None:
    """I have looked at everything that was seen. Raises NotFound, FourEyesError, NotNowError, StaleVersion."""
    row = await repository.decidable(unit, grant_id)
    if row is None or not may_review(unit, row):
        raise NotFound
    if not is_over(row):
        raise NotNowError
    advance(state_of(row, clock.now()), "review")
    if unit.me.person_id in (await repository.persons(unit, {row.asked_by})).values():
        raise FourEyesError
    await service.write(
        unit,
        row,
        version,
        reviewed_by=unit.me.membership_id,
        reviewed_at=clock.now(),
        review=await vault.seal_text(unit, text, REVIEW, row.id),
    )
    audit.record(unit, "glass.reviewed", "access_grant", [row.id, *([row.record_id] if row.record_id else [])])


def may_review(unit: Unit, row: AccessGrant) -> bool:
    """Whether a glass is for this reader to look at afterwards; never one's own."""
    kind = registry.find(row.kind, row.resource)
    own = row.asked_by == unit.me.membership_id
    return row.kind == GLASS and not own and access.may_enter(unit.me, kind.answering or kind.deciding)


def is_over(row: AccessGrant) -> bool:
    """Whether glass that was broken is closed again, and nobody has looked at it yet."""
    state = state_of(row, clock.now())
    return row.starts_at is not None and state in ("ended", "withdrawn") and row.reviewed_at is None


async def seen(unit: Unit, row: AccessGrant) -> list[Seen]:
    """Everything that was done with the record under broken glass, the latest first."""
    if row.starts_at is None or row.ends_at is None or row.record_id is None:
        return []
    members = {one.membership_id: one.user_id for one in await tenants.members(unit)}
    until = min(row.ends_at, row.withdrawn_at or row.ends_at)
    user = members.get(row.asked_by) or await repository.user_of(unit, row.asked_by)
    done = await audit.done_to(unit, row.record_id, user, since=row.starts_at, until=until, most=_MOST)
    return [
        Seen(at=one.at, action=one.action, classes=one.classes)
        for one in done
        if one.subject_kind != AccessGrant.__tablename__
    ]


async def told_of(unit: Unit, kind: Kind, grant_id: UUID, record_id: UUID, message: str) -> None:
    """A message to everybody who answers for the record, except its asker and me."""
    row = await repository.of_grant(unit, grant_id)
    members = [one for one in await tenants.members(unit) if row is None or one.membership_id != row.asked_by]
    hearing = await kind.deciders(unit, members, record_id, kind.answering or kind.deciding)
    mine = unit.subject.membership_id if unit.subject else None
    told = [one.membership_id for one in hearing if one.membership_id != mine]
    await notifications.notify(unit, told, message, "grant", grant_id)


async def over(unit: Unit, grant_id: UUID) -> None:
    """The end of access for a while; nobody hears of one that ended before by somebody's hand."""
    row = await repository.of_grant(unit, grant_id)
    if row is None or state_of(row, clock.now()) != "ended":
        return
    await notifications.notify(unit, [row.asked_by], "grant_over", "grant", row.id)
    if row.kind == GLASS and row.record_id is not None:
        kind = registry.find(row.kind, row.resource)
        await told_of(unit, kind, row.id, row.record_id, "glass_to_review")
