"""One region with named people: two schools, a commission, an NGO, the city, the region operator.

Alua learns in the first school, Kamila is her mother; both have accounts of families (ADR 13).
"""

from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from src.platform.accounts import service as accounts
from src.platform.cli.region import found_operator
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.ids import new_id
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    name: str
    sign_in: str
    tenant_id: UUID
    user_id: UUID
    membership_id: UUID
    person_id: UUID
    roles: tuple[str, ...]


@dataclass
class Region:
    """The people by their first names in lower case, the organisations by short names."""

    operator: UUID
    organisations: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        """`region.aigerim`."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


_ORGANISATIONS = {
    "school12": ("school", "mek12", "№12 мектеп", "Школа №12", "School No. 12"),
    "school45": ("school", "mek45", "№45 мектеп", "Школа №45", "School No. 45"),
    "commission": ("commission", "ktizhk", "КТІЖК", "КДН", "Commission on minors’ affairs"),
    "umit": ("ngo", "umit", "«Үміт» ҚҚ", "ОФ «Үміт»", "Umit NGO"),
    "city": (
        "education_department",
        "bilim",
        "Қалалық білім басқармасы",
        "Управление образования",
        "City education department",
    ),
}
_PEOPLE = (
    ("oleg", "operator", ("region_operator",)),
    ("daulet", "school12", ("school_director",)),
    ("saule", "school12", ("deputy_upbringing", "team_coordinator")),
    ("aigerim", "school12", ("psychologist", "team_member")),
    ("gulnar", "school12", ("social_pedagogue", "team_member")),
    ("bota", "school12", ("class_teacher",)),
    ("marat", "school12", ("subject_teacher",)),
    ("alua", "school12", ("student",)),
    ("kamila", "school12", ("parent",)),
    ("erlan", "school45", ("subject_teacher",)),
    ("zhanna", "commission", ("commission_secretary",)),
    ("timur", "umit", ("partner_worker",)),
    ("asel", "city", ("city_officer",)),
)
_OF_FAMILIES = {"student": "student", "parent": "guardian"}
_FAMILY = {
    "oleg": "Osipov",
    "daulet": "Dauletov",
    "saule": "Saparova",
    "aigerim": "Akhmetova",
    "gulnar": "Ganieva",
    "bota": "Bekova",
    "marat": "Muratov",
    "alua": "Alibekova",
    "kamila": "Alibekova",
    "erlan": "Ermekov",
    "zhanna": "Zhakupova",
    "timur": "Temirov",
    "asel": "Asanova",
}
IN_LATIN = frozenset({name.title() for name in _FAMILY} | set(_FAMILY.values()))
"""Words that pages show in Latin letters because somebody typed them so."""


async def found_region(admin_url: str) -> Region:
    """Make the region through the services."""
    with psycopg.connect(admin_url) as admin:
        region = Region(operator=found_operator(admin))
    async with unit(Inside(TenantContext(region.operator))) as work:
        for short, (kind, code, kk, ru, en) in _ORGANISATIONS.items():
            new = NewOrganisation(kind=kind, code=code, slug=code, name_kk=kk, name_ru=ru, name_en=en)
            region.organisations[short] = await tenants.provision(work, new)
    for name, place, roles in _PEOPLE:
        tenant_id = region.operator if place == "operator" else region.organisations[place]
        region.people[name] = await hire(name, tenant_id, roles)
    async with unit(Inside(TenantContext(region.organisations["school12"]))) as work:
        await vault_ties.tie(work, region.alua.person_id, region.kamila.person_id, "mother")
    return region


async def hire(name: str, tenant_id: UUID, roles: tuple[str, ...]) -> Person:
    """A user with a membership, of a colleague or of a family."""
    sign_in = f"{name}-{new_id().hex[-6:]}@qorgan.test"
    kind = _OF_FAMILIES.get(roles[0], "staff")
    async with unit(Inside(TenantContext(tenant_id))) as work:
        person_id = await vault.add_person(work, kind, Identity(family_name=_FAMILY[name], given_name=name.title()))
        user_id = await accounts.create_user(work, sign_in, PASSWORD)
        if kind == "staff":
            membership_id = await tenants.add_member(work, user_id, person_id, roles)
        else:
            membership_id = (await families.add(work, {person_id: user_id}, {person_id: roles[0]}))[person_id]
    return Person(name, sign_in, tenant_id, user_id, membership_id, person_id, roles)
