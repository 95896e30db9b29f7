"""Preparing Form K from an incident for somebody else to sign (R-254)."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.kept import Kept
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import help_drafts
from src.platform.referrals.referring_routes import HELP
from src.platform.referrals.referring_schemas import Help, HelpForm

PREPARE = Spec(
    Field("version", "int", required=True),
    Field("child", "uuid", required=True),
    Field("reason", "longtext", required=True),
    *HELP,
)
CHOSEN = Spec(Field("child", "uuid"))
_AT = "/incidents/{incident_id:uuid}/form-k"


@get(_AT, permission=help_drafts.PREPARE, name="referrals.prepare_help_form")
async def prepare_form(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Page[HelpForm]:
    """Form K of a child, to be signed by somebody else."""
    async with question(request, CHOSEN) as values:
        return await _page(unit, incident_id, values.get("child"))


@post(
    _AT,
    permission=help_drafts.PREPARE,
    kept=Kept("/incidents/{incident_id}/form-k?child={child}", PREPARE, apart=("child",)),
    name="referrals.prepare_help",
    status_code=200,
)
async def prepare(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Give it to who may sign."""
    async with form(request, PREPARE, again=lambda: _page(unit, incident_id, None)) as values:
        told = Help(**{one.name: values[one.name] for one in HELP if one.name in values})
        made = {"version": values["version"], "reason": values["reason"], "told": told}
        await help_drafts.prepare(unit, incident_id, values["child"], **made)
    return redirect(f"/incidents/{incident_id}/form-k?child={values['child']}")


async def _page(unit: Unit, incident_id: UUID, child: UUID | None) -> Page[HelpForm]:
    page = await help_drafts.form_of(unit, incident_id)
    beneath = page.prepared[child].as_typed() if child in page.prepared else {}
    context = {"values": {"child": str(child)} if child in page.children else {}, "beneath": beneath}
    return Page(page, template="referrals/prepare.html", context=context)


route_handlers = [prepare_form, prepare]
