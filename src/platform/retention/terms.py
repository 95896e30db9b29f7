"""The terms of `policies/retention.toml`: as long as the law says, or longer where an organisation says so (R-221)."""

import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from src.platform.db.unit import Unit
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar

SETTING = "retention_years"
_MONTHS = 12


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of record. `decided`: the term or from when it counts is our own decision."""

    clause: str
    rules: tuple[str, ...]
    decided: bool
    years: int
    counted_from: str


@cache
def terms(folder: Path) -> dict[str, Term]:
    """Every term. Raises ValidationError for an unknown word or a missing one."""
    return msgspec.convert(tomllib.loads((folder / "retention.toml").read_text()), dict[str, Term])


def term(kind: str) -> Term:
    """The term of a kind of record."""
    return terms(settings().policy_dir)[kind]


async def years_of(unit: Unit, kind: str) -> int:
    """For how many years this organisation keeps a kind of record: never less than the term."""
    chosen: dict[str, Any] = await tenants.setting(unit, SETTING)
    wished = chosen.get(kind)
    return max(term(kind).years, wished if isinstance(wished, int) else 0)


def due_before(today: date, years: int) -> datetime:
    """What was closed before this moment has been kept for its years after the end of its school year."""
    first = calendar.add_months(calendar.school_year_start(today), -_MONTHS * years)
    return calendar.at_local(first, calendar.MIDNIGHT)


def kept_until(closed_on: date, years: int) -> date:
    """The last day on which a record of this day is kept."""
    next_year = calendar.add_months(calendar.school_year_start(closed_on), _MONTHS * (1 + years))
    return calendar.add_days(next_year, -1)
