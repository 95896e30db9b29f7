"""`policies/clocks.toml`, read once and checked: a clock without a clause or with an unknown word does not load."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from src.platform.kit.settings import settings

Period = Literal["week", "month", "quarter", "school_year", "date"]
DayKind = Literal["calendar", "working", "instructional", "instructional_week", "month"]
Moved = Literal["never", "next_working", "previous_working", "last_instructional"]
OnMiss = Literal["red", "amber", "listed", "reminder", "blocked", "undecided", "none"]
Count = Annotated[int, msgspec.Meta(ge=0, le=60)]
Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
DayOfYear = Annotated[str, msgspec.Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class ClockFileError(Exception):
    """The file cannot be used; names the clock and the word, and the line where the clock begins."""


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a ladder."""

    when: str
    to: list[str]
    city: bool = False


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one term of the law is counted and who hears of it. The words are explained in policies/README.md."""

    clause: str
    rules: list[str]
    decided: bool
    start: str
    period: Period | None = None
    day: DayKind
    target: Count
    limit: Count
    steps: dict[str, Count] = {}
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] | None = None
    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)] = 7
    months: list[Month] = []
    dates: list[DayOfYear] = []
    backwards: bool = False
    at_once: bool = False
    moved: Moved = "never"
    instructional_weeks_only: bool = False
    summer_pause: bool = False
    resumes: DayOfYear | None = None
    fixed: bool = False
    field_class: Literal["", "health"] = ""
    on_miss: OnMiss
    responsible: str
    ladder: list[Rung]

    def rungs(self, when: str) -> list[Rung]:
        """The steps of a moment."""
        return [rung for rung in self.ladder if rung.when == when]

    @property
    def city_after(self) -> int | None:
        """How many periods in a row must be missed until the city counts the silence; None where it does not."""
        numbers = [int(r.when.partition(":")[2]) for r in self.ladder if r.city and _is_missed(r.when)]
        return min(numbers, default=None)


def guarded() -> frozenset[str]:
    """The codes whose very running tells something of a class that not every reader of the record has."""
    return frozenset(code for code, clock in clocks().items() if clock.field_class)


@cache
def clocks() -> dict[str, Clock]:
    """All clocks of this process."""
    return load(settings().policy_dir / "clocks.toml")


def load(file: Path) -> dict[str, Clock]:
    """Read and check a clock file. Raises ClockFileError."""
    text = file.read_text()
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # a duplicate code, too; the text names the line
        raise ClockFileError(f"{file.name}: {error}") from error
    return {code: _clock(code, table, text) for code, table in tables.items()}


def _clock(code: str, table: object, text: str) -> Clock:
    line = next((n for n, row in enumerate(text.splitlines(), 1) if row.strip() == f"[{code}]"), 1)
    try:
        made = msgspec.convert(table, Clock)
    except msgspec.ValidationError as error:
        raise ClockFileError(f"line {line}, {code}: {error}") from error
    for complaint in _nonsense(code, made):
        raise ClockFileError(f"line {line}, {code}: {complaint}")
    return made


def _nonsense(code: str, clock: Clock) -> Iterator[str]:
    if not code.startswith("clk_") or not clock.clause.strip():
        yield "the code or the clause is missing"
    if clock.target > clock.limit:
        yield "the target comes after the limit"
    if bool(clock.dates) != (clock.period == "date") or (clock.months and clock.period != "month"):
        yield '`dates` need period = "date", `months` need period = "month"'
    if clock.resumes and not clock.summer_pause:
        yield "`resumes` needs summer_pause"
    early = clock.target < clock.limit or clock.at_once
    for rung in clock.ladder:
        if rung.when not in ("target", "limit") and not _is_missed(rung.when):
            yield f"the ladder does not know when = {rung.when!r}"
        if rung.when == "target" and not early:
            yield "a rung waits for a target that is the limit"


def _is_missed(when: str) -> bool:
    word, _, number = when.partition(":")
    return word == "missed" and number.isdigit()
