"""`qorgan keys new|status|rotate-master|retire-master|rotate`: keys change while the service runs (ADR 33).

A master key: `new` prints one; give it to every process beside the old one; `rotate-master` wraps everything under
both; take the old one from every process; `retire-master` destroys what was wrapped under it.
Keys of an organisation: `rotate CODE` seals everything anew and destroys the old keys at the end. Every command may be
ended at any moment, also by force, and given again: it goes on where it stopped.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from src.platform.cli.region import found_operator
from src.platform.db import engine, region_keys
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit, unit
from src.platform.kit import crypto, master
from src.platform.kit.errors import QorganError
from src.platform.kit.settings import settings
from src.platform.vault import changing, masters
from src.platform.vault.sealed import SEALED

T = TypeVar("T")
_ONE_AT_A_TIME = 6_620_041
_PAUSE_SECONDS = 0.1
_TRIES = 100
_OLDER = """
    select count(*) filter (where xact_start <= %(since)s), count(*) filter (where state is null)
    from pg_stat_activity where datname = current_database() and usename in ('qorgan_app', 'qorgan_worker')
      and backend_type = 'client backend'"""
_WRAPPINGS = """
    select m.id, m.since, (select count(*) from tenant_key k where k.master = m.id),
           exists (select from region_key r where r.master = m.id) from master_key m order by m.since"""
_CHANGES = """
    select t.code, t.id, c.phase, c.writes, c.next from key_change c join tenants t on t.id = c.tenant_id
    where c.phase is not null order by t.code"""


class KeysProblemError(Exception):
    """Something that an operator can mend; one sentence."""


def main(arguments: list[str]) -> int:
    """Run one verb; 1 when it could not be done."""
    chosen = parser().parse_args(arguments)
    try:
        asyncio.run(run(chosen))
    except (KeysProblemError, QorganError) as problem:
        print(str(problem) if isinstance(problem, KeysProblemError) else f"{problem.title} ({problem.code})")
        return 1
    except master.NoMasterError:
        print("Give master keys of 64 hexadecimal digits in QORGAN_MASTER_KEY or in the file QORGAN_MASTER_KEY_FILE.")
        return 1
    except crypto.SealBrokenError:
        print("A key or value does not open with the master keys given here; nothing was destroyed.")
        return 1
    return 0


async def run(chosen: argparse.Namespace) -> None:
    """The same inside a loop. Raises KeysProblemError, QorganError, NoMasterError, SealBrokenError."""
    await _VERBS[chosen.verb](chosen)


async def _new(_chosen: argparse.Namespace) -> None:
    print(crypto.new_key().hex())


async def _status(_chosen: argparse.Namespace) -> None:
    known = master.known()
    with _admin() as admin:
        for name, since, wrapped, region in admin.execute(_WRAPPINGS).fetchall():
            here = "known here" if name in known else "not known here"
            of_region = "with the keys of the region" if region else "without the keys of the region"
            print(f"master {name}  since {since:%Y-%m-%d}  {here}  {wrapped} keys of organisations, {of_region}")
        for name in known.keys() - _registered(admin):
            print(f"master {name}  known here, nothing is wrapped under it yet: qorgan keys rotate-master")
        running = admin.execute(_CHANGES).fetchall()
    if not running:
        print("No organisation's keys are being changed.")
    try:
        for code, tenant_id, phase, writes, coming in running:
            left = await _in(tenant_id, changing.waiting) if phase == changing.WRITING else None
            rest = "" if left is None else f", {left} sealed values wait"
            print(f"{code}  {phase}  writes version {writes}, the other is {_other(writes, coming)}{rest}")
    finally:
        await engine.dispose()


async def _rotate_master(_chosen: argparse.Namespace) -> None:
    known = master.known()
    if len(known) < 2:  # noqa: PLR2004  # the old and the new one
        raise KeysProblemError("Give the old and the new master key together; qorgan keys new prints one.")
    with _admin() as admin, _alone(admin):
        for name in known.keys() - _registered(admin):
            admin.execute("insert into master_key values (%s, clock_timestamp())", (name,))
        region_keys.wrap(admin)
        made = 0
        try:
            for tenant_id in _tenants(admin):
                made += await _in(tenant_id, masters.wrap)
        finally:
            await engine.dispose()
    print(f"{made} wrappings made: every key opens under each of {', '.join(known)}.")
    print("Start every process with the new key alone, then: qorgan keys retire-master <the old one>")


async def _retire_master(chosen: argparse.Namespace) -> None:
    old: str = chosen.id
    with _admin() as admin, _alone(admin):
        if old not in _registered(admin):
            raise KeysProblemError("No such master key: qorgan keys status lists them.")
        if not (master.known().keys() - {old}) & _registered(admin):
            raise KeysProblemError("Give the master key that takes its place, and run qorgan keys rotate-master first.")
        gone = 0

        async def drop(work: Unit) -> int:
            return await masters.unwrap_from(work, old)

        try:
            for tenant_id in _tenants(admin):
                gone += await _in(tenant_id, drop)
        finally:
            await engine.dispose()
        gone += region_keys.unwrap_from(admin, old)
        try:
            admin.execute("delete from master_key where id = %s", (old,))
        except psycopg.errors.ForeignKeyViolation:
            raise KeysProblemError("An organisation was made meanwhile: run qorgan keys rotate-master again.") from None
        _forget_rows(admin)
    print(f"{gone} wrappings destroyed: nothing in this database opens under {old} any more.")
    print("Destroy the key itself, and with it every backup that needs it.")


async def _rotate(chosen: argparse.Namespace) -> None:
    with _admin() as admin, _alone(admin):
        found = admin.execute("select id from tenants where code = %s", (chosen.code,)).fetchone()
        if found is None:
            raise KeysProblemError("No organisation has this code: qorgan tenant list shows them.")
        try:
            await _change(admin, found[0])
        finally:
            await engine.dispose()
        _forget_rows(admin)
    print("Everything stands under the new keys; the old ones are destroyed.")


async def _change(admin: psycopg.Connection, tenant_id: UUID) -> None:
    """Every step as `vault.changing` tells them; those that are done already change nothing."""
    if await _in(tenant_id, changing.phase) != changing.WRITING:
        await _in(tenant_id, changing.begin)
        await _nobody_older(admin)
        public = await _in(tenant_id, changing.next_public)

        async def publish(work: Unit) -> None:
            await changing.publish(work, tenant_id, public)

        await _in(found_operator(admin), publish)
        await _patiently(tenant_id, changing.turn)
    await _nobody_older(admin)
    await _patiently(tenant_id, changing.fingerprints)
    for _ in range(_TRIES):
        await _reseal(tenant_id)
        if not await _in(tenant_id, changing.waiting):
            break
        await asyncio.sleep(_PAUSE_SECONDS)  # somebody holds rows; they are taken up when they are free
    await _nobody_older(admin)  # who read a value of before has ended
    await _in(tenant_id, changing.finish)


async def _reseal(tenant_id: UUID) -> None:
    for one in SEALED:
        after = None
        while True:
            async with unit(Inside(TenantContext(tenant_id)), role="qorgan_owner") as work:
                after = await changing.reseal(work, one, after)
            if after is None:
                break


async def _in(tenant_id: UUID, act: Callable[[Unit], Awaitable[T]]) -> T:
    async with unit(Inside(TenantContext(tenant_id)), role="qorgan_owner") as work:
        return await act(work)


async def _patiently(tenant_id: UUID, act: Callable[[Unit], Awaitable[None]]) -> None:
    """Again when somebody held a row: whoever works in the organisation comes first."""
    for tried in range(_TRIES):
        try:
            return await _in(tenant_id, act)
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
                raise
            await asyncio.sleep(_PAUSE_SECONDS * (1 + tried % 10))
    raise KeysProblemError("Somebody holds rows of this organisation all the time; run the command again.")


async def _nobody_older(admin: psycopg.Connection) -> None:
    """Wait until no transaction of web or worker is left that began before now."""
    row = admin.execute("select clock_timestamp()").fetchone()
    since, told = row[0] if row else None, time.monotonic() + 5
    while True:
        found = admin.execute(_OLDER, {"since": since}).fetchone()
        older, unseen = found or (0, 0)
        if unseen:
            raise KeysProblemError("The database's administrator needs pg_read_all_stats to see open transactions.")
        if not older:
            return
        if time.monotonic() > told:
            print(f"Waiting for {older} transactions that began earlier …", flush=True)
            told += 60
        await asyncio.sleep(_PAUSE_SECONDS)


def _other(writes: int, coming: int) -> int:
    return coming if coming != writes else writes - 1


def _tenants(admin: psycopg.Connection) -> list[UUID]:
    return [row[0] for row in admin.execute("select id from tenants order by id").fetchall()]


def _registered(admin: psycopg.Connection) -> set[str]:
    return {row[0] for row in admin.execute("select id from master_key").fetchall()}


def _forget_rows(admin: psycopg.Connection) -> None:
    """What was deleted leaves the files of the table, too."""
    admin.execute("vacuum tenant_key")
    admin.execute("vacuum region_key")


@contextmanager
def _admin() -> Iterator[psycopg.Connection]:
    with psycopg.connect(settings().database_url, autocommit=True) as admin:
        yield admin


@contextmanager
def _alone(admin: psycopg.Connection) -> Iterator[None]:
    """One change at a time; a command that ended by force left nothing locked."""
    row = admin.execute("select pg_try_advisory_lock(%s)", (_ONE_AT_A_TIME,)).fetchone()
    if row != (True,):
        raise KeysProblemError("Keys are being changed by another command.")
    yield


_VERBS = {
    "new": _new,
    "status": _status,
    "rotate-master": _rotate_master,
    "retire-master": _retire_master,
    "rotate": _rotate,
}


def parser() -> argparse.ArgumentParser:
    """What can be said behind `qorgan keys`."""
    made = argparse.ArgumentParser(prog="qorgan keys")
    verbs = made.add_subparsers(dest="verb", required=True)
    verbs.add_parser("new", help="print a new master key")
    verbs.add_parser("status", help="what is wrapped under which master key; which changes are under way")
    verbs.add_parser("rotate-master", help="wrap every key under each of the master keys given")
    retire = verbs.add_parser("retire-master", help="destroy what is wrapped under a master key")
    retire.add_argument("id", help="its id, as `qorgan keys status` prints it")
    rotate = verbs.add_parser("rotate", help="give an organisation new keys and destroy the old ones")
    rotate.add_argument("code", help="the code of the organisation")
    return made
