"""A master key takes the place of another while the service runs; killed in the middle, taken up again (ADR 33)."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from src.platform.accounts import tokens
from src.platform.cli.keys import KeysProblemError
from src.platform.db import region_keys
from src.platform.kit import crypto, master
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import keys as vault_keys
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.keys import Command, given, qorgan_keys
from tests.support.people import Region

KINDS = ("school12", "school45", "commission", "umit", "city")


@pytest.fixture(autouse=True)
def old(database: str) -> Iterator[str]:
    """The master key of the tests; what a test gave is taken back."""
    before = os.environ["QORGAN_MASTER_KEY"]
    yield before
    given(before)
    region_keys._opened.cache_clear()
    vault_keys._kept.clear()


def test_the_first_of_file_and_environment_is_the_file_and_it_is_read_anew(tmp_path: Path, old: str) -> None:
    kept, new = tmp_path / "master", crypto.new_key().hex()
    os.environ["QORGAN_MASTER_KEY_FILE"] = str(kept)
    try:
        settings.cache_clear()
        kept.write_text(f"{new}\n{old}\n")
        assert list(master.known()) == [master.of(bytes.fromhex(one)).id for one in (new, old)]
        kept.write_text(new)  # replaced while the process runs
        assert list(master.known()) == [master.of(bytes.fromhex(new)).id]
        assert new not in repr(master.known())
        for damaged in ("", new[:-1], new + " x"):
            kept.write_text(damaged)
            with pytest.raises(master.NoMasterError):
                master.known()
    finally:
        del os.environ["QORGAN_MASTER_KEY_FILE"]
        settings.cache_clear()


async def reads(region: Region, *masters: str) -> None:
    """With these master keys, as a process that just started."""
    given(*masters)
    region_keys._opened.cache_clear()
    vault_keys._kept.clear()
    for short in KINDS:
        async with inside(region.organisations[short]) as work:
            person = await vault.add_person(work, "student", Identity(family_name="Жүйеков", given_name="Ақжол"))
        async with inside(region.organisations[short]) as work:
            assert (await vault.own_names(work, [person])) == {person: "Жүйеков Ақжол"}


async def does_not_read(region: Region, only: str) -> None:
    given(only)
    region_keys._opened.cache_clear()
    vault_keys._kept.clear()
    with pytest.raises(master.MasterUnknownError):
        region_keys.region_key("sent-form")
    async with inside(region.organisations["school12"]) as work:
        with pytest.raises(master.MasterUnknownError):
            await vault.add_person(work, "student", Identity(family_name="Жүйеков", given_name="Ақжол"))


@pytest.mark.long
async def test_a_master_key_is_changed_killed_in_the_middle_and_the_old_one_opens_nothing_afterwards(
    region: Region, database: str, old: str
) -> None:
    new = (await qorgan_keys("new")).strip()
    names = [master.of(bytes.fromhex(one)).id for one in (old, new)]
    sign_in = tokens.name_blind("saule@qorgan.test")
    with pytest.raises(KeysProblemError, match="Give the old and the new master key together"):
        await qorgan_keys("rotate-master")
    given(old, new)

    middle = sorted(region.organisations.values())[2]
    with psycopg.connect(database) as holder:
        holder.execute("select from tenant_key where tenant_id = %s for update", (middle,))
        command = Command("rotate-master")
        command.until(database, "select count(distinct tenant_id) >= 2 from tenant_key where master = %s", names[1])
        command.kill()
    assert rows(database, "select count(*) from tenant_key where tenant_id = %s and master = %s", middle, names[1]) == [
        (0,)
    ]
    for known in ((old,), (old, new), (new, old)):  # web and workers of before and of after
        await reads(region, *known)
    given(old, new)
    async with inside(region.operator) as work:  # an organisation that is made meanwhile opens with either
        new_school = NewOrganisation(kind="school", code="mek77", slug="mek77", name_kk="м", name_ru="ш", name_en="s")
        made = await tenants.provision(work, new_school)
    assert {one for (one,) in rows(database, "select master from tenant_key where tenant_id = %s", made)} == set(names)

    assert "every key opens under each" in (await qorgan_keys("rotate-master"))
    assert "0 wrappings made" in (await qorgan_keys("rotate-master"))
    for known in ((old,), (new,), (new, old)):
        await reads(region, *known)

    given(old)
    with pytest.raises(KeysProblemError, match="Give the master key that takes its place"):
        await qorgan_keys("retire-master", names[0])
    given(new)
    assert f"under {names[0]} any more" in (await qorgan_keys("retire-master", names[0]))
    assert rows(database, "select id from master_key") == [(names[1],)]
    assert {one for (one,) in rows(database, "select distinct master from tenant_key")} == {names[1]}
    await reads(region, new)
    assert tokens.name_blind("saule@qorgan.test") == sign_in  # people sign in as before
    await does_not_read(region, old)
    said = "select action, count(distinct tenant_id) from audit_log where action in ('keys.wrapped', 'keys.unwrapped') group by 1"
    assert dict(rows(database, said)) == {"keys.wrapped": 6, "keys.unwrapped": 7}
    given(new)
    assert f"master {names[1]}" in (status := (await qorgan_keys("status")))
    assert names[0] not in status
