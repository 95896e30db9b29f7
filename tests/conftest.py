"""Real PostgreSQL and Valkey for every test that asks; one database a test module, cloned from a migrated template."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from src.platform.cli.local.servers import LocalServers
from src.platform.db import engine
from src.platform.kit.settings import settings
from src.platform.migrations import run
from tests.support.http import PRINTED, Browser, browser_for
from tests.support.people import Region, found_region
from tests.support.shares import NO_LINES

_TEMPLATE, _FOUNDED = "qorgan_template", "qorgan_founded"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where a module has a region, it is founded before any of its tests: inside `database` a loop runs already."""
    with_people = {item.path for item in items if "region" in _names(item)}
    for item in items:
        if item.path in with_people and "database" in _names(item):
            _names(item).insert(0, "founded")


@pytest.fixture(scope="session")
def servers() -> Iterator[LocalServers]:
    """Both servers, once a test process."""
    with tempfile.TemporaryDirectory(prefix="qorgan-test-") as folder, LocalServers(Path(folder), fast=True) as running:
        os.environ |= running.environment() | NO_LINES | {"QORGAN_PASSWORD_TIME_COST": "1", "QORGAN_TEST_CLOCK": "1"}
        settings.cache_clear()
        yield running


@pytest.fixture(scope="session")
def template(servers: LocalServers) -> str:
    """A migrated database that others are cloned from."""
    os.environ["QORGAN_DATABASE_URL"] = _fresh(servers.database_url, _TEMPLATE, source="template1")
    settings.cache_clear()
    run.main(is_test=True)
    return _TEMPLATE


@pytest.fixture(scope="session")
def founded(servers: LocalServers, template: str) -> Region:
    """A region made once through the services, in a database that modules with people are cloned from.

    In a thread with a loop of its own: whoever asks first may stand in a loop that runs already.
    """
    os.environ["QORGAN_DATABASE_URL"] = url = _fresh(servers.database_url, _FOUNDED, source=template)
    settings.cache_clear()
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, _found(url)).result()


async def _found(url: str) -> Region:
    region = await found_region(url)
    await engine.dispose()
    return region


@pytest.fixture(scope="module")
async def database(
    request: pytest.FixtureRequest, servers: LocalServers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database of this module's own, with the region in it if a test asks for that; its URL as administrator."""
    source = template
    if any("region" in item.fixturenames for item in request.session.items if item.path == request.path):
        request.getfixturevalue("founded")
        source = _FOUNDED
    await engine.dispose()
    url = _fresh(servers.database_url, f"qorgan_{uuid4().hex}", source=source)
    os.environ["QORGAN_DATABASE_URL"] = url
    checkpoints = tmp_path_factory.mktemp("checkpoints")  # those of another database would be missed in this one
    os.environ["QORGAN_CHECKPOINT_DIRS"] = json.dumps([str(checkpoints / one) for one in ("a", "b")])
    settings.cache_clear()
    redis.Redis.from_url(servers.redis_url).flushall()  # limits on the same people
    yield url
    await engine.dispose()


@pytest.fixture(scope="module")
def region(database: str, founded: Region) -> Region:
    """The named people of one region; none of them has printed codes yet."""
    PRINTED.clear()
    return replace(founded, organisations=dict(founded.organisations), people=dict(founded.people))


@pytest.fixture(scope="module")
async def browser(region: Region) -> AsyncIterator[Browser]:
    """Signs people in: `await browser(region.aigerim)` gives an HTTP client of hers."""
    async with browser_for() as opened:
        yield opened


def _names(item: pytest.Item) -> list[str]:
    names: list[str] = getattr(item, "fixturenames", [])
    return names


def _fresh(server_url: str, name: str, *, source: str) -> str:
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)")  # type: ignore[call-overload]
        admin.execute(f"create database {name} template {source}")  # type: ignore[call-overload]
    return f"{server_url.rpartition('/')[0]}/{name}"
