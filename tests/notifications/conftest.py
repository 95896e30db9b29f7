"""A region with a mail server of its own, and ways to prove an address there."""

from collections.abc import Iterator

import pytest

from tests.support.post import PostOffice, working


@pytest.fixture(scope="module")
def post(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    with working(tmp_path_factory.mktemp("post")) as office:
        yield office


@pytest.fixture(autouse=True)
def empty(post: PostOffice) -> Iterator[None]:
    yield
    post.take()
    post.refusals.clear()
    post.after_data.clear()
