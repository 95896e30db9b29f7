"""The demo region, made once through the services."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from src.platform.accounts import service as accounts
from src.platform.cli.demo.people import ORGANISATIONS, PEOPLE, STUDENTS, DemoPerson
from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity

PASSWORD = "qorgan-demo"  # noqa: S105  # printed on the screen; the demo region holds nobody
_SCHOOLS = ("school", "other")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A line of the table that the demo prints."""

    roles: str
    place: str
    sign_in: str


async def ensure_region() -> list[SignIn]:
    """Make the region if the database has none; the people to sign in as."""
    try:
        with psycopg.connect(settings().database_url) as admin:
            fresh = admin.execute("select from tenants").fetchone() is None
            operator = found_operator(admin)
        if fresh:
            await _make(operator)
    finally:
        await engine.dispose()
    names = {o.key: o.name_kk for o in ORGANISATIONS} | {"operator": "Өңір операторы"}
    return [SignIn(", ".join(p.roles), names[p.place], p.sign_in) for p in PEOPLE]


async def _make(operator: UUID) -> None:
    places = {"operator": operator}
    async with unit(Inside(TenantContext(operator))) as work:
        for one in ORGANISATIONS:
            new = NewOrganisation(
                kind=one.kind,
                code=one.code,
                slug=one.code,
                name_kk=one.name_kk,
                name_ru=one.name_ru,
                name_en=one.name_en,
            )
            places[one.key] = await tenants.provision(work, new)
    for person in PEOPLE:
        await _hire(places[person.place], person)
    for school in _SCHOOLS:
        async with unit(Inside(TenantContext(places[school]))) as work:
            children = [Identity(family_name=family, given_name=given) for family, given in STUDENTS]
            await vault.add_people(work, "student", children)


async def _hire(tenant_id: UUID, person: DemoPerson) -> None:
    async with unit(Inside(TenantContext(tenant_id))) as work:
        identity = Identity(family_name=person.family_name, given_name=person.given_name, email=person.sign_in)
        person_id = await vault.add_person(work, "staff", identity)
        user_id = await accounts.create_user(work, person.sign_in, PASSWORD)
        await tenants.add_member(work, user_id, person_id, person.roles)
