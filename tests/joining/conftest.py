"""A fresh school for each test."""

import pytest

from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.joining import NewSchool, come_in, organisation
from tests.support.people import Region


@pytest.fixture
async def school(browser: Browser, region: Region, database: str) -> NewSchool:
    first = await organisation(browser, region)
    director, answer = await come_in(browser, first["code"], language="kk")
    assert answer.status_code == 303, answer.text
    where = rows(database, "select id from tenants where code = %s", first["org"])[0][0]
    return NewSchool(browser, database, where, director)
