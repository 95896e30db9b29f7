"""A file in, a copy without metadata out: a process of its own, because decoders meet hostile bytes here (S-56).

Reads the file from its input. Writes the kind, a line feed and the copy; or a word of `errors.WORDS` and ends with 3.
"""

import re
import resource
import sys
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image, ImageOps

_MOST_PIXELS = 64_000_000
_MOST_PAGES = 300
_MOST_INFLATED = 64_000_000
_DEPTH_MOST = 60
_LIMITS = {
    resource.RLIMIT_AS: 1_500_000_000,
    resource.RLIMIT_CPU: 30,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}
_STARTS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_SOUNDS_IN_MP4 = (b"M4A ", b"M4B ")
_SOUNDS = (b"ID3", b"OggS", b"#!AMR", b"fLaC", b"caff")
_MP3_FRAMES = (b"\xfb", b"\xf3", b"\xf2", b"\xf1", b"\xf9")
_VIDEOS = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"FLV", b"0&\xb2u\x8ef\xcf\x11")
_OTHER_LANGUAGES = (b"<script", b"<!doctype", b"<?php", b"<html")
_FIRST = 1024
_PERSONAL = (
    *("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/A", "/AA", "/JS", "/OpenAction", "/AF", "/EF", "/FS"),
    *("/M", "/CreationDate", "/NM", "/RC", "/Subj", "/Popup", "/Author", "/Creator", "/Producer", "/ModDate"),
)
_WRITTEN_PHOTO = re.compile(rb"\bBI\b[^\0]{0,400}?/DCT(?:Decode)?\b[^\0]{0,400}?\bID\s")
_LIVING = ("/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia")


class RefusedError(Exception):
    """The file is not taken, and why."""


def cleaned(data: bytes) -> tuple[str, bytes]:
    """The kind of a file by its content, and the copy. Raises RefusedError, or whatever a decoder raises."""
    kind = next((kind for start, kind in _STARTS.items() if data.startswith(start)), "")
    if not kind:
        raise RefusedError(_unknown(data))
    if _hides_another(data, kind):
        raise RefusedError("two_things")
    return kind, _document(data) if kind == "pdf" else _picture(data, kind)


def _unknown(data: bytes) -> str:
    """Which word fits a file that is none of ours: the usual formats of phones are told apart."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "heic" if brand in _HEIC else "sound" if brand in _SOUNDS_IN_MP4 else "video"
    if data.startswith(b"RIFF"):
        return {b"WAVE": "sound", b"AVI ": "video"}.get(data[8:12], "kind")
    if data.startswith(_SOUNDS) or (data[:1] == b"\xff" and data[1:2] in _MP3_FRAMES):
        return "sound"
    return "video" if data.startswith(_VIDEOS) else "kind"


def _hides_another(data: bytes, kind: str) -> bool:
    """Whether another program would take the same bytes for something else."""
    if zipfile.is_zipfile(BytesIO(data)):
        return True
    if kind == "pdf":
        return False
    small = data.lower()
    return b"%PDF-" in data[:_FIRST] or any(mark in small for mark in _OTHER_LANGUAGES)


def _picture(data: bytes, kind: str) -> bytes:
    """Decoded, turned upright and encoded anew from its points alone."""
    Image.MAX_IMAGE_PIXELS = None  # the size is looked at here, before anything is decoded
    with Image.open(BytesIO(data), formats=[kind.upper()]) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise RefusedError("too_many_pixels")
        upright = ImageOps.exif_transpose(image)
        clear = "A" in upright.getbands() or "transparency" in upright.info
        bare = upright.convert("RGBA" if clear and kind == "png" else "RGB")
    bare.info = {}
    made = BytesIO()
    if kind == "jpeg":
        bare.save(made, "JPEG", quality=90, exif=b"", icc_profile=None, comment=b"")
    else:
        bare.save(made, "PNG", icc_profile=None)
    return made.getvalue()


def _document(data: bytes) -> bytes:
    """The pages alone, in a new document: no author, no program, no script, no file inside."""
    try:
        source = pikepdf.open(BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError:
        raise RefusedError("locked") from None
    if not len(source.pages):
        raise RefusedError("damaged")
    if len(source.pages) > _MOST_PAGES:
        raise RefusedError("too_many_pages")
    bare = pikepdf.new()
    bare.pages.extend(source.pages)
    for page in bare.pages:
        if "/Annots" in page:
            page.Annots = pikepdf.Array([one for one in page.Annots if str(one.get("/Subtype")) not in _LIVING])
    for found in bare.objects:
        _strip(found, 0)
    made = BytesIO()
    bare.save(made)
    return made.getvalue()


def _strip(found: Any, depth: int) -> None:
    """Take what tells of people and devices out of an object and of everything written inside it."""
    if depth > _DEPTH_MOST:
        raise RefusedError("damaged")
    if isinstance(found, pikepdf.Array):
        inner = list(found)
    elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        names = (*_PERSONAL, "/T") if "/Rect" in found else _PERSONAL
        for name in names:
            if name in found and not _is_name_of_a_resource(found, name):
                del found[name]
        if isinstance(found, pikepdf.Stream):
            _strip_picture(found)
            _refuse_written_photo(found)
        inner = [found[name] for name in found.keys()]  # noqa: SIM118  # no mapping of Python's
    else:
        return
    for one in inner:
        if not getattr(one, "is_indirect", True):
            _strip(one, depth + 1)


def _is_name_of_a_resource(found: Any, name: str) -> bool:
    """A font or picture may be called /A or /M: such dictionaries hold only dictionaries and streams of a type."""
    value = found[name]
    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return False
    return str(value.get("/Type")) in ("/Font", "/XObject", "/ExtGState", "/Pattern") or "/Width" in value


def _strip_picture(stream: Any) -> None:
    filters = stream.get("/Filter")
    names = [str(one) for one in (filters if isinstance(filters, pikepdf.Array) else [filters] if filters else [])]
    if "/JPXDecode" in names:
        raise RefusedError("damaged")  # JPEG 2000 keeps metadata in boxes that nothing here takes out
    if "/DCTDecode" not in names:
        return
    raw = bytes(stream.read_raw_bytes())
    for one in names[: names.index("/DCTDecode")]:
        if one != "/FlateDecode":
            raise RefusedError("damaged")
        raw = zlib.decompressobj().decompress(raw, _MOST_INFLATED)
    parameters = stream.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[names.index("/DCTDecode")]
    stream.write(_bare_jpeg(raw), filter=pikepdf.Name.DCTDecode, decode_parms=parameters)


def _refuse_written_photo(stream: Any) -> None:
    """A photo written into the words of a page would keep its segments."""
    if "/Width" in stream:
        return
    try:
        words = bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return  # no reader decodes it either
    if _WRITTEN_PHOTO.search(words):
        raise RefusedError("damaged")


def _bare_jpeg(raw: bytes) -> bytes:
    """A JPEG picture without the segments that cameras and programs write into; its points stay as they are."""
    kept, at = bytearray(raw[:2]), 2
    while raw[at : at + 1] == b"\xff" and at + 4 <= len(raw):
        mark, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if mark == 0xDA:  # noqa: PLR2004  # SOS: the points begin
            end = raw.rfind(b"\xff\xd9")
            return bytes(kept) + raw[at : end + 2 if end > at else len(raw)]
        segment = raw[at : at + 2 + length]
        is_profile = mark == 0xE2 and segment[4:15] == b"ICC_PROFILE"  # noqa: PLR2004  # APP2
        if not (0xE1 <= mark <= 0xEF or mark == 0xFE) or mark == 0xEE or is_profile:  # noqa: PLR2004  # APPn, COM
            kept += segment
        at += 2 + length
    raise RefusedError("damaged")


def main() -> int:
    """Clean what comes in."""
    for limit, most in _LIMITS.items():
        resource.setrlimit(limit, (most, most))
    out = sys.stdout.buffer
    try:
        kind, copy = cleaned(sys.stdin.buffer.read())
    except RefusedError as refusal:
        out.write(str(refusal).encode())
        return 3
    except Exception:  # noqa: BLE001  # whatever a decoder trips over: the file is not taken
        out.write(b"damaged")
        return 3
    out.write(kind.encode() + b"\n" + copy)
    return 0


if __name__ == "__main__":
    sys.exit(main())
