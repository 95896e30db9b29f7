"""A region with a mail server of its own, and ways to prove an address there."""

import os
from collections.abc import Iterator

import pytest

from src.platform.kit.settings import settings
from tests.support.post import PostOffice


@pytest.fixture(scope="module")
def post(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    office = PostOffice(tmp_path_factory.mktemp("post"))
    given = office.environment()
    os.environ |= given
    settings.cache_clear()
    office.open()
    yield office
    office.close()
    for name in given:
        del os.environ[name]
    settings.cache_clear()


@pytest.fixture(autouse=True)
def empty(post: PostOffice) -> Iterator[None]:
    yield
    post.take()
    post.refusals.clear()
    post.after_data.clear()
