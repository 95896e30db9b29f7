"""The nurse's pages, and the step by which the team asks one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, pages
from src.platform.incidents.care import service as care
from src.platform.incidents.care import views as care_views
from src.platform.incidents.care.schemas import CareList, CareView
from src.platform.incidents.evidence import injuries
from src.platform.kit.errors import NotFound
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec

NAV = (NavItem("/care", N_("First help"), care.CARE, 32),)
NOTE = Spec(
    Field("version", "int", required=True),
    Field("participation_id", "uuid"),
    Field("regions", "multi_enum", options=injuries.CODES),
    Field("note", "longtext", most=2000),
    Field("sent_to_medical", "enum", options=frozenset({"yes", "no"})),
    Field("medical_where", "text", most=200),
)
_AT = "/care/{incident_id:uuid}"


@get("/care", permission=care.CARE, name="incidents.care_list")
async def listing(unit: NamedDependency[Unit]) -> Page[CareList]:
    """Incidents for which the team asked me."""
    return Page(await care_views.listing(unit), template="incidents/care/list.html")


@get(_AT, permission=care.CARE, name="incidents.care")
async def one(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[CareView]:
    """The injury fields of one incident."""
    return _page(await care_views.one(unit, incident_id))


@post(_AT + "/names", permission=care.CARE, name="incidents.care_names", status_code=200)
async def names(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[CareView]:
    """Who is hurt, by name, for this one response."""
    return _page(await care_views.one(unit, incident_id, with_names=True))


@get(_AT + "/note", permission=care.CARE, name="incidents.care_form")
async def note_form(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[CareView]:
    """The map of a body. Raises NotFound when nothing can be noted any more."""
    view = await care_views.one(unit, incident_id)
    if not view.may_note:
        raise NotFound
    return _page(view, "note")


@post(
    _AT + "/note",
    permission=care.CARE,
    kept=Kept(_AT.replace(":uuid", "") + "/note", NOTE),
    name="incidents.care_note",
    status_code=200,
)
async def note(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """What the nurse saw, and where she sent whom."""
    async with form(request, NOTE, again=lambda: _note_again(unit, incident_id)) as values:
        medical = values.pop("sent_to_medical", None)
        sent = None if medical is None else medical == "yes"
        await care.note(unit, incident_id, values.pop("version"), sent_to_medical=sent, **values)
    return redirect(f"/care/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/nurse",
    permission=care.ASK,
    kept=Kept("/incidents/{incident_id}/steps/nurse", inputs.ASK_NURSE),
    name="incidents.ask_nurse",
    status_code=200,
)
async def ask(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The team asks a nurse."""
    async with form(request, inputs.ASK_NURSE, again=lambda: pages.again(unit, incident_id, "nurse")) as values:
        await care.ask(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


async def _note_again(unit: Unit, incident_id: UUID) -> Page[CareView]:
    view = await care_views.one(unit, incident_id)
    return _page(view, "note" if view.may_note else "one")


def _page(view: CareView, which: str = "one") -> Page[CareView]:
    return Page(view, template=f"incidents/care/{which}.html", context={"regions_of_body": injuries.REGIONS})


route_handlers = [listing, one, names, note_form, note, ask]
