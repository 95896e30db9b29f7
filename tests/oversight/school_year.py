"""A generated year of a city: every child with what is counted of it, school by school and month by month."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from src.platform.oversight.children import VALUES
from src.platform.oversight.releases import freeze
from src.platform.oversight.repository import Placed
from src.platform.oversight.schemas import Frozen

_WEIGHTS = {
    "what": (30, 40, 2, 4, 14, 34, 6, 2, 12, 3, 20),
    "sex": (40, 55, 3),
    "band": (25, 55, 18, 2),
    "help": (20, 14, 6, 12, 8, 3, 4, 2, 1),
}
CHILD, REFERRAL = ("what", "sex", "band"), ("help",)


@dataclass(frozen=True)
class Counted:
    """One child of a decision, or one referral."""

    school: int
    month: int
    values: dict[str, str]


@dataclass
class SchoolYear:
    """Where the schools lie, and everything that is counted of the year."""

    district_of: dict[int, UUID]
    counted: list[Counted] = field(default_factory=list)

    def quarter(self, quarter: int) -> list[Counted]:
        return [one for one in self.counted if (one.month + 2) // 3 == quarter]

    def placed(self, counted: Iterable[Counted]) -> list[Placed]:
        """What the function in the database answers."""
        children, schools = Counter[tuple[UUID, str, str]](), dict[tuple[UUID, str], set[int]]()
        for one in counted:
            for dimension, value in one.values.items():
                district = self.district_of[one.school]
                children[district, dimension, value] += 1
                schools.setdefault((district, dimension), set()).add(one.school)
        return [Placed(d, t, v, n, len(schools[d, t])) for (d, t, v), n in children.items()]

    def release(self, counted: Iterable[Counted]) -> list[Frozen]:
        """The release of these, by the service's own function."""
        return freeze(self.placed(counted), set(self.district_of.values()))

    def truth(self, counted: Iterable[Counted]) -> Counter[tuple[str, UUID | None, str]]:
        """The number behind every cell; the region's under None."""
        found = Counter[tuple[str, UUID | None, str]]()
        for one in self.placed(counted):
            found[one.dimension, one.district_id, one.value] += one.children
            found[one.dimension, None, one.value] += one.children
        return found

    def form_e(self) -> Counter[tuple[int, int]]:
        """What every Form E tells: children of a school and month, exactly. The worst case: each of them is one."""
        return Counter((one.school, one.month) for one in self.counted if "sex" in one.values)

    def answers_due(self) -> Counter[tuple[int, int]]:
        """What the process counters tell: referrals of a school and month, exactly."""
        return Counter((one.school, one.month) for one in self.counted if "help" in one.values)


def generate(seed: int, *, districts: int, schools: int, months: Iterable[int]) -> SchoolYear:
    """Large and small districts, quiet and loud schools, small numbers almost everywhere."""
    dice = random.Random(seed)  # noqa: S311  # the same year for the same seed
    places = [UUID(int=dice.getrandbits(128)) for _ in range(districts)]
    crowd = [dice.choice((1, 2, 6)) for _ in places]
    year = SchoolYear({school: dice.choices(places, crowd)[0] for school in range(schools)})
    for school in year.district_of:
        loud = dice.choice((0.2, 0.6, 1.5, 3))
        for month in months:
            for _ in range(min(9, int(dice.expovariate(1 / loud)))):
                what = _drawn(dice, "what")  # children of one incident have that in common
                for _child in range(dice.choice((1, 2, 2, 2, 3, 4))):
                    values = {"what": what, "sex": _drawn(dice, "sex"), "band": _drawn(dice, "band")}
                    year.counted.append(Counted(school, month, values))
                    if dice.random() < 0.3:
                        year.counted.append(Counted(school, month, {"help": _drawn(dice, "help")}))
    return year


def _drawn(dice: random.Random, dimension: str) -> str:
    return dice.choices(VALUES[dimension], _WEIGHTS[dimension])[0]
