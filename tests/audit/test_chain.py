"""The audit chain: appended with the change, verifiable, and every tampering shows (S-38 … S-40)."""

import asyncio

import psycopg
import pytest

from src.platform.audit import service as audit
from src.platform.audit.verify import verify_chain
from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.inside import as_person, inside
from tests.support.people import Region

TAMPERING = {
    "edit": "update audit_log set action = 'x' where tenant_id = %(t)s and seq = 3",
    "middle delete": "delete from audit_log where tenant_id = %(t)s and seq = 3",
    "tail truncation": "delete from audit_log where tenant_id = %(t)s and seq = (select max(seq) from audit_log where tenant_id = %(t)s)",
    "reorder": "update audit_log set seq = case seq when 3 then -4 when 4 then 3 else seq end where tenant_id = %(t)s and seq in (3, 4)",
    "insert": "insert into audit_log select tenant_id, 9999, at, actor_id, actor_sealed, action, subject_kind, record_ids, "
    "classes, detail, prev_hash, hash from audit_log where tenant_id = %(t)s and seq = 3",
}


async def grown(region: Region) -> None:
    for _ in range(6):
        async with as_person(region.erlan) as work:
            audit.record(work, "trial.done", "trial", [new_id()], classes={"health"}, detail={"n": 1})


async def test_a_grown_chain_is_clean(region: Region) -> None:
    await grown(region)
    async with inside(region.organisations["school45"]) as work:
        verdict = await verify_chain(work)
    assert verdict.broken_at is None
    assert verdict.rows >= 6


async def test_s_40_a_chain_that_grows_while_it_is_read_is_clean(region: Region) -> None:
    async def verified() -> list[int | None]:
        async with inside(region.organisations["school45"]) as work:
            return [(await verify_chain(work)).broken_at for _ in range(30)]

    found, _ = await asyncio.gather(verified(), grown(region))
    assert set(found) == {None}


@pytest.mark.parametrize("how", TAMPERING)
async def test_s_40_tampering_is_found(region: Region, database: str, how: str) -> None:
    await grown(region)
    with psycopg.connect(database) as admin:
        before = admin.execute(
            "select * from audit_log where tenant_id = %s", (region.organisations["school45"],)
        ).fetchall()
        admin.execute(TAMPERING[how], {"t": region.organisations["school45"]})  # type: ignore[call-overload]
        admin.commit()
        async with inside(region.organisations["school45"]) as work:
            verdict = await verify_chain(work)
        admin.execute("delete from audit_log where tenant_id = %s", (region.organisations["school45"],))
        marks = ", ".join(["%s"] * len(before[0]))
        for row in before:
            values = [psycopg.types.json.Jsonb(v) if isinstance(v, dict) else v for v in row]
            admin.execute(f"insert into audit_log values ({marks})", values)  # type: ignore[call-overload]  # noqa: S608
    assert verdict.broken_at is not None


async def test_s_38_a_rolled_back_change_has_no_row_and_a_denial_has_one(
    browser: Browser, region: Region, database: str
) -> None:
    with pytest.raises(RuntimeError):
        async with as_person(region.marat) as work:
            audit.record(work, "trial.lost", "trial", [])
            raise RuntimeError
    with psycopg.connect(database) as admin:
        assert admin.execute("select from audit_log where action = 'trial.lost'").fetchone() is None
        denials = (
            "select detail->>'status' from audit_log where action = 'access.denied' and actor_id = %s order by seq"
        )
        before = admin.execute(denials, (region.marat.user_id,)).fetchall()
        marat = await browser(region.marat)
        refused, absent = await marat.get("/class-lists"), await marat.get(f"/incidents/{new_id()}")
        after = admin.execute(denials, (region.marat.user_id,)).fetchall()
    assert [refused.status_code, absent.status_code] == [int(status) for (status,) in after[len(before) :]]
    assert refused.status_code == 403
