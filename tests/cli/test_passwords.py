"""A running process holds the passwords of its own roles and not the secret from which the owner's follows (S-2)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from src.platform.kit.settings import NoPasswordError, Settings, settings
from tests.support.commands import qorgan

OF_PROCESSES = {"qorgan_app", "qorgan_oversight", "qorgan_relay", "qorgan_worker"}


@contextmanager
def held(printed: str) -> Iterator[Settings]:
    """A process that was given these passwords and no secret, and its settings."""
    with pytest.MonkeyPatch.context() as given:
        given.setenv("QORGAN_ROLE_PASSWORDS", printed)
        given.delenv("QORGAN_ROLE_SECRET")
        yield Settings()  # type: ignore[call-arg]  # filled from the environment


async def test_s_2_processes_sign_in_with_what_is_printed_for_them_and_cannot_become_the_owner(database: str) -> None:
    printed = (await qorgan("passwords")).stdout
    assert set(json.loads(printed)) == OF_PROCESSES
    with held(printed) as process:
        for role in OF_PROCESSES:
            with psycopg.connect(process.role_url(role).replace("+psycopg", "")) as connection:
                assert connection.info.user == role
        for role in ("qorgan_owner", "qorgan_backup"):
            with pytest.raises(NoPasswordError):
                process.role_url(role)


async def test_s_2_without_the_secret_the_chains_are_verified_and_nothing_is_migrated(database: str) -> None:
    with held((await qorgan("passwords")).stdout):
        verified, refused = await qorgan("audit", "verify"), await qorgan("migrate")
    assert verified.returncode == 0, verified.stderr
    assert refused.returncode != 0
    assert "NoPasswordError: qorgan_o" in refused.stderr


async def test_s_51_the_backup_has_its_own_password_alone(database: str) -> None:
    printed = (await qorgan("passwords", "--backup")).stdout
    assert set(json.loads(printed)) == {"qorgan_backup"}
    with held(printed) as process:
        assert process.role_password("qorgan_backup") == settings().role_password("qorgan_backup")
        with pytest.raises(NoPasswordError):
            process.role_password("qorgan_app")
