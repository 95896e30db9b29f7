"""A region of a November."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.months import IN_NOVEMBER
from tests.support.people import Region, found_region
from tests.support.queue import set_clock


@pytest.fixture(scope="module")
async def region(database: str) -> AsyncIterator[Region]:
    """The region is founded in a November of ours, whenever the tests run."""
    set_clock(database, IN_NOVEMBER)
    yield await found_region(database)
    set_clock(database, datetime.now(LOCAL_ZONE))
