"""Files as schools send them, and files that nobody should take; all of them made here."""

import zipfile
import zlib
from io import BytesIO
from typing import Any

import httpx
import pikepdf
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.http import HTML, Client

MAKER, PLACE_KEPT_IN = "Фотоаппаратмаркер", 0x8825
_MAKE, _ARTIST, _TURNED = 0x010F, 0x013B, 0x0112


def photo(kind: str = "JPEG", *, colour: int = 90, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture with a camera, an author and a place in it, lying on its side."""
    image, made = Image.new("RGB", size, (colour, 40, 160)), BytesIO()
    exif = Image.Exif()
    exif[_MAKE], exif[_ARTIST], exif[_TURNED] = "QorganCam", MAKER, 6
    exif.get_ifd(PLACE_KEPT_IN).update({1: "N", 2: (43.0, 14.0, 0.0), 3: "E", 4: (76.0, 53.0, 0.0)})
    more: dict[str, Any] = {"comment": b"QorganComment"} if kind == "JPEG" else {"pnginfo": _author()}
    image.save(made, kind, exif=exif, **more)
    return made.getvalue()


def _author() -> PngInfo:
    text = PngInfo()
    text.add_text("Author", MAKER)
    return text


def document(*, pages: int = 1) -> bytes:
    """A PDF with an author, a script, a file inside, a note's author, and a photo with its place in it."""
    made, pdf = BytesIO(), pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(200, 200))
    picture = pdf.make_stream(
        photo(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=64,
        Height=48,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = pdf.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=picture))
    page.Contents = pdf.make_stream(b"q 100 0 0 100 0 0 cm /A Do Q")
    box = pikepdf.Array([0, 0, 9, 9])
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=box, Contents="x", T="QorganNote"
    )
    page.Annots = pikepdf.Array([pdf.make_indirect(note)])
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    pdf.attachments["inside.txt"] = pikepdf.AttachedFileSpec(pdf, b"QorganInside")
    with pdf.open_metadata() as about:
        about["dc:creator"] = ["QorganAuthor"]
    pdf.docinfo["/Author"] = "QorganAuthor"
    pdf.save(made)
    return made.getvalue()


def document_with_a_written_photo() -> bytes:
    """A PDF that has its photo between the words of the page."""
    made, pdf = BytesIO(), pikepdf.new()
    pdf.add_blank_page(page_size=(200, 200))
    words = b"q 64 0 0 48 0 0 cm BI /W 64 /H 48 /CS /RGB /BPC 8 /F /DCT ID " + photo() + b"\nEI Q"
    pdf.pages[0].Contents = pdf.make_stream(words)
    pdf.save(made, compress_streams=True)
    return made.getvalue()


def locked() -> bytes:
    """A PDF that asks for a password."""
    made, pdf = BytesIO(), pikepdf.new()
    pdf.add_blank_page()
    pdf.save(made, encryption=pikepdf.Encryption(owner="a", user="b"))
    return made.getvalue()


def archive() -> bytes:
    """A ZIP with a bomb and a way out of its folder."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("../../escape.html", b"\0" * 1_000_000)
    return made.getvalue()


def pixel_bomb() -> bytes:
    """A small PNG that says it is 60,000 points wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9000)) + chunk(b"IEND", b"")
    )


def pdf_bomb() -> bytes:
    """A small PDF whose table of objects unpacks to four gigabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * 10_000_000) for _ in range(400)) + packer.flush()
    head = b"%PDF-1.7\n"
    words = b"<< /Type /XRef /Size 9999999 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>" % len(packed)
    body = b"1 0 obj\n" + words + b"\nstream\n" + packed + b"\nendstream\nendobj\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": ("сурет емес".encode(), "kind"),
    "page": (b"<!doctype html><script>alert(1)</script>", "kind"),
    "drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "kind"),
    "program": (b"MZ" + bytes(500), "kind"),
    "gif": (b"GIF89a" + bytes(60), "kind"),
    "archive": (archive(), "kind"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(60), "heic"),
    "cut": (photo(size=(640, 480))[:-900], "damaged"),
    "cut png": (photo("PNG", size=(640, 480))[:-60], "damaged"),
    "head only": (photo()[:20], "damaged"),
    "photo and archive": (photo() + archive(), "two_things"),
    "photo and page": (photo()[:-2] + b"<script>alert(1)</script>\xff\xd9", "two_things"),
    "photo and document": (b"\xff\xd8\xff\xfe\x00\x10%PDF-1.4 aaaaaa" + photo()[2:], "two_things"),
    "pixels": (pixel_bomb(), "too_many_pixels"),
    "cut document": (document()[:-400], "damaged"),
    "no document": (b"%PDF-1.7 nothing more", "damaged"),
    "written photo": (document_with_a_written_photo(), "damaged"),
    "locked": (locked(), "locked"),
    "pages": (document(pages=301), "too_many_pages"),
    "document and archive": (document() + archive(), "two_things"),
}
"""Name -> the bytes and the reason with which they are refused."""


async def sent(
    client: Client, incident: str, content: bytes, *, name: str = "photo.jpg", html: bool = False, **fields: str
) -> httpx.Response:
    """Attach a file as a browser would."""
    return await client.post(
        f"/incidents/{incident}/files",
        data=fields,
        files={"file": (name, content, "image/jpeg")},
        headers={"X-CSRF-Token": client.csrf} | (HTML if html else {}),
    )


def noise() -> bytes:
    """A photo that is larger than two pieces of the store: its points are all different."""
    made = BytesIO()
    Image.effect_noise((1200, 1200), 100).convert("RGB").save(made, "PNG")
    return made.getvalue() + b""
