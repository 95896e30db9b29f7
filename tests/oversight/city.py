"""A city with districts of several schools, whose numbers are put in as the schools' workers would have."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

QUARTER = 20263
"""Over, and the schools have had their days."""
_NAMES = ("Алмалы", "=1+1", "Медеу", "Түрксіб")
Counts = Mapping[tuple[str, str], int]
COUNTS: tuple[tuple[Counts, ...], ...] = (
    (
        {("sex", "female"): 14, ("sex", "male"): 9, ("what", "physical"): 17, ("what", "peer_bullying"): 6},
        {("sex", "female"): 8, ("sex", "male"): 12, ("what", "physical"): 12, ("what", "cyberbullying"): 8},
        {("sex", "female"): 1, ("sex", "male"): 2, ("what", "physical"): 3},
    ),
    (
        {("sex", "female"): 3, ("what", "sexual_harassment"): 1, ("what", "physical"): 2},
        {("sex", "male"): 12, ("what", "physical"): 12},
        {("sex", "male"): 13, ("what", "cyberbullying"): 13},
    ),
    (
        {("sex", "female"): 11, ("sex", "male"): 12, ("what", "physical"): 23},
        {("sex", "female"): 9, ("what", "cyberbullying"): 9},
        {("sex", "male"): 16, ("what", "peer_bullying"): 16, ("help", "counselling"): 2},
    ),
    ({("sex", "female"): 20, ("what", "physical"): 20}, {("sex", "male"): 20, ("what", "physical"): 20}),
)
"""By district and school: one small cell in the second, two schools only in the last."""


@dataclass(frozen=True)
class City:
    """Districts by name, and their schools."""

    districts: dict[str, UUID]
    schools: list[list[UUID]]

    def district(self, place: int) -> UUID:
        return list(self.districts.values())[place]


def build(admin_url: str) -> City:
    districts = {name: uuid4() for name in _NAMES}
    schools: list[list[UUID]] = []
    with psycopg.connect(admin_url) as admin:
        for name, district in districts.items():
            admin.execute("insert into district values (%s, %s, %s, %s)", (district, name, name, name))
        for district, of_schools in zip(districts.values(), COUNTS, strict=True):
            schools.append([_school(admin, district) for _ in of_schools])
            for school, counts in zip(schools[-1], of_schools, strict=True):
                for (dimension, value), number in counts.items():
                    add(admin, school, dimension, value, number)
    return City(districts, schools)


def add(admin: psycopg.Connection[tuple[object, ...]], school: UUID, dimension: str, value: str, number: int) -> None:
    admin.execute(
        "insert into oversight_children values (%s, %s, %s, %s, %s) "
        "on conflict (tenant_id, quarter, dimension, value) do update set children = oversight_children.children + excluded.children",
        (school, QUARTER, dimension, value, number),
    )


def _school(admin: psycopg.Connection[tuple[object, ...]], district: UUID) -> UUID:
    school = uuid4()
    code = f"x{school.hex[:8]}"
    admin.execute(
        "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, district_id, recipient_key, created_at) "
        "values (%s, 'school', %s, %s, 'Құпиямектеп', 'Құпиямектеп', 'Құпиямектеп', %s, '', now())",
        (school, code, code, district),
    )
    return school
