"""Class lists as schools keep them, made of invented children."""

import csv
import io
from typing import Any

import httpx
from openpyxl import Workbook

from tests.support.http import HTML, Client

HEADERS = ("Сынып", "Тегі", "Аты", "Әкесінің аты", "ЖСН", "Өкілінің аты-жөні", "Өкілінің телефоны", "Өкілі кім")


def iin(number: int, *, born: int = 14) -> str:
    """The number-th state number that is right: eleven digits and their check digit."""
    digits = f"{born:02d}01{1 + number % 28:02d}5{number // 28:04d}"
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        control = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        if control < 10:
            return f"{digits}{control}"
    return iin(number + 100_000, born=born)


def student(number: int, *, school_class: str = "7Б", **more: str) -> list[str]:
    """A row of HEADERS."""
    row = {
        "class": school_class,
        "family": f"Тегінов{'абвгдежзик'[number % 10]}",
        "given": "Аян",
        "patronymic": "",
        "iin": iin(number),
        "guardian": "",
        "phone": "",
        "relation": "",
    }
    return list((row | more).values())


def as_xlsx(*rows: Any, headers: Any = HEADERS) -> bytes:
    book = Workbook()
    page = book.active
    for row in (headers, *rows):
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(*rows: Any, headers: Any = HEADERS, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([headers, *rows])
    return out.getvalue().encode(encoding)


async def upload(client: Client, content: bytes, *, html: bool = False) -> httpx.Response:
    return await client.post(
        "/class-lists",
        files={"file": ("list", content)},
        headers={"X-CSRF-Token": client.csrf} | (HTML if html else {}),
    )


async def load(client: Client, content: bytes) -> httpx.Response:
    """Upload and confirm."""
    checked = await upload(client, content)
    assert checked.status_code == 303, checked.text
    return await client.act(f"{checked.headers['location']}/load")
