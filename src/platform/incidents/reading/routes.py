"""What an incident gives its reader to take along or to look back on."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.documents import taking
from src.platform.incidents import inputs
from src.platform.incidents.reading import chronology, paper
from src.platform.incidents.reading.chronology import Chronology
from src.platform.kit.forms import form
from src.platform.kit.media import PDF
from src.platform.kit.page import Page


@post(
    "/incidents/{incident_id:uuid}/form-d",
    permission="incident.read",
    name="incidents.form_d",
    gives=(PDF,),
    status_code=200,
)
async def form_d(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[bytes]:
    """Form D as PDF, cut as the page is; taking it is recorded."""
    async with form(request, inputs.PAPER) as values:
        roles = taking.in_words(request, unit.me.roles, values["language"])
        number, made = await paper.form_d(unit, incident_id, roles=roles, **values)
    headers = {"Content-Disposition": f'attachment; filename="form-d-{number}.pdf"'}
    return Response(made, media_type=PDF, headers=headers)


@get("/incidents/{incident_id:uuid}/chronology", permission="incident.read", name="incidents.chronology")
async def story(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[Chronology]:
    """What happened, who did it and what changed, in the order of time."""
    return Page(await chronology.chronology(unit, incident_id), template="incidents/chronology.html")


route_handlers = [form_d, story]
