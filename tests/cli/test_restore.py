"""`qorgan restore`: into an empty database, whole and compared, or not at all; nobody stays signed in (S-52)."""

import asyncio
import io
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg import sql

from src.platform.audit import checkpoint, restoration
from src.platform.cli.backup import restore as command
from src.platform.cli.backup import run, settle
from src.platform.cli.backup.manifest import Manifest, Share
from src.platform.cli.local.problems import LocalProblemError
from src.platform.db import engine
from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.outbox.dead import ALARM
from tests.support.backups import Safe
from tests.support.commands import qorgan
from tests.support.http import Browser, browser_for
from tests.support.incidents import DESCRIPTION, reported, rows
from tests.support.joining import form, paper
from tests.support.people import Region
from tests.support.queue import drain

pytestmark = pytest.mark.long
_FILLED = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"


@dataclass
class Taken:
    """A backup, what it says, and what was entered afterwards and is lost with the database."""

    safe: Safe
    file: Path
    said: Manifest
    incident: str
    invitation: str
    lost: str


async def take_checkpoint(monkeypatch: pytest.MonkeyPatch, later: timedelta) -> None:
    moment = clock.real_now() + later
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    with monkeypatch.context() as then:
        then.setattr(clock, "real_now", lambda: moment)
        async with await psycopg.AsyncConnection.connect(url) as relay:
            assert await checkpoint.take(relay)


@pytest.fixture(scope="module")
async def taken(region: Region, browser: Browser, database: str, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    safe = Safe(tmp_path_factory.mktemp("safe"))
    await drain()
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    code = (await paper(browser, region.daulet, "subject_teacher"))["code"]
    mail = "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, attempts, lease_until) select %s, 'notifications.send_mail', jsonb_build_object('notification', %s::text), %s, %s, now(), 1, now() returning id"
    rows(database, mail, uuid4(), str(uuid4()), region.marat.tenant_id, region.marat.tenant_id)
    with pytest.MonkeyPatch.context() as patch:
        await take_checkpoint(patch, -timedelta(minutes=20))
        patch.setenv("QORGAN_BACKUP_RECIPIENTS", safe.recipients)
        settings.cache_clear()
        file, said = await asyncio.to_thread(run.take, safe.file.parent)
        lost = await reported(browser, region, harmed="no", harm_danger="no")
        await take_checkpoint(patch, timedelta())
    settings.cache_clear()
    await engine.dispose()
    return Taken(safe, file, said, incident, code, lost)


@pytest.fixture
async def empty(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Another database of the same server, which the commands of the test are given."""
    name = f"qorgan_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = f"{database.rpartition('/')[0]}/{name}"
    monkeypatch.setenv("QORGAN_DATABASE_URL", url)
    settings.cache_clear()
    yield url
    await engine.dispose()
    settings.cache_clear()


@pytest.fixture
def said_so_far() -> Iterator[list[Path]]:
    """What a restore wrote beside the checkpoints of this module is taken away again."""
    files = [folder / restoration.FILE for folder in settings().checkpoint_dirs]
    yield files
    for file in files:
        file.unlink(missing_ok=True)


class Restored(NamedTuple):
    """How a restore ended."""

    status: int
    said: str


async def restore(taken: Taken, file: Path | None = None, *more: str) -> Restored:
    """As the command does it, in this process."""
    await engine.dispose()
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            arguments = [str(file or taken.file), "--key", str(taken.safe.file), *more]
            status = await asyncio.to_thread(command.main, arguments)
    except LocalProblemError as problem:
        return Restored(2, str(problem))
    return Restored(status, said.getvalue())


async def test_s_40_s_52_s_53_a_region_comes_back_and_everybody_signs_in_anew(
    region: Region, taken: Taken, empty: str, said_so_far: list[Path]
) -> None:
    done = await restore(taken)
    assert (done.status, "Restored and compared in" in done.said) == (0, True), done.said
    assert rows(empty, "select from user_session") == []
    held = "select failure, attempts from outbox where actor = any (%s) and done_at is null and dead_at is not null"
    assert rows(empty, held, list(settle.OUTWARD)) == [("Restored", 1)]
    assert rows(empty, "select count(*) from outbox where actor = %s and done_at is null", ALARM) == [(1,)]
    assert rows(empty, "select from outbox where lease_until is not null") == []
    told = "select count(*) from outbox where actor = 'notifications.restored' and done_at is null"
    assert rows(empty, told) == [(len(region.organisations) + 1,)]
    noted = "select count(distinct tenant_id) from audit_log where action = 'region.restored'"
    assert rows(empty, noted) == [(len(region.organisations) + 1,)]
    assert rows(empty, "select from invitation where used_at is null and revoked_at is null") == []
    await drain()
    async with browser_for() as opened:
        marat = await opened.fresh(region.marat)
        assert "region_restored" in (await marat.get("/messages")).text
        assert "сақтық көшірмеден" in (await marat.page("/messages")).text
        aigerim = await opened.fresh(region.aigerim)
        assert DESCRIPTION in (await aigerim.get(f"/incidents/{taken.incident}")).text
        assert (await aigerim.get(f"/incidents/{taken.lost}")).status_code == 404
        refused = await opened.visitor().post("/join", json=form(taken.invitation))
        assert refused.status_code == 422, refused.text
    await _the_lost_rows_are_no_tampering_and_without_the_signed_line_they_are(empty, said_so_far)


async def _the_lost_rows_are_no_tampering_and_without_the_signed_line_they_are(
    empty: str, said_so_far: list[Path]
) -> None:
    verdict = await qorgan("audit", "verify")
    assert verdict.returncode == 0, verdict.stdout
    assert "what came between is lost" in verdict.stdout
    lines = [file.read_bytes() for file in said_so_far]
    assert lines[0] == lines[1]
    forged = msgspec.json.decode(lines[0]) | {"taken_at": "2026-01-01T00:00:00Z"}
    for file in said_so_far:
        file.write_bytes(msgspec.json.encode(forged) + b"\n{half")
    verdict = await qorgan("audit", "verify")
    assert (verdict.returncode, "4 lines about restores are FORGED or DAMAGED" in verdict.stdout) == (1, True)
    assert "BROKEN" in verdict.stdout
    for file, line in zip(said_so_far, lines, strict=True):
        file.write_bytes(line)
    with psycopg.connect(empty) as admin:
        admin.execute("delete from audit_log where seq = 1")
    assert (await qorgan("audit", "verify")).returncode == 1  # what the backup had is remembered as before


async def test_s_52_a_drill_compares_everything_and_leaves_nothing(
    taken: Taken, empty: str, said_so_far: list[Path]
) -> None:
    done = await restore(taken, None, "--verify")
    assert (done.status, "This was a drill" in done.said) == (0, True), done.said
    assert rows(empty, _FILLED) == []
    assert [file.exists() for file in said_so_far] == [False, False]


async def test_s_52_what_differs_is_named_and_nothing_stays(region: Region, taken: Taken, empty: str) -> None:
    school, said = str(region.organisations["school12"]), taken.said
    shares = said.tables["person"].shares
    fewer = shares | {school: Share(shares[school].rows + 1, shares[school].total)}
    schema = {part: list(lines) for part, lines in said.schema.items()}
    forced = next(line for line in schema["row-level security and FORCE"] if line.startswith("person "))
    schema["row-level security and FORCE"].append(forced.replace("forced t", "forced f"))
    schema["policies"].append("person person_more PERMISSIVE {qorgan_app} SELECT using true")
    schema["grants"].remove(next(line for line in schema["grants"] if line.startswith("person SELECT to qorgan_app")))
    bent = taken.safe.bent(
        taken.file,
        taken.file.with_name("bent.age"),
        tables=said.tables | {"person": msgspec.structs.replace(said.tables["person"], shares=fewer)},
        schema=schema,
        chains=said.chains | {school: (said.chains[school][0], "00")},
    )
    done = await restore(taken, bent)
    wrong = [line for line in done.said.splitlines() if line.startswith("DIFFERENT")]
    assert (done.status, len(wrong)) == (1, 5), done.said
    assert (
        wrong[0]
        == f"DIFFERENT person of {school}: {shares[school].rows} rows instead of {shares[school].rows + 1}, or other values in them"
    )
    assert wrong[1] == f"DIFFERENT audit chain {school}: another head"
    assert "row-level security and FORCE: MISSING person" in wrong[2]
    assert "policies: MISSING person person_more" in wrong[3]
    assert "grants: UNKNOWN person SELECT to qorgan_app" in wrong[4]
    assert rows(empty, _FILLED) == []


async def test_s_52_values_that_were_bent_inside_a_signed_file_are_found(
    region: Region, taken: Taken, empty: str
) -> None:
    """A row that says something else, with a manifest whose fingerprints were made to fit."""
    name = "tables/tenants/000000"
    other = taken.safe.opened(taken.file)[name].replace(b"Umit NGO", b"Umit NGo")
    table = msgspec.structs.replace(taken.said.tables["tenants"], sha256=sha256(other).hexdigest())
    bent = taken.safe.bent(
        taken.file, taken.file.with_name("values.age"), {name: other}, tables=taken.said.tables | {"tenants": table}
    )
    done = await restore(taken, bent)
    assert (done.status, "DIFFERENT tenants of the region" in done.said) == (1, True), done.said
    assert rows(empty, _FILLED) == []


async def test_s_52_the_wrong_secrets_are_told_and_nothing_stays(
    taken: Taken, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QORGAN_MASTER_KEY", "22" * 32)
    done = await qorgan("restore", str(taken.file), "--key", str(taken.safe.file))
    assert (done.returncode, done.stderr.count("\n"), "QORGAN_MASTER_KEY does not open" in done.stderr) == (2, 1, True)
    assert rows(empty, _FILLED) == []
    monkeypatch.setenv("QORGAN_CHECKPOINT_KEY", "33" * 32)
    settings.cache_clear()
    assert "was not made by this region" in (await restore(taken)).said
    monkeypatch.setenv("QORGAN_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/qorgan")
    monkeypatch.setenv("QORGAN_BACKUP_RECIPIENTS", taken.safe.recipients)
    done = await qorgan("backup", "--to", str(taken.file.parent))
    assert (done.returncode, "does not answer" in done.stderr) == (2, True)


async def test_s_52_a_restore_that_is_killed_leaves_no_row(taken: Taken, empty: str) -> None:
    await asyncio.to_thread(_kill_a_restore_that_fills, taken, empty)
    assert rows(empty, "select from tenants where kind <> 'region_operator'") == []
    done = await restore(taken)
    assert (done.status, "is not empty" in done.said) == (2, True)


def _kill_a_restore_that_fills(taken: Taken, empty: str) -> None:
    words = ["restore", str(taken.file), "--key", str(taken.safe.file)]
    child = subprocess.Popen([sys.executable, "-m", "src.platform.cli", *words], stdout=subprocess.DEVNULL)
    others = "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
    deadline = time.monotonic() + 30
    with psycopg.connect(empty, autocommit=True) as admin:
        while not any("disable trigger" in query for (query,) in admin.execute(others)):
            assert (child.poll(), time.monotonic() < deadline) == (None, True)
        child.send_signal(signal.SIGKILL)
        child.wait()
        while admin.execute(others).fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.05)
