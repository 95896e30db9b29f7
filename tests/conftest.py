"""Real PostgreSQL and Valkey for every test that asks; one database a test module, cloned from a migrated template."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from src.platform.cli.local.servers import LocalServers
from src.platform.db import engine
from src.platform.kit.settings import settings
from src.platform.migrations import run
from tests.support.http import Browser, browser_for
from tests.support.people import Region, found_region

_TEMPLATE = "qorgan_template"


@pytest.fixture(scope="session")
def servers() -> Iterator[LocalServers]:
    """Both servers, once a test process."""
    with tempfile.TemporaryDirectory(prefix="qorgan-test-") as folder, LocalServers(Path(folder), fast=True) as running:
        os.environ |= running.environment() | {"QORGAN_PASSWORD_TIME_COST": "1", "QORGAN_TEST_CLOCK": "1"}
        settings.cache_clear()
        yield running


@pytest.fixture(scope="session")
def template(servers: LocalServers) -> str:
    """A migrated database that others are cloned from."""
    os.environ["QORGAN_DATABASE_URL"] = _fresh(servers.database_url, _TEMPLATE, source="template1")
    settings.cache_clear()
    run.main(is_test=True)
    return _TEMPLATE


@pytest.fixture(scope="module")
async def database(servers: LocalServers, template: str) -> AsyncIterator[str]:
    """A database of this module's own; its URL as administrator."""
    await engine.dispose()
    url = _fresh(servers.database_url, f"qorgan_{uuid4().hex}", source=template)
    os.environ["QORGAN_DATABASE_URL"] = url
    settings.cache_clear()
    yield url
    await engine.dispose()


@pytest.fixture(scope="module")
async def region(database: str) -> Region:
    """The named people of one region, made through the services."""
    return await found_region(database)


@pytest.fixture(scope="module")
async def browser(region: Region) -> AsyncIterator[Browser]:
    """Signs people in: `await browser(region.aigerim)` gives an HTTP client of hers."""
    async with browser_for() as opened:
        yield opened


def _fresh(server_url: str, name: str, *, source: str) -> str:
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)")  # type: ignore[call-overload]
        admin.execute(f"create database {name} template {source}")  # type: ignore[call-overload]
    return f"{server_url.rpartition('/')[0]}/{name}"
