"""Files on their way in: known by their content, cleaned by decoders that have a process of their own."""

from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from src.platform.attachments import service
from src.platform.attachments.errors import BadFileError
from tests.support import files


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_s_21_the_copy_of_a_photo_has_no_place_author_or_device(kind: str) -> None:
    sent = files.photo(kind)
    assert files.MAKER.encode() in sent or b"QorganCam" in sent
    made = await service.check(sent)
    assert made.kind == kind.lower()
    with Image.open(BytesIO(made.copy)) as copy:
        copy.load()
        assert dict(copy.getexif()) == {}
        assert copy.getexif().get_ifd(files.PLACE_KEPT_IN) == {}
        assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        assert (copy.format, copy.size) == (kind, (48, 64))  # it stands upright without being told to
    for word in (b"QorganCam", b"QorganComment", files.MAKER.encode()):
        assert word not in made.copy


async def test_s_21_the_copy_of_a_document_has_no_author_script_file_or_place() -> None:
    sent = files.document()
    assert b"QorganCam" in sent
    made = await service.check(sent)
    with pikepdf.open(BytesIO(made.copy)) as copy:
        assert len(copy.pages) == 1
        assert "/Info" not in copy.trailer
        assert not {"/Metadata", "/OpenAction", "/Names", "/AF"} & set(copy.Root.keys())
        assert dict(copy.attachments) == {}
        (picture,) = copy.pages[0].get_images().values()
        with Image.open(BytesIO(bytes(picture.read_raw_bytes()))) as photo:
            assert (dict(photo.getexif()), photo.size) == ({}, (64, 48))
            photo.load()
        (note,) = copy.pages[0].Annots
        assert ("/T" in note, str(note.Contents)) == (False, "x")
        everything = b"".join(
            bytes(one.read_bytes()) for one in copy.objects if isinstance(one, pikepdf.Stream) and "/Width" not in one
        )
    for word in (b"QorganCam", b"QorganAuthor", b"QorganInside", b"QorganNote", b"app.alert"):
        assert word not in made.copy + everything


@pytest.mark.parametrize("name", sorted(files.HOSTILE))
async def test_s_56_a_hostile_or_broken_file_is_refused_with_its_reason(name: str) -> None:
    content, reason = files.HOSTILE[name]
    with pytest.raises(BadFileError) as refused:
        await service.check(content)
    assert [(one.field, one.code) for one in refused.value.fields] == [("file", f"file_{reason}")]


@pytest.mark.long
async def test_s_56_a_document_that_unpacks_without_end_is_stopped() -> None:
    bomb = files.pdf_bomb()
    assert len(bomb) < service.MOST_BYTES
    with pytest.raises(BadFileError):
        await service.check(bomb)


async def test_s_56_the_decoders_have_neither_our_keys_nor_our_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    real = service.subprocess.run

    def noted(command: tuple[str, ...], **how: object) -> object:
        seen.update(how, command=command)
        return real(command, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(service.subprocess, "run", noted)
    assert (await service.check(files.photo())).kind == "jpeg"
    assert seen["env"] == {}
    assert "-I" in seen["command"]  # type: ignore[operator]
