"""The address of school No. 12, open, and a visitor."""

import pytest

from tests.support.doors import opened, with_settings
from tests.support.http import Browser, Client
from tests.support.people import Region


@pytest.fixture
async def door(region: Region, browser: Browser) -> None:
    """Open, with limits that no test reaches by chance."""
    await opened(browser, region)
    await with_settings(region, public_reports_per_hour=10_000, receipt_tries_per_hour=10_000)


@pytest.fixture
def visitor(browser: Browser, door: None) -> Client:
    return browser.visitor()
