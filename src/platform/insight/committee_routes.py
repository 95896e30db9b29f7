"""Reports to the parents' committee: periods, one report, confirming it, taking it along."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.documents import taking
from src.platform.insight import committee, committee_paper
from src.platform.insight.schemas import CommitteePage, CommitteePeriods
from src.platform.kit import i18n
from src.platform.kit.forms import form, pressed, question
from src.platform.kit.kept import Kept
from src.platform.kit.media import PDF
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_PAGE = "/committee-report"
_MONTH = Field("month", "int", required=True)
SHOWN = Spec(Field("month", "int"), Field("revision", "int"))
CONFIRM = Spec(
    _MONTH,
    Field("version", "int", required=True),
    Field("seen", "text", required=True, most=16),
    Field("note", "longtext", most=1_000),
    Field("reason", "longtext", most=1_000),
)
TAKE = Spec(_MONTH, Field("language", "enum", required=True, options=frozenset({"kk", "ru"})), Field("revision", "int"))


@get("/committee-reports", permission="insight.read", name="insight.committee_reports")
async def listing(unit: NamedDependency[Unit]) -> Page[CommitteePeriods]:
    """The periods that are over, and which report of them is confirmed."""
    return Page(await committee.listing(unit), template="insight/committee_reports.html")


@get(_PAGE, permission="insight.read", name="insight.committee_report")
async def one(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CommitteePage]:
    """One report; `month` (YYYYMM) is the first of its period, `revision` asks for an older version."""
    async with question(request, SHOWN, again=lambda: _page(unit)) as values:
        return await _page(unit, **values)


@post(
    f"{_PAGE}/confirm",
    permission="insight.report",
    kept=Kept("/committee-report?month={month}", CONFIRM, apart=("month",)),
    name="insight.confirm_report",
    status_code=200,
)
async def confirm(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Freeze a report as it was seen."""
    month = await pressed(request, "month")
    async with form(request, CONFIRM, again=lambda: _page(unit, int(month) if month.isdecimal() else None)) as values:
        await committee.confirm(unit, **values)
    return redirect(f"{_PAGE}?month={values['month']}")


@post(f"{_PAGE}/take", permission="insight.read", name="insight.take_report", gives=(PDF,), status_code=200)
async def take(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[bytes]:
    """A confirmed report as PDF; taking it is recorded."""
    async with form(request, TAKE) as values:
        roles = taking.in_words(request, unit.me.roles, values["language"])
        name, made = await committee_paper.of_period(unit, roles=roles, **values)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=PDF, headers=headers)


async def _page(unit: Unit, month: int | None = None, revision: int | None = None) -> Page[CommitteePage]:
    i18n.use(unit.language)
    view = await committee.page(unit, month, revision)
    context = {"period": committee_paper.period(view), "values": {"month": view.month}}  # whose draft stands here
    return Page(view, template="insight/committee_report.html", context=context)


route_handlers = [listing, one, confirm, take]
