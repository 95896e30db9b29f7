"""Another school with the people of the first: the same steps (`tests.support.incidents`) work in it as well."""

from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import ties as vault_ties
from tests.support.inside import inside
from tests.support.people import Region, hire

OF_A_SCHOOL = {
    "daulet": ("school_director",),
    "saule": ("deputy_upbringing", "team_coordinator"),
    "aigerim": ("psychologist", "team_member"),
    "gulnar": ("social_pedagogue", "team_member"),
    "bota": ("class_teacher",),
    "marat": ("subject_teacher",),
    "alua": ("student",),
    "kamila": ("parent",),
}


async def twin(region: Region, code: str) -> Region:
    """The region as seen from another school: its people have the names and roles of the first one's."""
    async with inside(region.operator) as work:
        new = NewOrganisation(kind="school", code=code, slug=code, name_kk="Мектеп", name_ru="Школа", name_en="School")
        place = await tenants.provision(work, new)
    hired = {name: await hire(name, place, roles) for name, roles in OF_A_SCHOOL.items()}
    async with inside(place) as work:
        await vault_ties.tie(work, hired["alua"].person_id, hired["kamila"].person_id, "mother")
    return Region(region.operator, region.organisations | {"school12": place}, region.people | hired)
