"""The demo region, made once through the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from src.platform.access import policy
from src.platform.accounts import service as accounts
from src.platform.cli import calendar
from src.platform.cli.demo.people import COLLEAGUES, FAMILIES, ORGANISATIONS, PEOPLE, DemoOrganisation, DemoPerson
from src.platform.cli.demo.school_life import School, Seat, begin_school_year
from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity

PASSWORD = "qorgan-demo"  # noqa: S105  # printed on the screen; the demo region holds nobody
_SCHOOL_YEAR = Path(__file__).with_name("school_year.toml")
_DIRECTOR, _CLASS_TEACHER, _PARTNER = "director@demo.kz", "class@demo.kz", "partner@demo.kz"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A line of the table that the demo prints."""

    roles: str
    place: str
    sign_in: str


def open_to_newcomers(*, is_ours: bool) -> None:
    """Let people in who have set up no second factor (ADR 10), where nobody else can have filled the database.

    One that was named by its address is marked while it is empty only: it may be a region's.
    """
    with psycopg.connect(settings().database_url) as admin:
        admin.execute(
            "update platform_state set is_test = true, second_factor_optional = true "
            "where %s or not exists (select from tenants)",
            (is_ours,),
        )


async def ensure_region() -> list[SignIn]:
    """Make what the region lacks, also after a start that was broken off; the people to sign in as."""
    policy.load()
    try:
        with psycopg.connect(settings().database_url) as admin:
            operator = found_operator(admin)
            admin.execute(calendar.YEAR, calendar.read(_SCHOOL_YEAR))
        places = await organisations(operator)
        hired = {person: await hire(places[person.place], person) for person in (*PEOPLE, *COLLEAGUES)}
        seats = [Seat(hired[person], person.seat, person.leads) for person in hired if person.seat]
        teacher = next(hired[person] for person in hired if person.sign_in == _CLASS_TEACHER)
        school = School(places["school"], _DIRECTOR, seats, teacher, places["ngo"], _PARTNER)
        await begin_school_year(school, PASSWORD)
        for family in FAMILIES:
            await _let_in(places[family.place], family)
    finally:
        await engine.dispose()
    names = {o.key: o.name_kk for o in ORGANISATIONS} | {"operator": "Өңір операторы"}
    return [SignIn(_duties(p), names[p.place], p.sign_in) for p in (*PEOPLE, *FAMILIES)]


def _duties(person: DemoPerson) -> str:
    team = ["security team" + (f" ({person.leads})" if person.leads else "")] if person.seat else []
    return ", ".join([*person.roles, *team])


async def organisations(operator: UUID, wanted: Sequence[DemoOrganisation] = ORGANISATIONS) -> dict[str, UUID]:
    """Key -> organisation."""
    async with unit(Inside(TenantContext(operator))) as work:
        known = {one.code: one.id for one in await tenants.organisations(work)}
        made = {
            one.code: await tenants.provision(
                work,
                NewOrganisation(
                    kind=one.kind,
                    code=one.code,
                    slug=one.code,
                    name_kk=one.name_kk,
                    name_ru=one.name_ru,
                    name_en=one.name_en,
                ),
            )
            for one in wanted
            if one.code not in known
        }
    return {"operator": operator} | {one.key: (known | made)[one.code] for one in wanted}


async def hire(tenant_id: UUID, person: DemoPerson) -> UUID:
    """The membership, made when there is none: user and membership come in one transaction."""
    async with unit(Inside(TenantContext(tenant_id))) as work:
        user_id = await accounts.user_id(work, person.sign_in)
        if user_id is not None:
            return next(one.membership_id for one in await tenants.members(work) if one.user_id == user_id)
        identity = Identity(family_name=person.family_name, given_name=person.given_name, email=person.sign_in)
        person_id = await vault.add_person(work, "staff", identity)
        user_id = await accounts.create_user(work, person.sign_in, PASSWORD)
        return await tenants.add_member(work, user_id, person_id, person.roles)


async def _let_in(tenant_id: UUID, person: DemoPerson) -> None:
    """Give a student or parent of the class list an account, as a paper with a code would."""
    async with unit(Inside(TenantContext(tenant_id))) as work:
        if await accounts.user_id(work, person.sign_in) is not None:
            return
        found = await vault.search(work, f"{person.family_name} {person.given_name}", ("student", "guardian"))
        person_id = found[0].person_id
        user_id = await accounts.create_user(work, person.sign_in, PASSWORD)
        await families.add(work, {person_id: user_id}, {person_id: person.roles[0]})
