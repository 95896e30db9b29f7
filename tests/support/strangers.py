"""Somebody of every role of every kind of organisation, in organisations that have nothing to do with the others."""

from collections.abc import Iterator
from itertools import count

from src.platform.access import catalogue
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from tests.support.inside import inside
from tests.support.people import Person, Region, hire

_numbers = count(1)
_BY_ORDER = ("team_member", "team_coordinator")
"""Roles of a school that the order of the team gives, beside another one."""


def kinds() -> dict[str, catalogue.Roles]:
    return catalogue.catalogue(settings().policy_dir)


def roles_of(kind: str) -> Iterator[tuple[str, ...]]:
    """What one person each has there; heads first."""
    known = kinds()[kind]
    yield from ((role,) for role in (*known.all, known.child, known.guardian) if role)
    if known.child:
        yield from (("psychologist", role) for role in _BY_ORDER)


async def strangers(region: Region, *, only: frozenset[str] = frozenset()) -> dict[str, Person]:
    """`kind/role` -> somebody; `only` some kinds."""
    found = {}
    for kind in sorted(only or kinds().keys() - {"region_operator"}):
        code = f"far{next(_numbers)}"
        new = NewOrganisation(kind=kind, code=code, slug=code, name_kk="Бөтен", name_ru="Чужая", name_en="Stranger")
        async with inside(region.operator) as work:
            place = await tenants.provision(work, new)
        for roles in roles_of(kind):
            found[f"{kind}/{roles[-1]}"] = await hire("kamila" if roles[0] == "parent" else "erlan", place, roles)
    return found
