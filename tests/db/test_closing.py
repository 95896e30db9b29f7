"""Jobs, alarms and audit rows travel together before COMMIT, and fall with what they belong to (ADR 42)."""

import pytest

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from tests.support.incidents import rows
from tests.support.inside import as_person
from tests.support.people import Region
from tests.support.statements import sent


async def leave(work: Unit, number: int) -> None:
    """Far enough ahead that no worker of another test takes them."""
    args = {"tried": number, "region": work.tenant_id}
    await outbox.wake(work, clock.now().replace(year=2090), "trial.alarm", args)
    await outbox.emit(work, "trial.job", args)
    audit.record(work, "trial.left", "trial", [work.me.user_id], detail={"tried": number})


def left(database: str, number: int) -> list[int]:
    """How many jobs, alarms and audit rows of a number there are."""
    counts = (
        "select count(*) from outbox where actor = 'trial.job' and args ->> 'tried' = %s",
        "select count(*) from wake_at where actor = 'trial.alarm' and args ->> 'tried' = %s",
        "select count(*) from audit_log where action = 'trial.left' and detail ->> 'tried' = %s",
    )
    return [int(rows(database, one, str(number))[0][0]) for one in counts]


def fresh() -> int:
    return new_id().int % 1_000_000_000


async def test_s_42_what_is_left_is_one_statement_and_the_last_before_commit(region: Region, database: str) -> None:
    number = fresh()
    with sent(around=True) as seen:
        async with as_person(region.daulet) as work:
            await leave(work, number)
            await leave(work, number)
    assert [one.sql for one in seen if "jsonb_to_recordset" in one.sql] == [seen[-1].sql]
    assert left(database, number) == [2, 2, 2]
    query = "select at, actor_id, subject_kind, record_ids from audit_log where action = 'trial.left' order by seq desc"
    at, actor, kind, about = rows(database, query)[0]
    assert (actor, kind, about) == (region.daulet.user_id, "trial", [region.daulet.user_id])
    assert abs((clock.now() - at).total_seconds()) < 60


async def test_s_42_nothing_is_left_by_what_was_rolled_back(region: Region, database: str) -> None:
    number = fresh()
    with pytest.raises(LookupError):
        async with as_person(region.daulet) as work:
            await leave(work, number)
            raise LookupError
    async with as_person(region.daulet) as work:
        await leave(work, number)
        work.forget_before_commit()
        await work.session.rollback()
        await work.session.commit()
    assert left(database, number) == [0, 0, 0]


async def test_what_a_savepoint_left_falls_with_it(region: Region, database: str) -> None:
    """Also where it is the first statement inside: the savepoint is there before a kept text is sent."""
    number = fresh()
    async with as_person(region.daulet) as work:
        await outbox.emit(work, "trial.job", {"tried": number})
        inner = await work.session.begin_nested()
        await outbox.emit(work, "trial.job", {"tried": number})
        await inner.rollback()
        await outbox.wake(work, clock.now().replace(year=2090), "trial.alarm", {"tried": number})
    assert left(database, number) == [1, 1, 0]


async def test_s_38_rows_of_one_transaction_stand_in_the_chain_as_they_were_said(region: Region, database: str) -> None:
    numbers = [fresh() for _ in range(40)]
    async with as_person(region.daulet) as work:
        for number in numbers:
            audit.record(work, "trial.in_order", "trial", detail={"tried": number})
    query = "select (detail ->> 'tried')::bigint from audit_log where action = 'trial.in_order' order by seq"
    assert [one for (one,) in rows(database, query)][-40:] == numbers
