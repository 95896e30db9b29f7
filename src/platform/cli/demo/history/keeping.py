"""The history of a data folder: made once, gone on with after a stop, begun anew after a kill (ADR 27).

`history.json` stands in the folder only while the database holds exactly what it says: it is taken away before
anything is told and written when the telling has stopped at an act or is whole.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from src.platform.cli.demo.history.build import Size, build
from src.platform.cli.local.servers import DATABASE
from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.workdays.calendar import first_of, month_after, month_of

MONTHS = 6
_SOURCES = Path(__file__).parents[1]
_SERVER = {"synchronous_commit": "off"}
"""A history that is cut off is begun anew, so no act has to wait for the disk."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How far a history has come: its span, what its acts answered, the sources that told it."""

    first: date
    until: datetime
    sources: str
    whole: bool = False
    answers: list[Any] = []


def prepare(folder: Path, database_url: str) -> None:
    """Empty a database whose history was broken off in a way that leaves nobody knowing how far it came."""
    state = _read(folder)
    if state is not None and (state.whole or state.sources == _fingerprint()):
        return
    _file(folder).unlink(missing_ok=True)
    server = database_url.rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE} with (force)")
        admin.execute(f"create database {DATABASE}")


def ensure(folder: Path, *, size: Size, say: Callable[[str], None], goes_on: Callable[[], bool]) -> bool:
    """Tell what is missing of the history; False when `goes_on` has said no, and the next call goes on there."""
    state = _read(folder) or State(first=_first(), until=clock.real_now(), sources=_fingerprint())
    if state.whole:
        return True
    _file(folder).unlink(missing_ok=True)
    say("Telling what has happened in half a year. This is done once; Ctrl-C stops, the next start goes on …")
    _hurry(on=True)
    os.environ["QORGAN_TEST_CLOCK"] = "1"
    settings.cache_clear()
    told = asyncio.run(build(size, state.first, state.until, state.answers, say=say, goes_on=goes_on))
    del os.environ["QORGAN_TEST_CLOCK"]
    settings.cache_clear()
    _hurry(on=False)
    _write(folder, msgspec.structs.replace(state, whole=told.whole, answers=[] if told.whole else told.answers))
    return told.whole


def _first() -> date:
    """The first of the month half a year ago."""
    return first_of(month_after(month_of(clock.local_date(clock.real_now())), -MONTHS))


def _hurry(*, on: bool) -> None:
    with psycopg.connect(settings().database_url, autocommit=True) as admin:
        for name, value in _SERVER.items():
            admin.execute(
                f"alter database {DATABASE} set {name} = {value}" if on else f"alter database {DATABASE} reset {name}"
            )


def _fingerprint() -> str:
    """Which sources tell: answers of others would not fit."""
    files = sorted(one for one in _SOURCES.rglob("*") if one.suffix in (".py", ".toml", ".csv"))
    return sha256(b"".join(one.read_bytes() for one in files)).hexdigest()


def _read(folder: Path) -> State | None:
    try:
        return msgspec.json.decode(_file(folder).read_bytes(), type=State)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _write(folder: Path, state: State) -> None:
    fresh = folder / "history.json.new"
    fresh.write_bytes(msgspec.json.encode(state))
    fresh.replace(_file(folder))  # whole or not at all, however the process ends


def _file(folder: Path) -> Path:
    return folder / "history.json"
