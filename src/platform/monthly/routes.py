"""Form E: the months of a school, and what the city keeps of them; Form J."""

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
from src.platform.monthly import inputs, paper, readers, service, views
from src.platform.monthly.referral_log import routes as referral_log
from src.platform.monthly.schemas import CityForm, CityForms, MonthList, MonthView

READERS = readers.__name__
NAV = (
    NavItem("/form-e", N_("Form E"), "form_e.follow", 55),
    NavItem("/schools/form-e", N_("Form E"), "oversight.read", 61),
    *referral_log.NAV,
)
_PAGE = "/form-e/{month_id}"
CONFIRM = Spec(
    inputs.VERSION,
    inputs.SEEN,
    Field("note", "longtext", most=1_000),
)


@get("/form-e", permission="form_e.follow", name="form_e.list")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[MonthList]:
    """The months that are over and the one that goes on; `month` (YYYYMM) asks for one."""
    async with question(request, inputs.LISTED, again=lambda: _months(unit)) as values:
        return await _months(unit, **values)


@get("/form-e/{month_id:uuid}", permission="form_e.follow", name="form_e.month")
async def one(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], month_id: FromPath[UUID]
) -> Page[MonthView]:
    """One month; `revision` asks for an older form of it."""
    async with question(request, inputs.SHOWN) as values:
        return await _month(unit, month_id, **values)


@post(
    "/form-e/{month_id:uuid}/confirm",
    permission="form_e.confirm",
    kept=Kept(_PAGE, CONFIRM),
    name="form_e.confirm",
    status_code=200,
)
async def confirm(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], month_id: FromPath[UUID]
) -> Response[Any]:
    """Freeze the numbers and send them to the city."""
    async with form(request, CONFIRM, again=lambda: _month(unit, month_id)) as values:
        await service.confirm(unit, month_id, **values)
    return redirect(f"/form-e/{month_id}")


@post(
    "/form-e/{month_id:uuid}/reopen",
    permission="form_e.confirm",
    kept=Kept(_PAGE, inputs.REOPEN),
    name="form_e.reopen",
    status_code=200,
)
async def reopen(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], month_id: FromPath[UUID]
) -> Response[Any]:
    """Open a confirmed form again, with a reason."""
    async with form(request, inputs.REOPEN, again=lambda: _month(unit, month_id)) as values:
        await service.FORM.reopen(unit, month_id, **values)
    return redirect(f"/form-e/{month_id}")


@post("/form-e/{month_id:uuid}/take", permission="form_e.read", name="form_e.take", gives=(PDF, XLSX), status_code=200)
async def take(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], month_id: FromPath[UUID]
) -> Response[bytes]:
    """A confirmed form as PDF or XLSX; taking it is recorded."""
    async with form(request, inputs.TAKE_REVISION, again=lambda: _month(unit, month_id)) as values:
        roles = taking.in_words(request, unit.me.roles, values["language"])
        return inputs.as_file(values["kind"], *await paper.of_month(unit, month_id, roles=roles, **values))


@get("/schools/form-e", permission="oversight.read", name="form_e.city")
async def city(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CityForms]:
    """Which school has confirmed the form of a month (YYYYMM), by name; no order by a number (R-069)."""
    async with question(request, inputs.LISTED, again=lambda: _city(unit)) as values:
        return await _city(unit, **values)


@get("/schools/form-e/{form_id:uuid}", permission="oversight.read", name="form_e.city_form")
async def city_form(unit: NamedDependency[Unit], form_id: FromPath[UUID]) -> Page[CityForm]:
    """One confirmed form, exact."""
    return await _city_form(unit, form_id)


@post(
    "/schools/form-e/{form_id:uuid}/take",
    permission="oversight.read",
    name="form_e.city_take",
    gives=(PDF, XLSX),
    status_code=200,
)
async def city_take(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], form_id: FromPath[UUID]
) -> Response[bytes]:
    """The same as PDF or XLSX; taking it is recorded."""
    async with form(request, inputs.TAKE, again=lambda: _city_form(unit, form_id)) as values:
        roles = taking.in_words(request, unit.me.roles, values["language"])
        return inputs.as_file(values["kind"], *await paper.received(unit, form_id, roles=roles, **values))


async def _months(unit: Unit, month: int | None = None) -> Page[MonthList]:
    return Page(await views.listing(unit, month), template="monthly/months.html")


async def _month(unit: Unit, month_id: UUID, revision: int | None = None) -> Page[MonthView]:
    return Page(await views.one(unit, month_id, revision), template="monthly/month.html")


async def _city(unit: Unit, month: int | None = None) -> Page[CityForms]:
    return Page(await views.city(unit, month), template="monthly/city.html")


async def _city_form(unit: Unit, form_id: UUID) -> Page[CityForm]:
    return Page(await views.city_form(unit, form_id), template="monthly/city_form.html")


route_handlers = [listing, one, confirm, reopen, take, city, city_form, city_take, *referral_log.route_handlers]
