"""A fresh instance for the stories: web, worker and relay as processes of their own."""

from collections.abc import Iterator

import pytest

from src.platform.cli.local.servers import LocalServers
from tests.support.people import Region
from tests.support.processes import Processes


@pytest.fixture(scope="module")
def base(region: Region, servers: LocalServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    running = Processes(tmp_path_factory.mktemp("logs"))
    running.start("web", "worker", "relay")
    try:
        running.wait_until_ready()
        yield running.address
    finally:
        running.stop()
