"""The doors and pages of students and parents; telling parents. `routes` joins them to the module's others."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, merging
from src.platform.incidents.families import service as families
from src.platform.incidents.families import views as family_views
from src.platform.incidents.families.repository import FOLLOW
from src.platform.incidents.families.schemas import FamilyHome, MyChildren, TellForm, TellParents, ToldIncident
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect

NAV = (
    NavItem("/start", N_("My page"), families.TELL, 10),
    NavItem("/tell", N_("Tell what happened"), families.TELL, 20),
    NavItem("/my-children", N_("My child"), FOLLOW, 30),
)
_PARENTS = "/incidents/{incident_id:uuid}/tell-parents"


@get("/start", permission=families.TELL, name="families.home")
async def home(unit: NamedDependency[Unit]) -> Page[FamilyHome]:
    """The first page of a student or parent."""
    return Page(await family_views.home(unit), template="incidents/family/home.html")


@get("/tell", permission=families.TELL, name="families.tell_form")
async def tell_form(unit: NamedDependency[Unit]) -> Page[TellForm]:
    """Tell what happened."""
    return await _tell_page(unit)


@post("/tell", permission=families.TELL, kept=Kept("/tell", inputs.TELL), name="families.tell", status_code=200)
async def tell(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Take a report; the description is enough (R-259)."""
    async with form(request, inputs.TELL, again=lambda: _tell_page(unit)) as values:
        await families.tell(unit, **values)
    return redirect("/start")


@get("/my-children", permission=FOLLOW, name="families.my_children")
async def my_children(unit: NamedDependency[Unit]) -> Page[MyChildren]:
    """What the school told me about my children."""
    return Page(await family_views.my_children(unit), template="incidents/family/children.html")


@get("/my-children/{incident_id:uuid}", permission=FOLLOW, name="families.told")
async def told(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[ToldIncident]:
    """One incident that concerns a child of mine."""
    return Page(await family_views.told_incident(unit, incident_id), template="incidents/family/told.html")


@get(_PARENTS, permission=families.TELL_PARENTS, name="families.tell_parents_form")
async def tell_parents_form(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[TellParents]:
    """Whose parents were told what."""
    return await _parents_page(unit, incident_id)


@post(
    _PARENTS,
    permission=families.TELL_PARENTS,
    kept=Kept(_PARENTS.replace(":uuid", ""), inputs.TELL_PARENTS, apart=("participation_id",)),
    name="families.tell_parents",
    status_code=200,
)
async def tell_parents(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Tell the parents of one child."""
    again = partial(_parents_page, unit, incident_id)
    async with form(request, inputs.TELL_PARENTS, again=again, merge=merging.tell_parents) as values:
        await families.tell_parents(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/tell-parents")


async def _tell_page(unit: Unit) -> Page[TellForm]:
    return Page(await family_views.tell_form(unit), template="incidents/family/tell.html")


async def _parents_page(unit: Unit, incident_id: UUID) -> Page[TellParents]:
    return Page(await family_views.tell_parents(unit, incident_id), template="incidents/family/parents.html")


route_handlers = [home, tell_form, tell, my_children, told, tell_parents_form, tell_parents]
