"""Statistics about children on the city's page, as a spreadsheet and on paper."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.media import PDF, XLSX
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.oversight import recounting, release_papers, releases
from src.platform.oversight.schemas import CityChildren

_ASKED = Spec(Field("release", "int"), Field("district", "uuid"))
"""Nothing else narrows or orders: no school, no month, no class, no count of a register (R-067, R-069)."""
_RELEASED = Spec(Field("quarter", "int", required=True))


@get("/statistics", permission="oversight.read", name="oversight.children")
async def children(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CityChildren]:
    """The tables of a release, of all districts or one."""
    async with question(request, _ASKED, again=lambda: _page(unit)) as values:
        found = await releases.city_children(unit, values.get("release"), values.get("district"))
    return _shown(found)


@post("/statistics", permission="oversight.release", name="oversight.ask_for_release", status_code=200)
async def ask(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Make the release of a quarter that is over."""
    async with form(request, _RELEASED, again=lambda: _page(unit)) as values:
        work_id = await releases.ask(unit, **values)
    return redirect(f"/work/{work_id}")


@post("/statistics/recount", permission="oversight.release", name="oversight.recount", status_code=200)
async def recount(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Count a quarter of every school anew."""
    async with form(request, _RELEASED, again=lambda: _page(unit)) as values:
        work_id = await recounting.begin(unit, **values)
    return redirect(f"/work/{work_id}")


@post(
    "/statistics/{release_id:uuid}/xlsx",
    permission="oversight.read",
    name="oversight.xlsx",
    gives=(XLSX,),
    status_code=200,
)
async def spreadsheet(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], release_id: FromPath[UUID]
) -> Response[bytes]:
    """A release as a spreadsheet."""
    async with form(request, Spec()):
        found, release = await releases.taken(unit, release_id, "xlsx")
    return file(await release_papers.spreadsheet(found, release), XLSX, f"release-{release.number}.xlsx")


@post(
    "/statistics/{release_id:uuid}/pdf",
    permission="oversight.read",
    name="oversight.pdf",
    gives=(PDF,),
    status_code=200,
)
async def paper(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], release_id: FromPath[UUID]
) -> Response[bytes]:
    """A release on paper."""
    async with form(request, Spec()):
        found, release = await releases.taken(unit, release_id, "pdf")
    return file(await release_papers.paper(unit, found, release), PDF, f"release-{release.number}.pdf")


async def _page(unit: Unit) -> Page[CityChildren]:
    return _shown(await releases.city_children(unit, None, None))


def _shown(found: CityChildren) -> Page[CityChildren]:
    context = {
        "title_of": release_papers.title,
        "explained": release_papers.explanation(),
        "hidden": release_papers.HIDDEN,
    }
    return Page(found, template="oversight/children.html", context=context)


def file(made: bytes, kind: str, name: str) -> Response[bytes]:
    """Something to keep, under a name."""
    return Response(made, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


route_handlers = [children, ask, recount, spreadsheet, paper]
