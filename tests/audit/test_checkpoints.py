"""Signed checkpoints: one every five minutes, in two places outside, and a rewritten chain does not pass them (S-40)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from src.platform.audit import checkpoint
from src.platform.audit import service as audit
from src.platform.kit import clock, crypto
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from tests.support.commands import qorgan
from tests.support.inside import as_person, inside
from tests.support.people import Region

SCHOOL = "school45"
RESTAMP = """
    with recursive said as (
        select seq, concat_ws('|', tenant_id, seq, (extract(epoch from at) * 1000000)::bigint,
               coalesce(actor_id::text, ''), coalesce(encode(actor_sealed, 'hex'), ''), action, subject_kind,
               array_to_string(record_ids, ','), array_to_string(classes, ','), detail::text) as claim
        from audit_log where tenant_id = %(t)s),
    chain as (
        select 1::bigint as seq, '\\x00'::bytea as prev,
               sha256('\\x00'::bytea || convert_to((select claim from said where seq = 1), 'UTF8')) as hash
        union all
        select c.seq + 1, c.hash, sha256(c.hash || convert_to(s.claim, 'UTF8'))
        from chain c join said s on s.seq = c.seq + 1)
    update audit_log a set prev_hash = c.prev, hash = c.hash from chain c where a.tenant_id = %(t)s and a.seq = c.seq"""
HEAD = """
    update audit_head h set (seq, hash) = (select seq, hash from audit_log where tenant_id = %(t)s order by seq desc limit 1)
    where tenant_id = %(t)s"""


@pytest.fixture
async def places(
    region: Region, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Path]]:
    """Two folders outside the database, and a chain that a checkpoint knows."""
    forget(database)
    folders = [tmp_path / "a", tmp_path / "b"]
    monkeypatch.setenv("QORGAN_CHECKPOINT_DIRS", json.dumps([str(folder) for folder in folders]))
    settings.cache_clear()
    for _ in range(6):
        async with as_person(region.erlan) as work:
            audit.record(work, "trial.done", "trial", [new_id()])
    yield [folder / checkpoint.FILE for folder in folders]
    settings.cache_clear()


async def take() -> bool:
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as relay:
        return await checkpoint.take(relay)


def rewrite(database: str, region: Region, *statements: str) -> None:
    with psycopg.connect(database) as admin:
        for statement in statements:
            admin.execute(statement, {"t": region.organisations[SCHOOL]})  # type: ignore[call-overload]


def forget(database: str) -> None:
    """Start without what the test before broke."""
    with psycopg.connect(database) as admin:
        for table in ("audit_checkpoint", "audit_log", "audit_head"):
            admin.execute(f"delete from {table}")  # type: ignore[call-overload]  # noqa: S608


async def test_s_40_two_relays_take_one_checkpoint_and_it_lies_in_two_places_outside(
    region: Region, database: str, places: list[Path]
) -> None:
    assert [await take(), await take()] == [True, False]
    with psycopg.connect(database) as admin:
        assert admin.execute("select count(*) from audit_checkpoint").fetchone() == (1,)
    lines = [place.read_text() for place in places]
    assert lines[0] == lines[1]
    assert str(region.organisations[SCHOOL]) in lines[0]
    assert (await qorgan("audit", "verify")).returncode == 0


@pytest.mark.parametrize("how", ["full re-stamp", "tail truncation with its head"])
async def test_s_40_a_chain_written_anew_does_not_pass_its_checkpoint(
    region: Region, database: str, places: list[Path], how: str
) -> None:
    await take()
    if how == "full re-stamp":
        edit = "update audit_log set action = 'trial.never' where tenant_id = %(t)s and seq = 3"
        rewrite(database, region, edit, RESTAMP, HEAD)
    else:
        tail = "delete from audit_log where tenant_id = %(t)s and seq > 4"
        rewrite(database, region, tail, HEAD)
    verdict = await qorgan("audit", "verify")
    assert verdict.returncode == 1
    line = next(one for one in verdict.stdout.splitlines() if str(region.organisations[SCHOOL]) in one)
    assert "BROKEN" in line
    rewrite(database, region, "delete from audit_checkpoint")
    for place in places:
        place.unlink()
    assert (
        await qorgan("audit", "verify")
    ).returncode == 0  # without its checkpoint the forgery would pass: it is what bites


async def test_s_40_a_chain_written_anew_is_found_though_a_later_checkpoint_believed_it(
    region: Region, database: str, places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    await take()
    edit = "update audit_log set action = 'trial.never' where tenant_id = %(t)s and seq = 3"
    rewrite(database, region, edit, RESTAMP, HEAD)
    later = clock.real_now() + checkpoint.EVERY
    with monkeypatch.context() as then:
        then.setattr(clock, "real_now", lambda: later)
        assert await take()  # the relay is honest: it signs what it finds, and the chain has not grown
    verdict = await qorgan("audit", "verify")
    line = next(one for one in verdict.stdout.splitlines() if str(region.organisations[SCHOOL]) in one)
    assert (verdict.returncode, "BROKEN at row 6" in line) == (1, True)


async def test_s_40_a_damaged_line_is_counted_and_the_others_are_still_believed(
    region: Region, database: str, places: list[Path]
) -> None:
    await take()
    for place, damage in zip(
        places, ('{"at": "2026', '{"at":"2026-11-20T10:00:00Z","heads":{},"signature":"zz"}'), strict=True
    ):
        place.write_text(damage + "\n" + place.read_text())
    tail = "delete from audit_log where tenant_id = %(t)s and seq > 4"
    rewrite(database, region, tail, HEAD, "delete from audit_checkpoint")
    verdict = await qorgan("audit", "verify")
    line = next(one for one in verdict.stdout.splitlines() if str(region.organisations[SCHOOL]) in one)
    assert (verdict.returncode, "BROKEN" in line, verdict.stderr) == (1, True, "")
    assert "2 checkpoints outside the database are DAMAGED" in verdict.stdout


async def test_s_40_a_checkpoint_taken_out_of_the_database_is_missed(
    region: Region, database: str, places: list[Path]
) -> None:
    await take()
    rewrite(database, region, "delete from audit_checkpoint")
    verdict = await qorgan("audit", "verify")
    assert (verdict.returncode, "is MISSING in the database" in verdict.stdout) == (1, True)


async def test_s_40_a_forged_checkpoint_is_named_and_not_believed(
    region: Region, database: str, places: list[Path]
) -> None:
    await take()
    rewrite(database, region, "update audit_checkpoint set heads = jsonb_set(heads, array[%(t)s::text], '[1, \"00\"]')")
    verdict = await qorgan("audit", "verify")
    assert (verdict.returncode, "FORGED" in verdict.stdout) == (1, True)


async def test_s_39_the_application_cannot_write_a_checkpoint(region: Region) -> None:
    async with inside(region.organisations[SCHOOL]) as work:
        connection = await work.session.connection()
        with pytest.raises(Exception, match=r"permission denied"):
            await connection.exec_driver_sql("insert into audit_checkpoint values (now(), '{}', '')")
        await work.session.rollback()


async def test_s_40_the_relay_sees_heads_and_no_row(region: Region, places: list[Path]) -> None:
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as relay:
        assert (await (await relay.execute("select count(*) from audit_head")).fetchone() or (0,))[0] > 0
        for statement in ("select from audit_log", "update audit_head set seq = 1", "delete from audit_checkpoint"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await relay.execute(statement)  # type: ignore[call-overload]


async def test_s_40_with_the_printed_key_another_key_on_the_host_is_noticed(
    region: Region, database: str, places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    await take()
    printed = (await qorgan("audit", "key")).stdout.strip()
    assert printed == crypto.signer_public(settings().key("checkpoint")).hex()
    assert (await qorgan("audit", "verify", "--key", printed)).returncode == 0
    monkeypatch.setenv("QORGAN_CHECKPOINT_KEY", "11" * 32)
    settings.cache_clear()
    rewrite(database, region, "delete from audit_checkpoint")
    for place in places:
        place.unlink()
    await take()  # who owns the host signs everything anew
    assert (await qorgan("audit", "verify")).returncode == 0
    verdict = await qorgan("audit", "verify", "--key", printed)
    assert (verdict.returncode, "FORGED" in verdict.stdout) == (1, True)
