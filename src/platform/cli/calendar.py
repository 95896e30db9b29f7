"""`qorgan calendar school-year|day`: what acts of ministry and government say, entered as data (calendar.md 2, 3).

A school year comes from a TOML file: `code`, `act`, four `[[quarters]]` and any `[[vacations]]` with first and last
days. A clock that runs is never computed again by it.
"""

import argparse
import asyncio
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings
from src.platform.workdays import service as workdays
from src.platform.workdays.schemas import SchoolYear

_QUARTERS = 4
YEAR = (
    "insert into school_year (code, quarters, vacations, act) values (%(code)s, %(quarters)s, %(vacations)s, %(act)s) "
    "on conflict (code) do update set quarters = excluded.quarters, vacations = excluded.vacations, act = excluded.act"
)


class BadYearError(Exception):
    """The file does not describe a school year; says what is wrong."""


def main(arguments: list[str]) -> int:
    """Run one verb; 1 with a sentence when the input makes no sense."""
    chosen = _parser().parse_args(arguments)
    try:
        entered = _year(chosen) if chosen.verb == "school-year" else asyncio.run(_day(chosen))
    except (BadYearError, OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        print(f"Not entered: {error}")
        return 1
    print(f"Entered: {entered}")
    return 0


def read(file: Path) -> dict[str, Any]:
    """A school year as its row. Raises BadYearError, OSError, TOMLDecodeError, ValidationError."""
    given = msgspec.to_builtins(tomllib.loads(file.read_text()))
    act = str(given.pop("act", "")).strip()
    year = msgspec.convert(given, SchoolYear)
    if not act:
        raise BadYearError("`act` names the order of the ministry")
    if [one.number for one in year.quarters] != list(range(1, _QUARTERS + 1)):
        raise BadYearError("there are four quarters, in their order")
    spans = [(one.first, one.last) for one in year.quarters] + [(one.first, one.last) for one in year.vacations]
    if any(last < first for first, last in spans):
        raise BadYearError("a span ends before it begins")
    if any(after.first <= before.last for before, after in pairwise(year.quarters)):
        raise BadYearError("a quarter begins before the one before it ends")
    if year.code != f"{year.first.year}-{year.last.year}":
        raise BadYearError("the code is that of its years, as 2026-2027")
    lists = {name: Jsonb(msgspec.to_builtins(getattr(year, name))) for name in ("quarters", "vacations")}
    return {"code": year.code, "act": act, **lists}


def _year(chosen: argparse.Namespace) -> str:
    values = read(chosen.file)
    with psycopg.connect(settings().database_url) as admin:
        admin.execute(YEAR, values)
    return str(values["code"])


async def _day(chosen: argparse.Namespace) -> str:
    with psycopg.connect(settings().database_url) as admin:
        operator = found_operator(admin)
    try:
        async with unit(Inside(TenantContext(operator))) as work:
            if not await workdays.enter_day(work, chosen.day, chosen.week, chosen.kind, chosen.act):
                raise BadYearError("this day is entered already")
    finally:
        await engine.dispose()
    return str(chosen.day)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qorgan calendar")
    verbs = parser.add_subparsers(dest="verb", required=True)
    year = verbs.add_parser("school-year", help="enter a school year from a TOML file; the same code again replaces it")
    year.add_argument("file", type=Path)
    day = verbs.add_parser("day", help="enter a day off or a working day that an act makes")
    day.add_argument("day", type=date.fromisoformat)
    day.add_argument("kind", choices=("holiday", "working"))
    day.add_argument("--week", choices=("five", "six", "both"), default="both")
    day.add_argument("--act", required=True)
    return parser
