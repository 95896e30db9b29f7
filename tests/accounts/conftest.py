"""Somebody to try the second factor with."""

import pytest

from tests.support.people import Person, Region, hire


@pytest.fixture
async def person(region: Region) -> Person:
    """A psychologist nobody has signed in as yet."""
    return await hire("aigerim", region.organisations["school45"], ("psychologist",))
