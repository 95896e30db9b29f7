"""Triage with its consequences: what makes an incident worse, links, serious signs, the psychologist, parents."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, merging, views
from src.platform.incidents.evidence import proposals
from src.platform.incidents.families import parents
from src.platform.incidents.families.schemas import ParentsView
from src.platform.incidents.pages import incident_page
from src.platform.incidents.schemas import IncidentView, News
from src.platform.incidents.triage import council, counsel, forwarding, linking, residential
from src.platform.incidents.triage import service as triage
from src.platform.incidents.triage import views as triage_views
from src.platform.kit.forms import form
from src.platform.kit.kept import Kept
from src.platform.kit.page import Page, redirect

_AT = "/incidents/{incident_id:uuid}"
_STEP_PAGE = "/incidents/{incident_id}/steps/"


@post(
    f"{_AT}/worsen",
    permission="incident.screen",
    kept=Kept(_STEP_PAGE + "worsen", inputs.WORSEN),
    name="incidents.worsen",
    status_code=200,
)
async def worsen(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Something became known that makes an incident worse."""
    async with form(request, inputs.WORSEN, again=_again(unit, incident_id, "worsen")) as values:
        news = News(**inputs.told_as_bools(values))
        await triage.worsen(unit, incident_id, values["version"], news)
    return redirect(f"/incidents/{incident_id}")


@post(f"{_AT}/link", permission="incident.screen", name="incidents.link", status_code=200)
async def link(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """This report tells of the same as another incident."""
    async with form(request, inputs.LINK, again=_again(unit, incident_id, "link")) as values:
        into = await linking.link(unit, incident_id, values["version"], values["into"])
    return redirect(f"/incidents/{into}")


@post(f"{_AT}/unlink", permission="incident.screen", name="incidents.unlink", status_code=200)
async def unlink(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """It was not the same after all."""
    async with form(request, inputs.STEP, again=_again(unit, incident_id)) as values:
        await linking.unlink(unit, incident_id, values["version"])
    return redirect(f"/incidents/{incident_id}")


@post(f"{_AT}/forward", permission="incident.forward", name="incidents.forward", status_code=200)
async def forward(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Police and commission are told."""
    async with form(request, inputs.FORWARD, again=_again(unit, incident_id, "forward")) as values:
        await forwarding.forward(unit, incident_id, values["version"], values["targets"])
    return redirect(f"/incidents/{incident_id}")


@post(
    f"{_AT}/waive",
    permission="incident.waive_forwarding",
    kept=Kept(_STEP_PAGE + "forward", inputs.WAIVE),
    name="incidents.waive",
    status_code=200,
)
async def waive(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The first name under a reason not to forward."""
    async with form(request, inputs.WAIVE, again=_again(unit, incident_id, "forward")) as values:
        await forwarding.ask_to_waive(unit, incident_id, values["version"], values["reason"])
    return redirect(f"/incidents/{incident_id}")


@post(f"{_AT}/waive/agree", permission="incident.waive_forwarding", name="incidents.waive_agree", status_code=200)
async def waive_agree(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The second name."""
    async with form(request, inputs.AGREE, again=_again(unit, incident_id, "forward")) as values:
        await forwarding.agree_to_waive(unit, incident_id, values["version"], values["waiver_id"])
    return redirect(f"/incidents/{incident_id}")


@post(f"{_AT}/contact", permission="incident.counsel", name="incidents.contact", status_code=200)
async def contact(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The psychologist has talked with the child."""
    async with form(request, inputs.STEP, again=_again(unit, incident_id)) as values:
        await counsel.record_contact(unit, incident_id, values["version"])
    return redirect(f"/incidents/{incident_id}")


@get(f"{_AT}/parents", permission="incident.inform_parents", name="incidents.parents_form")
async def parents_form(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[ParentsView]:
    """Whose parents know, and who is to be told instead of a parent who is the alleged offender."""
    return await _parents(unit, incident_id)


@post(
    f"{_AT}/parents",
    permission="incident.inform_parents",
    kept=Kept("/incidents/{incident_id}/parents", inputs.PARENTS, apart=("participation_id",)),
    name="incidents.parents",
    status_code=200,
)
async def inform_parents(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Who was informed of a child's incident and when, or why nobody was."""
    async with form(
        request, inputs.PARENTS, again=lambda: _parents(unit, incident_id), merge=merging.inform_parents
    ) as values:
        await parents.inform(unit, incident_id, **values)
    otherwise = f"/incidents/{incident_id}/parents"
    return redirect(await proposals.lead(unit, incident_id, [values.get("reason")], otherwise))


@post(f"{_AT}/residence", permission="incident.inform_parents", name="incidents.residence", status_code=200)
async def residence(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Where a child lives."""
    async with form(request, inputs.RESIDENCE, again=lambda: _parents(unit, incident_id)) as values:
        await residential.note(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/parents")


@post(f"{_AT}/council", permission="incident.call_council", name="incidents.council", status_code=200)
async def call_council(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """A session of the council is started."""
    async with form(request, inputs.COUNCIL, again=_again(unit, incident_id, "council")) as values:
        await council.call(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


async def _parents(unit: Unit, incident_id: UUID) -> Page[ParentsView]:
    return Page(await triage_views.parents_of(unit, incident_id), template="incidents/parents.html")


def _again(unit: Unit, incident_id: UUID, step: str = "") -> Callable[[], Awaitable[Page[IncidentView]]]:
    """The form of a step with what was typed, or the incident when the step is no longer open."""

    async def shown() -> Page[IncidentView]:
        view = await views.one(unit, incident_id)
        if any(one.name == step for one in view.steps):
            return Page(view, template=f"incidents/steps/{step}.html", context={"step": step})
        return incident_page(view, left_over=True)

    return shown


route_handlers = [
    worsen,
    link,
    unlink,
    forward,
    waive,
    waive_agree,
    contact,
    parents_form,
    inform_parents,
    residence,
    call_council,
]
