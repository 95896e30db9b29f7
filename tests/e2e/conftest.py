"""A real browser, Debian's Chromium, against the service as processes of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.visitor import Visitors
from tests.support.people import IN_LATIN, Region
from tests.support.processes import Processes

_CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def site(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running service."""
    running = Processes(Path(tmp_path_factory.mktemp("processes")))
    running.start("web", "worker", "relay")
    running.wait_until_ready()
    yield running.address
    running.stop()


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser process a module."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        await opened.close()


@pytest.fixture
async def visitors(site: str, chromium: Browser, region: Region) -> AsyncIterator[Visitors]:
    """Opens browsers for named people and checks every page that they see."""
    opened = Visitors(site, chromium, IN_LATIN)
    yield opened
    await opened.close()
