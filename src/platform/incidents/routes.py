"""Report, my reports, the list, one incident and the team's work on it."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs, merging, protection, protection_routes, readers, reporting, service, views
from src.platform.incidents import names as names_in_texts
from src.platform.incidents.care import routes as care_routes
from src.platform.incidents.evidence import own_routes, proposals
from src.platform.incidents.evidence import routes as evidence_routes
from src.platform.incidents.families import routes as family_routes
from src.platform.incidents.meetings import routes as meeting_routes
from src.platform.incidents.meetings import service as meetings
from src.platform.incidents.pages import again as _again
from src.platform.incidents.pages import incident_page as _incident_page
from src.platform.incidents.pages import is_open as _is_open
from src.platform.incidents.pages import step_page as _step_page
from src.platform.incidents.reading import list_routes
from src.platform.incidents.reading import routes as reader_routes
from src.platform.incidents.schemas import IncidentView, MyReports, NewReport, ReportForm, Triage
from src.platform.incidents.triage import pranks, questions
from src.platform.incidents.triage import routes as triage_routes
from src.platform.incidents.triage import service as triage_verbs
from src.platform.incidents.turns import routes as turn_routes
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.forms import form, read_body
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, local_path, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.vault import service as vault

READERS = readers.__name__
NAV = (
    NavItem("/report", N_("Report violence"), "report.submit", 20),
    NavItem("/my-reports", N_("My reports"), "report.follow", 25),
    NavItem("/my-tasks", N_("For safety"), protection.FOLLOW, 27),
    NavItem("/incidents", N_("Incidents"), "incident.read", 30),
    *care_routes.NAV,
    *family_routes.NAV,
    NavItem("/meetings", N_("Team meetings"), "incident.classify", 35),
)
_LEVEL = "level-"
_STEP_PAGE = "/incidents/{incident_id}/steps/"


@get("/report", permission="report.submit", name="incidents.report_form")
async def report_form(
    unit: NamedDependency[Unit],
    danger: Annotated[str | None, QueryParameter(name="danger")] = None,
    back: Annotated[str | None, QueryParameter(name="back")] = None,
) -> Page[ReportForm]:
    """Tell what happened; urgent from the first moment where a child is in danger, with the way back (R-258)."""
    way_back = local_path(back) if back else ""
    view = await reporting.report_form(unit, danger=danger == "yes", back=way_back)
    return Page(view, template="incidents/report.html")


@post(
    "/report", permission="report.submit", kept=Kept("/report", inputs.REPORT), name="incidents.report", status_code=200
)
async def report(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Take a report; the description is enough (R-259)."""
    async with form(request, inputs.REPORT, again=lambda: _report_page(unit)) as values:
        by_student = {"reporter_status": "student"} if values.get("told_by") else {}
        await service.report(unit, NewReport(**values | by_student))
    return redirect("/my-reports")


@get("/my-reports", permission="report.follow", name="incidents.my_reports")
async def my_reports(unit: NamedDependency[Unit]) -> Page[MyReports]:
    """How far my reports are."""
    return await _my_reports_page(unit)


@post(
    "/my-reports/answer",
    permission="report.follow",
    kept=Kept("/my-reports", inputs.ANSWER, apart=("report_id", "question_id")),
    name="incidents.answer",
    status_code=200,
)
async def answer(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Answer a question of the team about my report, or add to it."""
    async with form(request, inputs.ANSWER, again=lambda: _my_reports_page(unit)) as values:
        await questions.answer(unit, **values)
    return redirect("/my-reports")


@get("/incidents/{incident_id:uuid}", permission="incident.read", name="incidents.one")
async def one(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[IncidentView]:
    """One incident."""
    return await _page(unit, incident_id)


@get("/incidents/{incident_id:uuid}/steps/{step:str}", permission="incident.read", name="incidents.step")
async def step_form(
    unit: NamedDependency[Unit], incident_id: FromPath[UUID], step: FromPath[str]
) -> Page[IncidentView]:
    """The form of a step that I may take now. Raises NotFound for any other."""
    view = await views.one(unit, incident_id)
    if not _is_open(view, step):
        raise NotFound
    return _step_page(view, step)


@post("/incidents/{incident_id:uuid}/names", permission="incident.read", name="incidents.names", status_code=200)
async def names(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[IncidentView]:
    """Show the names that I may see, for this one response."""
    return _incident_page(await views.names(unit, incident_id))


@post(
    "/incidents/{incident_id:uuid}/search", permission="incident.name_people", name="incidents.search", status_code=200
)
async def search(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Page[IncidentView]:
    """Find a person of the school to name in the incident; the text never stands in an address."""
    async with form(request, inputs.SEARCH, again=lambda: _again(unit, incident_id, "people")) as values:
        found = await vault.search(unit, values["text"], ["student", "staff", "guardian"])
    view = msgspec.structs.replace(await views.one(unit, incident_id), found=found, searched=True)
    return _step_page(view, "people")


@post("/incidents/{incident_id:uuid}/people", permission="incident.name_people", name="incidents.name", status_code=200)
async def name_person(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Name a person in the incident."""
    async with form(request, inputs.NAME, again=lambda: _again(unit, incident_id, "people")) as values:
        await service.name_person(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/steps/people")


@post("/incidents/{incident_id:uuid}/mark", permission="incident.name_people", name="incidents.mark", status_code=200)
async def mark(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Mark a name in the texts."""
    async with form(request, inputs.MARK, again=lambda: _again(unit, incident_id, "mark")) as values:
        await names_in_texts.mark(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/steps/mark")


@post(
    "/incidents/{incident_id:uuid}/unmark", permission="incident.name_people", name="incidents.unmark", status_code=200
)
async def unmark(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Undo a mark."""
    async with form(request, inputs.UNMARK, again=lambda: _again(unit, incident_id, "mark")) as values:
        await names_in_texts.unmark(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/steps/mark")


@post("/incidents/{incident_id:uuid}/read", permission="incident.name_people", name="incidents.read", status_code=200)
async def confirm_read(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """«I have read the texts for identities»."""
    async with form(request, inputs.STEP, again=lambda: _again(unit, incident_id, "mark")) as values:
        await names_in_texts.confirm_read(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/triage",
    permission="incident.screen",
    kept=Kept(_STEP_PAGE + "triage", inputs.TRIAGE),
    name="incidents.triage",
    status_code=200,
)
async def triage(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The team's answers of D-1: harm and danger first, the rest as far as it is known."""
    async with form(
        request, inputs.TRIAGE, again=lambda: _again(unit, incident_id, "triage"), merge=merging.triage
    ) as values:
        answers = Triage(**inputs.told_as_bools(values))
        await triage_verbs.triage(unit, incident_id, values["version"], answers)
    typed = [answers.injuries, answers.behaviour_other]
    return redirect(await proposals.lead(unit, incident_id, typed, f"/incidents/{incident_id}"))


@post(
    "/incidents/{incident_id:uuid}/screen",
    permission="incident.screen",
    kept=Kept(_STEP_PAGE + "screen", inputs.SCREEN),
    name="incidents.screen",
    status_code=200,
)
async def screen(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The team looked at the report and named investigators."""
    async with form(
        request, inputs.SCREEN, again=lambda: _again(unit, incident_id, "screen"), merge=merging.screen
    ) as values:
        await service.screen(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/ask",
    permission="incident.ask",
    kept=Kept("/incidents/{incident_id}", inputs.ASK, apart=("report_id",)),
    name="incidents.ask",
    status_code=200,
)
async def ask(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Ask who made a report."""
    async with form(request, inputs.ASK, again=lambda: _page(unit, incident_id)) as values:
        await questions.ask(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post("/incidents/{incident_id:uuid}/prank", permission="incident.investigate", name="incidents.prank", status_code=200)
async def prank(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """A prank through the public address."""
    async with form(request, inputs.STEP, again=lambda: _page(unit, incident_id)) as values:
        await pranks.dismiss(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post("/incidents/{incident_id:uuid}/start", permission="incident.investigate", name="incidents.start", status_code=200)
async def start(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The investigation begins."""
    async with form(request, inputs.STEP, again=lambda: _page(unit, incident_id)) as values:
        await service.start_investigation(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


@post(
    "/incidents/{incident_id:uuid}/hear",
    permission="incident.investigate",
    kept=Kept(_STEP_PAGE + "hear", inputs.HEAR, apart=("participation_id", "report_id")),
    name="incidents.hear",
    status_code=200,
)
async def hear(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """A talk, or the reason why there was none."""
    async with form(request, inputs.HEAR, again=lambda: _again(unit, incident_id, "hear")) as values:
        await service.hear(unit, incident_id, **values)
    otherwise = f"/incidents/{incident_id}/steps/hear"
    return redirect(await proposals.lead(unit, incident_id, [values.get("notes")], otherwise))


@post(
    "/incidents/{incident_id:uuid}/finish",
    permission="incident.investigate",
    kept=Kept(_STEP_PAGE + "finish", inputs.FINISH),
    name="incidents.finish",
    status_code=200,
)
async def finish(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """What happened is known."""
    async with form(
        request, inputs.FINISH, again=lambda: _again(unit, incident_id, "finish"), merge=merging.finish
    ) as values:
        await service.finish_investigation(unit, incident_id, **values)
    return redirect(await proposals.lead(unit, incident_id, [values["findings"]], f"/incidents/{incident_id}"))


@post(
    "/incidents/{incident_id:uuid}/classify",
    permission="incident.classify",
    kept=Kept(_STEP_PAGE + "classify", Spec(*inputs.CLASSIFY), also=(_LEVEL,)),
    name="incidents.classify",
    status_code=200,
)
async def classify(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """The full team's decision; a level stands in `level-<participation>`."""
    raw = await read_body(request)
    asked = [name for name in raw if name.startswith(_LEVEL)]
    spec = Spec(*inputs.CLASSIFY, *(Field(name, "enum", options=inputs.LEVELS) for name in asked))
    again = partial(_again, unit, incident_id, "classify")
    async with form(request, spec, again=again, merge=merging.classify) as values:
        levels = {_participation(name): values.pop(name) for name in asked if name in values}
        sitting = await meetings.classify(unit, incident_id, levels=levels, **values)
    otherwise = f"/meetings/{sitting}" if sitting else f"/incidents/{incident_id}"
    typed = [values.get("safety_measures"), values.get("minutes")]
    return redirect(await proposals.lead(unit, incident_id, typed, otherwise))


@post("/incidents/{incident_id:uuid}/close", permission="incident.close", name="incidents.close", status_code=200)
async def close(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Everything decided has an owner."""
    async with form(request, inputs.STEP, again=lambda: _again(unit, incident_id, "close")) as values:
        await service.close(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}")


def _participation(name: str) -> UUID:
    try:
        return UUID(name.removeprefix(_LEVEL))
    except ValueError:
        raise Invalid(
            fields=[FieldError("", "unknown_field", N_("The form was sent with a field that it does not have"))]
        ) from None


async def _page(unit: Unit, incident_id: UUID) -> Page[IncidentView]:
    return _incident_page(await views.one(unit, incident_id))


async def _my_reports_page(unit: Unit) -> Page[MyReports]:
    return Page(await reporting.my_reports(unit), template="incidents/my_reports.html")


async def _report_page(unit: Unit) -> Page[ReportForm]:
    return Page(await reporting.report_form(unit), template="incidents/report.html")


route_handlers = [
    report_form,
    report,
    my_reports,
    answer,
    one,
    step_form,
    names,
    search,
    name_person,
    mark,
    unmark,
    confirm_read,
    triage,
    screen,
    ask,
    prank,
    start,
    hear,
    finish,
    classify,
    close,
    *family_routes.route_handlers,
    *list_routes.route_handlers,
    *reader_routes.route_handlers,
    *triage_routes.route_handlers,
    *meeting_routes.route_handlers,
    *turn_routes.route_handlers,
    *evidence_routes.route_handlers,
    *protection_routes.route_handlers,
    *care_routes.route_handlers,
    *own_routes.route_handlers,
]
