"""Played by `test_a_full_disk.py` inside a file system of its own: PostgreSQL and Valkey lie on it, and it fills up."""

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.faults import HEADING, Fault, Service, met, running
from tests.support.fire import burning

pytestmark = pytest.mark.faults
DISK = Path(os.environ.get("QORGAN_SMALL_DISK", "/nowhere"))
_BALLAST = "ballast"


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    with burning(DISK) as servers:
        async with running(servers, tmp_path_factory.mktemp("service")) as service:
            yield service


def fill(_service: Service) -> None:
    with (DISK / _BALLAST).open("wb", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def empty(service: Service) -> None:
    (DISK / _BALLAST).unlink()
    service.servers.revive()


async def test_s_54_a_full_disk_loses_nothing_that_was_acknowledged(service: Service) -> None:
    line = await met(service, Fault("disk", "full", fill, empty, hold=5.0))
    print(f"\n{HEADING}\n{line}")  # noqa: T201
    assert line.broken == []
    assert (line.acknowledged > 0, line.refused > 0) == (True, True)  # the disk was full indeed, and is not any more
