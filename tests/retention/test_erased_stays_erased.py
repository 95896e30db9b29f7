"""A destroyed record leaves no trace, comes back by no restore, and opens in no backup once its keys are gone (S-53)."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from src.platform.cli.retention import LedgerBrokenError, reapply
from src.platform.db import engine, region_keys
from src.platform.kit import crypto, master
from src.platform.kit.settings import settings
from src.platform.retention import ledger
from src.platform.vault import keys as vault_keys
from tests.retention.test_retention import long_ago
from tests.support import world as planted
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.keys import given, opened, qorgan_keys
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.world import World, lived

REMEMBER = {"audit_log", "outbox", "wake_at", "erasure", "sent_form", "api_answer"}
"""Ids and what was done; `erasure` is the ledger, `sent_form` where a form led on that day."""
OVER = """
    set session_replication_role = replica;
    update incident set state = 'closed', closed_at = '{on} 10:00+05' where id = '{id}';
    update retention_hold set lifted_at = now();
    update child_case set violence_stopped_at = now() where monitored_since is not null;
    update referral set state = 'completed' where state in ('sent', 'accepted')"""


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


def traces(database: str, ids: list[str]) -> dict[str, int]:
    """In how many rows of which tables one of these ids stands."""
    found = {}
    with psycopg.connect(database) as admin:
        tables = admin.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            query = f"select count(*) from {table} t where t::text ~ %s"  # noqa: S608
            (number,) = admin.execute(query, ("|".join(ids),)).fetchone()  # type: ignore[call-overload,misc]
            if number:
                found[table] = number
    return found


async def move_to(url: str) -> None:
    """This process works on another database from now on."""
    await engine.dispose()
    os.environ["QORGAN_DATABASE_URL"] = url
    settings.cache_clear()
    region_keys._opened.cache_clear()
    vault_keys._kept.clear()


async def copied(url: str) -> str:
    """A backup of the whole database, brought back beside it."""
    await engine.dispose()
    name = f"qorgan_{uuid4().hex}"
    server = f"{url.rpartition('/')[0]}/postgres"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create database {name} template {url.rpartition('/')[2]}")  # type: ignore[call-overload]
    return f"{url.rpartition('/')[0]}/{name}"


@pytest.mark.long
async def test_s_53_what_is_destroyed_leaves_no_trace_and_neither_a_restore_nor_a_backup_brings_it_back(
    region: Region, browser: Browser, database: str, world: World
) -> None:
    incident = str(world.ids["incident_id"])
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(OVER.format(on=long_ago(), id=incident))  # type: ignore[call-overload]
    of_it = "select id::text from {} where incident_id = '{}'"
    ids = [incident]
    for table in ("report", "participation", "child_case", "interview"):
        ids += [one for (one,) in rows(database, of_it.format(table, incident))]
    referral = str(world.ids["referral_id"])
    assert traces(database, ids).keys() > {"incident", "report", "participation", "child_case", "obligation"}
    backup = await copied(database)

    saule, timur = await browser(region.saule), await browser(region.timur)
    done = await saule.act("/retention/destroy", {"incidents": [incident], "checked": True})
    assert done.status_code == 303, done.text
    await drain()
    assert set(traces(database, ids)) <= REMEMBER, traces(database, ids)
    assert set(traces(database, [referral])) & {"referral_case"} == set()
    paper = (await saule.get(done.headers["location"])).json()
    assert paper["is_done"]
    assert paper["parts"] > 30
    for address in (f"/referrals/{referral}", "/referrals", "/incidents", "/", "/obligations"):
        assert (await saule.get(address)).status_code in {200, 404}, address
    assert planted.VICTIM.given_name not in (await timur.act(f"/referrals/{referral}/open")).text
    for address in (f"/referrals/{referral}", "/inbox"):
        assert (await timur.get(address)).status_code == 200, address

    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as relay:
        await ledger.carry_out(relay)
        await ledger.carry_out(relay)  # once is enough
    files = [folder / ledger.FILE for folder in settings().checkpoint_dirs]
    assert [len(file.read_bytes().splitlines()) for file in files] == [2, 2]  # one stands there for the world
    assert not any(word in files[0].read_text() for word in (planted.VICTIM.family_name, paper["records"][0]["number"]))

    again = await erased_again(database, backup, files[0], ids)
    await only_what_is_kept_opens(region, browser, done.headers["location"], again)


async def erased_again(database: str, backup: str, file: Path, ids: list[str]) -> str:
    """A restore of before: it is here again, and erased again before anybody is let in. Another copy, untouched."""
    await move_to(backup)
    assert "incident" in traces(backup, ids)
    genuine = await asyncio.to_thread(file.read_bytes)
    for damaged in (genuine.replace(ids[0].encode(), str(uuid4()).encode()), genuine[:-9]):
        await asyncio.to_thread(file.write_bytes, damaged)
        with pytest.raises(LedgerBrokenError):
            await reapply()
    await asyncio.to_thread(file.write_bytes, genuine)
    again = await copied(backup)
    await move_to(backup)
    assert await reapply() == (2, 1)
    assert await reapply() == (2, 0)
    assert set(traces(backup, ids)) <= REMEMBER
    assert rows(backup, "select count(*) from audit_log where action = 'retention.destroyed_again'") == [(1,)]
    await move_to(database)
    return again


async def only_what_is_kept_opens(region: Region, browser: Browser, certificate: str, again: str) -> None:
    """The keys of before are changed: everything that is kept opens, nothing of the backup does."""
    school, database = region.organisations["school12"], settings().database_url
    clear, old, new = await opened(school), os.environ["QORGAN_MASTER_KEY"], crypto.new_key().hex()
    try:
        await qorgan_keys("rotate", "mek12")
        given(old, new)
        await qorgan_keys("rotate-master")
        given(new)
        await qorgan_keys("retire-master", master.of(bytes.fromhex(old)).id)
        assert await opened(school) == clear
        assert (await (await browser(region.saule)).get(certificate)).json()["keys_are_gone"] is True
        await move_to(again)
        assert rows(again, "select count(*) > 0 from incident") == [(True,)]
        with pytest.raises(master.MasterUnknownError):
            await opened(school)
    finally:
        given(old)
        await move_to(database)
