"""Names that nobody bears: put together from lists of our own, with the endings that go with the sex."""

import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

_FILE = Path(__file__).with_name("names.toml")
_KAZAKH_SHARE = 0.78
_ADDS_A = ("ов", "ев", "ёв", "ин", "ын")
_KAZAKH_ENDING = {"male": "ұлы", "female": "қызы"}
_SEXES = ("male", "female")


class Name(NamedTuple):
    """A person of the demo; `patronymic` is empty where somebody uses none."""

    family: str
    given: str
    patronymic: str
    sex: str
    parent: str
    """The full name of the mother or the father."""

    @property
    def full(self) -> str:
        """As a school writes it."""
        return f"{self.family} {self.given}"


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def child(rng: Random) -> Name:
    """A child with a parent, whose names fit together."""
    origin, sex = _origin(rng), rng.choice(_SEXES)
    known = _lists()[origin]
    family, father = rng.choice(known["families"]), rng.choice(known["men"])
    given = rng.choice(known["boys" if sex == "male" else "girls"])
    mother = rng.random() < 0.7  # noqa: PLR2004  # mothers are called first
    parent = f"{_of_sex(family, 'female')} {rng.choice(known['women'])}" if mother else f"{family} {father}"
    return Name(_of_sex(family, sex), given, _patronymic(origin, father, sex), sex, parent)


def adult(rng: Random, sex: str = "") -> Name:
    """Somebody who works somewhere."""
    origin, sex = _origin(rng), sex or ("male" if rng.random() < 0.2 else "female")  # noqa: PLR2004  # as in schools
    known = _lists()[origin]
    given = rng.choice(known["men" if sex == "male" else "women"])
    patronymic = _patronymic(origin, rng.choice(known["men"]), sex)
    return Name(_of_sex(rng.choice(known["families"]), sex), given, patronymic, sex, "")


def is_mother(name: Name) -> bool:
    """Whether the parent of a child is a woman."""
    known = {woman for origin in _lists().values() for woman in origin["women"]}
    return name.parent.split()[1] in known


def _origin(rng: Random) -> str:
    return "kazakh" if rng.random() < _KAZAKH_SHARE else "russian"


def _of_sex(family: str, sex: str) -> str:
    return f"{family}а" if sex == "female" and family.endswith(_ADDS_A) else family


def _patronymic(origin: str, father: str, sex: str) -> str:
    if origin == "kazakh":
        return father + _KAZAKH_ENDING[sex]
    forms = _lists()["russian"]["patronymics"][father]
    return str(forms[_SEXES.index(sex)])
