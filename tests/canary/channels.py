"""Everywhere that a word may come out or lie about: one search through all of it, and what it looks like planted."""

import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pikepdf
import psycopg
import redis
from psycopg import sql
from pypdf import PdfReader

PDF, ZIP = b"%PDF", b"PK\x03\x04"


def readable(body: bytes) -> str:
    """What a reader finds in some bytes, whatever they are packed in, metadata included."""
    if body.startswith(PDF):
        pdf = PdfReader(BytesIO(body))
        with pikepdf.open(BytesIO(body)) as opened:
            about = " ".join(str(value) for value in (opened.docinfo or {}).values()) + str(opened.open_metadata())
        return " ".join(page.extract_text() for page in pdf.pages) + about
    if body.startswith(ZIP):
        with zipfile.ZipFile(BytesIO(body)) as zipped:
            inside = [f"{one} {readable(zipped.read(one))}" for one in zipped.namelist()]
            return " ".join(inside) + zipped.comment.decode(errors="replace")
    return body.decode(errors="replace")


def said(answer: httpx.Response) -> str:
    """An answer with its headers, its address and what is packed in it."""
    return f"{readable(answer.content)} {answer.headers} {answer.url}"


def written(mark: str) -> set[str]:
    """The ways in which a word may stand somewhere: as it is, smaller, as JSON, in an address, as bytes of a database."""
    ways = {mark, mark.lower(), mark.upper(), quote(mark), unicodedata.normalize("NFD", mark)}
    return ways | {mark.encode("unicode_escape").decode(), mark.encode().hex(), repr(mark.encode())[2:-1]}


def found(text: str, marks: Iterable[str]) -> list[str]:
    return [mark for mark in marks if any(way in text for way in written(mark))]


def stored(database: str, redis_url: str, logs: Mapping[str, str], server_log: Path) -> dict[str, str]:
    """Everything that stays: every table as plain text, Valkey, what the processes printed, the log of PostgreSQL."""
    with psycopg.connect(database) as admin:
        query = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        whole = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        dump = {
            name: str(admin.execute(whole.format(sql.Identifier(name))).fetchone())
            for (name,) in admin.execute(query).fetchall()
        }
    queue = redis.Redis.from_url(redis_url)
    keys = queue.keys()
    dump["valkey"] = "".join(f"{key!r} {queue.dump(key)!r}" for key in keys)
    return dump | dict(logs) | {"postgresql log": server_log.read_text()}
