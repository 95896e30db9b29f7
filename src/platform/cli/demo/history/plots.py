"""What happens in a school on a day, decided by a seed: the same seed, school and day give the same plots."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from src.platform.cli.demo.history import names
from src.platform.cli.demo.history.names import Name
from src.platform.kit.clock import LOCAL_ZONE, local_date
from src.platform.workdays.calendar import WorkCalendar, add_days

_FILE = Path(__file__).with_name("stories.toml")
_BREAKS = (time(8, 45), time(9, 40), time(9, 50), time(10, 40), time(11, 35), time(12, 30), time(13, 20), time(13, 35))
_BREAK_WEIGHTS = (1, 3, 3, 5, 4, 2, 4, 3)
_OPENS, _CLOSES = 9, 18
_LETTERS = "АӘБВГҒДЕ"
_IN_A_CLASS, _GRADES = 26, 11
_TROUBLED = 9
"""So many children of a school do it again and again."""
_DOORS = {"staff": 58, "student": 12, "parent": 12, "anonymous": 18}
_OUTCOMES = {"confirmed_violence": 58, "confirmed_problem_behaviour": 24, "not_confirmed": 18}
_PACES = {"quick": 62, "slow": 25, "stuck": 13}


class Pupil(NamedTuple):
    """A child of a class list."""

    name: Name
    grade: int
    letter: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One thing that happens. `rng` decides all the rest of its story."""

    at: datetime
    told_at: datetime
    story: dict[str, Any]
    place: str
    door: str
    pace: str
    outcome: str
    who: Pupil
    whom: Pupil
    rng: Random

    def told(self, language: str) -> str:
        """The sentence of the report, without names: who it was stands in a field of its own."""
        words = {"kk": ("бір оқушы", "басқа бала"), "ru": ("один ученик", "другой ребёнок")}[language]
        text = str(self.story[language]).replace("{whom}", words[1]).replace("{who}", words[0])
        return text[0].upper() + text[1:]

    def chance(self, share: float) -> bool:
        """Whether something that happens in this share of stories happens here."""
        return self.rng.random() < share


@cache
def texts() -> dict[str, list[str]]:
    """Sentences for what people write down."""
    found: dict[str, list[str]] = _file()["texts"]
    return found


def pupils(rng: Random, count: int) -> list[Pupil]:
    """The children of a school, class by class; no two of them share both names."""
    letters = _LETTERS[: max(1, round(count / _GRADES / _IN_A_CLASS))]
    places = [(grade, letter) for grade in range(1, _GRADES + 1) for letter in letters]
    taken: set[str] = set()
    found = []
    for number in range(count):
        child = names.child(rng)
        while child.full in taken:
            child = names.child(rng)
        taken.add(child.full)
        grade, letter = places[number * len(places) // count]
        found.append(Pupil(child, grade, letter))
    return found


def of_day(seed: str, day: date, known: Sequence[Pupil], rate: float) -> Iterator[Plot]:
    """The plots of a school day; `rate` is how many there are on average."""
    rng = Random(f"{seed} {day}")  # noqa: S311  # a seed decides, nothing is secret
    while rng.random() < rate / (1 + rate):
        yield _plot(Random(rng.random()), day, known)  # noqa: S311


def later(moment: datetime, minutes: int) -> datetime:
    """So many minutes later, as long as the school is open; else the same day before it closes."""
    end = moment.astimezone(LOCAL_ZONE).replace(hour=_CLOSES, minute=0, second=0, microsecond=0)
    return max(moment + timedelta(minutes=1), min(moment + timedelta(minutes=minutes), end))


def in_days(calendar: WorkCalendar, moment: datetime, days: int, rng: Random) -> datetime:
    """A moment of the `days`-th working day after one, while the school is open."""
    day = calendar.add_working(local_date(moment), days)
    return datetime.combine(day, time(rng.randrange(_OPENS, _CLOSES - 1), rng.randrange(60)), LOCAL_ZONE)


def on_day(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day."""
    return datetime.combine(day, time(hour, minute), LOCAL_ZONE)


def days_between(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    day = first
    while day <= last:
        yield day
        day = add_days(day, 1)


def _plot(rng: Random, day: date, known: Sequence[Pupil]) -> Plot:
    stories = _file()["story"]
    story = rng.choices(stories, [one["weight"] for one in stories])[0]
    who = known[rng.randrange(_TROUBLED) * len(known) // _TROUBLED] if rng.random() < 0.4 else rng.choice(known)  # noqa: PLR2004
    peers = [one for one in known if abs(one.grade - who.grade) <= 1 and one is not who] or [
        one for one in known if one is not who
    ]
    at = datetime.combine(day, rng.choices(_BREAKS, _BREAK_WEIGHTS)[0], LOCAL_ZONE)
    door = _one_of(rng, _DOORS)
    waits = rng.randrange(8, 150) if door == "staff" else rng.randrange(240, 560)
    return Plot(
        at=at,
        told_at=at + timedelta(minutes=waits),
        story=story,
        place=_one_of(rng, story["places"]),
        door=door,
        pace=_one_of(rng, _PACES),
        outcome=_one_of(rng, _OUTCOMES),
        who=who,
        whom=rng.choice(peers),
        rng=rng,
    )


def _one_of(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
