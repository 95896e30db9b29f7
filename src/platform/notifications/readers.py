"""Who may hear of a record when an e-mail is sent: who has lost the right meanwhile gets nothing (decisions 17)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import readers as clock_readers
from src.platform.deadlines import service as deadlines
from src.platform.joining import recovery, recovery_repository
from src.platform.kit import clock
from src.platform.longwork import service as longwork
from src.platform.readership import browsing
from src.platform.tenants.schemas import Member

MayHear = Callable[[Unit, list[Member], UUID], Awaitable[list[Member]]]
_HEAR_OF_SCHOOLS = ("school.be_alerted", "serious_sign.be_told")
_asked: dict[str, MayHear] = {}


def register(subject_kind: str, may_hear: MayHear) -> None:
    """Say who of some members may hear of a record whose kind has no clocks."""
    _asked[subject_kind] = may_hear


async def may_hear(unit: Unit, member: Member, subject_kind: str, subject_id: UUID) -> bool:
    """Whether a member may still hear of a record; of a kind that nobody answers for, nobody hears."""
    asked = _asked.get(subject_kind)
    if asked is not None:
        return bool(await asked(unit, [member], subject_id))
    return bool(await clock_readers.of(unit, subject_kind, [member], subject_id))


async def _owner(_unit: Unit, members: list[Member], user_id: UUID) -> list[Member]:
    return [one for one in members if one.user_id == user_id]


async def _alerted(_unit: Unit, members: list[Member], _school: UUID) -> list[Member]:
    hearing = frozenset[str]().union(*(access.roles_with(one) for one in _HEAR_OF_SCHOOLS))
    return [one for one in members if one.roles & hearing]


async def _keeper(_unit: Unit, members: list[Member], _subject: UUID) -> list[Member]:
    return [one for one in members if access.has_module(one.roles, "queue.keep")]


async def _everybody(_unit: Unit, members: list[Member], _region: UUID) -> list[Member]:
    return members


async def second_people(unit: Unit, members: list[Member], recovery_id: UUID) -> list[Member]:
    """Whoever may confirm that a second factor is lost, as long as it waits: neither who started it nor whose it is."""
    row = await recovery_repository.one(unit, recovery_id)
    if row is None or recovery.state_of(row, clock.now()) != "waits":
        return []
    kept = {row.started_by, row.user_id}
    return [one for one in members if access.has_module(one.roles, recovery.KEEP) and one.user_id not in kept]


async def _asker(unit: Unit, members: list[Member], work_id: UUID) -> list[Member]:
    asker = await longwork.asker(unit, work_id)
    return [one for one in members if one.membership_id == asker]


register("clock", deadlines.may_hear)
register("user", _owner)
register("organisation", _alerted)
register("queue", _keeper)
register("region", _everybody)
register("long_work", _asker)
register("own_recovery", _owner)
register("recovery", second_people)
register("browsing", browsing.hearing)
