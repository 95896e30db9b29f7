"""Forms with files are read in memory: nothing of them ever lies on a disk."""

import tempfile

import pytest
from litestar import Request, post
from litestar.testing import create_test_client

from src.platform.kit import uploads
from src.platform.kit.errors import Invalid

MOST = 3_000_000


@post("/", request_max_body_size=uploads.MOST_SENT, status_code=200)
async def echo(request: Request) -> dict[str, object]:  # type: ignore[type-arg]
    try:
        await uploads.take_in(request, MOST)
    except Invalid as refusal:
        return {"refused": refusal.code}
    body = await request.form()
    file = body.get("file")
    if not isinstance(file, uploads.UploadFile):
        return dict(body)
    size = len(await file.read())
    return {
        "size": size,
        "on_disk": file.rolled_to_disk,
        "gone": isinstance(file, uploads.LetGo),
        "name": file.filename,
    }


@pytest.mark.parametrize(("size", "gone"), [(10, False), (MOST, False), (MOST + 1, True)])
def test_s_56_a_file_stays_in_memory_and_loses_its_name(size: int, gone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # where a spooled file would be rolled over to
    with create_test_client(echo) as client:
        told = client.post("/", data={"a": "b"}, files={"file": ("../../name.jpg", b"x" * size)}).json()
    assert told == {"size": 0 if gone else size, "on_disk": False, "gone": gone, "name": "file"}


def test_what_stands_beside_a_file_is_read_in_any_order_and_a_broken_body_is_refused() -> None:
    with create_test_client(echo) as client:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        after = b'--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nzz\r\n--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
        assert client.post("/", content=after, headers=kind).json()["size"] == 2
        for broken in (b"", b"nonsense", after[:60], after[:-20], after.replace(b"--x\r\n", b"--x\r\n" * 2)):
            assert client.post("/", content=broken, headers=kind).json() in ({"refused": "request.malformed"}, {}), (
                broken
            )
        assert client.post("/", content=after, headers={"content-type": "multipart/form-data"}).json() == {
            "refused": "request.malformed"
        }
