"""`qorgan breach report`: two people, a sealed list, a notice; the terminal shows counts and codes only (Order 481/НҚ)."""

import asyncio
import csv
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from src.platform.kit import clock, crypto
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import PRINTED, Browser
from tests.support.incidents import name, reported, rows
from tests.support.inside import as_person
from tests.support.meetings import gone
from tests.support.people import PASSWORD, Person, Region, hire
from tests.support.queue import drain
from tests.support.referrals import agreed, managed_case, referred

CHILD = Identity(family_name="Ашылғанов", given_name="Тізімде", iin="140225601299", phone="+77015550199")
KEY = crypto.new_recipient()[1].hex()
MARKS = ("Ашылғанов", "140225601299", "77015550199", "Muratov")


@pytest.fixture(scope="module")
async def operator(region: Region, browser: Browser, database: str) -> AsyncIterator[Person]:
    """A second operator of the region."""
    found = await hire("erlan", region.operator, ("region_operator",))
    await browser(found)
    yield found
    gone(database, found)


async def told(
    by: Person, second: Person, *arguments: str, password: str = PASSWORD
) -> subprocess.CompletedProcess[str]:
    """The command, with what the two people type."""
    typed = "".join(
        f"{password}\n{PRINTED[one.sign_in].pop()}\n" if PRINTED.get(one.sign_in) else f"{password}\n"
        for one in (by, second)
    )
    command = [
        sys.executable,
        "-m",
        "src.platform.cli",
        "breach",
        "report",
        "--by",
        by.sign_in,
        "--second",
        second.sign_in,
        *arguments,
    ]
    return await asyncio.to_thread(
        subprocess.run, command, input=typed, capture_output=True, text=True, check=False, timeout=120
    )


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.platform.cli", "breach", *arguments]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=120)


def listed(table: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


async def opened(browser: Browser, region: Region) -> str:
    """A member of the team reads an incident and the names in it."""
    incident = await reported(browser, region)
    async with as_person(region.aigerim) as work:
        child = str(await vault.add_person(work, "student", CHILD))
    await name(browser, region, incident, child, "victim")
    gulnar = await browser(region.gulnar)
    await gulnar.get(f"/incidents/{incident}")
    await gulnar.act(f"/incidents/{incident}/names")
    return incident


def window() -> tuple[str, str]:
    return "--from", (clock.real_now() - timedelta(hours=1)).isoformat()


@pytest.mark.long
async def test_a_breach_is_listed_for_the_responsible_person_and_counted_for_the_others(
    region: Region, browser: Browser, database: str, tmp_path: Path
) -> None:
    await opened(browser, region)
    await browser(region.daulet)
    await browser(region.oleg)
    key = (await run("key", str(tmp_path / "private.key"))).stdout.strip()
    assert (tmp_path / "private.key").stat().st_mode & 0o077 == 0
    asked = ("--key", key, "--out", str(tmp_path / "out"), "--tenant", "mek12", "--account", region.gulnar.sign_in)
    done = await told(region.daulet, region.oleg, *asked, *window())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mek12" in done.stdout
    sealed = (tmp_path / "out" / "subjects.sealed").read_bytes()
    notices = [(tmp_path / "out" / f"notice.{one}.txt").read_text() for one in ("kk", "ru")]
    for mark in MARKS:
        assert mark not in done.stdout + done.stderr + "".join(notices)
        assert mark.encode() not in sealed
    assert "уәкілетті органға" in notices[0]
    assert "уполномоченному органу" in notices[1]
    table = tmp_path / "list.csv"
    read = await run(
        "open", str(tmp_path / "out" / "subjects.sealed"), "--key", str(tmp_path / "private.key"), "--out", str(table)
    )
    assert read.returncode == 0, read.stdout + read.stderr
    found = {one["name"]: one for one in listed(table)}
    child = found["Ашылғанов Тізімде"]
    assert (child["iin"], child["phone"], child["organisation"]) == ("140225601299", "'+77015550199", "mek12")
    assert "identity-victim" in child["classes"]
    assert "Muratov Marat" in found  # who reported: the class was opened
    query = "select actor_id, detail->>'by', detail->>'second', (detail->>'subjects')::int from audit_log where action = 'breach.reported' and detail->>'by' in (%s, %s)"
    ((actor, one, other, subjects),) = rows(
        database, f"{query} order by at desc limit 1", str(region.daulet.user_id), str(region.oleg.user_id)
    )
    assert (actor, {one, other}) == (None, {str(region.daulet.user_id), str(region.oleg.user_id)})
    assert subjects == len(found)
    (tmp_path / "other.key").write_text(crypto.new_recipient()[0].hex())
    refused = await run(
        "open", str(tmp_path / "out" / "subjects.sealed"), "--key", str(tmp_path / "other.key"), "--out", str(table)
    )
    assert (refused.returncode, "Ашылғанов" in refused.stdout) == (1, False)


async def refused(database: str, *asked: Coroutine[Any, Any, subprocess.CompletedProcess[str]]) -> None:
    """Each is a no with an audit row of its own, and nothing is written."""
    count = "select count(*) from audit_log where action = 'access.denied' and subject_kind = 'breach'"
    before = rows(database, count)[0][0]
    answers = await asyncio.gather(*asked)
    assert [one.returncode for one in answers] == [1] * len(asked), [one.stdout for one in answers]
    assert all("forbidden" in one.stdout for one in answers)
    assert rows(database, count)[0][0] - before == len(asked)


async def test_a_breach_report_needs_two_with_the_right_and_each_no_is_recorded(
    region: Region, browser: Browser, database: str, tmp_path: Path
) -> None:
    for person in (region.daulet, region.aigerim):
        await browser(person)
    here = ("--key", KEY, "--out", str(tmp_path / "out"), *window(), "--tenant", "mek12")
    await refused(database, told(region.daulet, region.daulet, *here), told(region.daulet, region.aigerim, *here))
    assert not (tmp_path / "out").exists()


@pytest.mark.long
async def test_a_breach_report_of_other_places_is_not_for_a_director(
    region: Region, browser: Browser, database: str, tmp_path: Path
) -> None:
    for person in (region.daulet, region.oleg):
        await browser(person)
    asked = ("--key", KEY, "--out", str(tmp_path / "out"), *window())
    elsewhere = told(region.daulet, region.oleg, *asked, "--tenant", "mek45")
    await refused(database, told(region.daulet, region.oleg, *asked), elsewhere)
    wrong = await told(region.daulet, region.oleg, *asked, "--tenant", "mek12", password="not the password")
    assert wrong.returncode == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.long
async def test_a_breach_of_one_session_is_what_was_opened_in_it_everywhere(
    region: Region, browser: Browser, database: str, tmp_path: Path, operator: Person
) -> None:
    """The account of a partner: what its organisation was sent of a child."""
    case = await managed_case(browser, region, database)
    await agreed(browser, region)
    path = (await referred(browser, region, case)).headers["location"]
    await drain()
    await browser(region.oleg)
    timur = await browser.fresh(region.timur)
    await timur.act(f"{path}/open")
    private, public = crypto.new_recipient()
    (tmp_path / "private.key").write_text(private.hex())
    moment = clock.real_now().isoformat()
    asked = (
        "--key",
        public.hex(),
        "--out",
        str(tmp_path / "out"),
        "--account",
        region.timur.sign_in,
        "--session",
        moment,
    )
    done = await told(region.oleg, operator, *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0].split()[:3] == ["umit", "1", "people"], done.stdout
    table = tmp_path / "list.csv"
    await run(
        "open", str(tmp_path / "out" / "subjects.sealed"), "--key", str(tmp_path / "private.key"), "--out", str(table)
    )
    (child,) = listed(table)
    assert child["name"].startswith("Бала")
