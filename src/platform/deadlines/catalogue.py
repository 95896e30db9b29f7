"""`policies/clocks.toml`, read once and checked: a clock without a clause or with an unknown word does not load."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from src.platform.kit.settings import settings


class ClockFileError(Exception):
    """The file cannot be used; names the clock and the word, and the line where the clock begins."""


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a ladder."""

    when: str
    to: list[str]
    city: bool = False


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one term of the law is counted and who hears of it."""

    clause: str
    rules: list[str]
    day: Literal["calendar", "working", "week_after"]
    target: int
    limit: int
    decided: bool
    ladder: list[Rung]
    hour: int | None = None

    def rungs(self, when: str) -> list[Rung]:
        """The steps of a moment."""
        return [rung for rung in self.ladder if rung.when == when]


@cache
def clocks() -> dict[str, Clock]:
    """All clocks of this process."""
    return load(settings().policy_dir / "clocks.toml")


def load(file: Path) -> dict[str, Clock]:
    """Read and check a clock file. Raises ClockFileError."""
    text = file.read_text()
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClockFileError(f"{file.name}: {error}") from error
    return {code: _clock(code, table, text) for code, table in tables.items()}


def _clock(code: str, table: object, text: str) -> Clock:
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.strip() == f"[{code}]")
    try:
        made = msgspec.convert(table, Clock)
    except msgspec.ValidationError as error:
        raise ClockFileError(f"line {line}, {code}: {error}") from error
    if not code.startswith("clk_") or not made.clause.strip():
        raise ClockFileError(f"line {line}, {code}: the code or the clause is missing")
    strange = [r.when for r in made.ladder if r.when not in ("target", "limit") and not _is_missed(r.when)]
    if strange or made.target > made.limit:
        raise ClockFileError(f"line {line}, {code}: the ladder or the terms make no sense")
    return made


def _is_missed(when: str) -> bool:
    word, _, number = when.partition(":")
    return word == "missed" and number.isdigit()
