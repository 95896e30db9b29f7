"""Form J: the months of a school, their rows, and papers of them."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.documents import taking
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.media import PDF, XLSX
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.monthly import inputs
from src.platform.monthly.referral_log import paper, service, views
from src.platform.monthly.referral_log.schemas import LogMonth
from src.platform.monthly.schemas import MonthList

NAV = (NavItem("/form-j", N_("Form J"), "form_j.follow", 56),)
CHECKED = Field("checked", "bool")
CONFIRM = Spec(inputs.VERSION, inputs.SEEN, CHECKED)
CHECK = Spec(CHECKED)
TAKE = Spec(*inputs.TAKE_REVISION, Field("names", "bool"))


@get("/form-j", permission="form_j.follow", name="form_j.list")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[MonthList]:
    """The months that are over and the one that goes on; `month` (YYYYMM) asks for one."""
    async with question(request, inputs.LISTED, again=lambda: _months(unit)) as values:
        return await _months(unit, **values)


@get("/form-j/{log_id:uuid}", permission="form_j.follow", name="form_j.month")
async def one(request: Request[Any, Any, Any], unit: NamedDependency[Unit], log_id: FromPath[UUID]) -> Page[LogMonth]:
    """The referrals of one month that I may read; `revision` asks for an older form."""
    async with question(request, inputs.SHOWN) as values:
        return await _month(unit, log_id, **values)


@post("/form-j/{log_id:uuid}/confirm", permission="form_j.confirm", name="form_j.confirm", status_code=200)
async def confirm(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], log_id: FromPath[UUID]
) -> Response[Any]:
    """Freeze the rows of a month; the commission gets its copy."""
    async with form(request, CONFIRM, again=lambda: _month(unit, log_id)) as values:
        await service.confirm(unit, log_id, **values)
    return redirect(f"/form-j/{log_id}")


@post("/form-j/{log_id:uuid}/check", permission="form_j.confirm", name="form_j.check", status_code=200)
async def check(request: Request[Any, Any, Any], unit: NamedDependency[Unit], log_id: FromPath[UUID]) -> Response[Any]:
    """Check the rows that whoever confirmed did not see."""
    async with form(request, CHECK, again=lambda: _month(unit, log_id)) as values:
        await service.check(unit, log_id, **values)
    return redirect(f"/form-j/{log_id}")


@post(
    "/form-j/{log_id:uuid}/reopen",
    permission="form_j.confirm",
    kept=Kept("/form-j/{log_id}", inputs.REOPEN),
    name="form_j.reopen",
    status_code=200,
)
async def reopen(request: Request[Any, Any, Any], unit: NamedDependency[Unit], log_id: FromPath[UUID]) -> Response[Any]:
    """Open a confirmed form again, with a reason."""
    async with form(request, inputs.REOPEN, again=lambda: _month(unit, log_id)) as values:
        await service.FORM.reopen(unit, log_id, **values)
    return redirect(f"/form-j/{log_id}")


@post("/form-j/{log_id:uuid}/take", permission="form_j.follow", name="form_j.take", gives=(PDF, XLSX), status_code=200)
async def take(request: Request[Any, Any, Any], unit: NamedDependency[Unit], log_id: FromPath[UUID]) -> Response[bytes]:
    """A confirmed form as PDF or XLSX, cut for me; taking it is recorded."""
    async with form(request, TAKE, again=lambda: _month(unit, log_id)) as values:
        roles = taking.in_words(request, unit.me.roles, values["language"])
        return inputs.as_file(values["kind"], *await paper.of_month(unit, log_id, roles=roles, **values))


async def _months(unit: Unit, month: int | None = None) -> Page[MonthList]:
    return Page(await views.listing(unit, month), template="monthly/log_months.html")


async def _month(unit: Unit, log_id: UUID, revision: int | None = None) -> Page[LogMonth]:
    return Page(await views.one(unit, log_id, revision), template="monthly/log_month.html")


route_handlers = [listing, one, confirm, check, reopen, take]
