"""Turns outside the usual way: another investigator, measures for an employee, repeats, reconciliation, reopening."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, merging, pages
from src.platform.incidents.evidence import proposals
from src.platform.incidents.turns import amending, duties, reconciliation, reopening, repeats
from src.platform.kit.forms import form, read_body
from src.platform.kit.kept import Kept
from src.platform.kit.page import redirect
from src.platform.kit.payload import Field, Spec

_STEP_PAGE = "/incidents/{incident_id}/steps/"


@post(
    "/incidents/{incident_id:uuid}/investigator",
    permission="incident.screen",
    kept=Kept(_STEP_PAGE + "replace", inputs.REPLACE),
    name="incidents.replace_investigator",
    status_code=200,
)
async def replace(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Another member investigates."""
    async with form(request, inputs.REPLACE, again=lambda: pages.again(unit, incident_id, "replace")) as values:
        await duties.replace_investigator(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/measures",
    permission="incident.take_measures",
    kept=Kept(_STEP_PAGE + "measures", inputs.MEASURES),
    name="incidents.take_measures",
    status_code=200,
)
async def measures(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """What the director did about an employee."""
    again = partial(pages.again, unit, incident_id, "measures")
    async with form(request, inputs.MEASURES, again=again, merge=merging.measures) as values:
        await duties.take_measures(unit, incident_id, **values)
    return redirect(await proposals.lead(unit, incident_id, [values["measures"]], f"/incidents/{incident_id}"))


@post(
    "/incidents/{incident_id:uuid}/secondary",
    permission="incident.classify",
    name="incidents.secondary",
    status_code=200,
)
async def secondary(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Whether a child goes to the team for secondary measures."""
    async with form(request, inputs.SECONDARY, again=lambda: pages.again(unit, incident_id, "secondary")) as values:
        await repeats.answer(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/reconciliation",
    permission="incident.reconcile",
    kept=Kept(_STEP_PAGE + "reconcile", inputs.RECONCILE),
    name="incidents.reconcile",
    status_code=200,
)
async def reconcile(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """A talk to which both sides agreed."""
    async with form(request, inputs.RECONCILE, again=lambda: pages.again(unit, incident_id, "reconcile")) as values:
        await reconciliation.record(unit, incident_id, **values)
    return redirect(await proposals.lead(unit, incident_id, [values["result"]], f"/incidents/{incident_id}"))


@post(
    "/incidents/{incident_id:uuid}/reopen",
    permission="incident.reopen",
    kept=Kept(_STEP_PAGE + "reopen", inputs.REOPEN),
    name="incidents.reopen",
    status_code=200,
)
async def reopen(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Investigate again."""
    async with form(request, inputs.REOPEN, again=lambda: pages.again(unit, incident_id, "reopen")) as values:
        await reopening.reopen(unit, incident_id, **values)
    return redirect(await proposals.lead(unit, incident_id, [values["reason"]], f"/incidents/{incident_id}"))


@post(
    "/incidents/{incident_id:uuid}/roles",
    permission="incident.name_people",
    kept=Kept(_STEP_PAGE + "roles", Spec(*inputs.DESCRIBE), also=(merging.ROLE,)),
    name="incidents.describe",
    status_code=200,
)
async def describe(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Who stood in which role, and who is hurt; a role stands in `role-<participation>`."""
    asked = {name: merging.participation_of(name, merging.ROLE) for name in await read_body(request)}
    people = {name: one for name, one in asked.items() if name.startswith(merging.ROLE) and one is not None}
    spec = Spec(*inputs.DESCRIBE, *(Field(name, "enum", options=inputs.ROLES) for name in people))
    again = partial(pages.again, unit, incident_id, "roles")
    async with form(request, spec, again=again, merge=merging.roles) as values:
        roles = {person: values.pop(name, None) for name, person in people.items()}
        await amending.describe(unit, incident_id, roles=roles, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/amend",
    permission="incident.investigate",
    kept=Kept(_STEP_PAGE + "amend", inputs.AMEND),
    name="incidents.amend",
    status_code=200,
)
async def amend(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Write on what stands already."""
    again = partial(pages.again, unit, incident_id, "amend")
    async with form(request, inputs.AMEND, again=again, merge=merging.amend) as values:
        await amending.amend(unit, incident_id, **values)
    typed = [values.get(name) for name in amending.FIELDS]
    return redirect(await proposals.lead(unit, incident_id, typed, f"/incidents/{incident_id}"))


route_handlers = [replace, measures, secondary, reconcile, reopen, describe, amend]
