"""The list of incidents and the filters that a person keeps for it."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import inputs
from src.platform.incidents.reading import listing, papers, saved
from src.platform.incidents.reading.filters import Asked
from src.platform.incidents.reading.schemas import FilterList, IncidentList
from src.platform.kit.forms import form, query_of, question
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Spec

_FILTERS = "/incidents/filters"


@get("/incidents", permission="incident.read", name="incidents.list")
async def incidents(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[IncidentList]:
    """Incidents that I may see, narrowed by the parameters of the address."""
    async with question(request, inputs.LISTED, again=lambda: _refused(unit)) as values:
        after = values.pop("after", None)
        found = await listing.listing(unit, Asked.of(values), after)
    return Page(found, template="incidents/list.html", context={"values": query_of(request)})


@post("/incidents/names", permission="incident.read", name="incidents.list_names", status_code=200)
async def names(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[IncidentList]:
    """The same with the names that I may see, for this one response."""
    async with question(request, inputs.LISTED, again=lambda: _refused(unit)) as values:
        after = values.pop("after", None)
        found = await listing.listing(unit, Asked.of(values), after, with_names=True)
    return Page(found, template="incidents/list.html", context={"values": query_of(request)})


@post("/incidents/papers", permission="incident.read", name="incidents.papers", status_code=200)
async def make_papers(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Form D of the incidents that the address asks for, made by the worker and kept for a day for who asked."""
    again = partial(_refused, unit)
    async with (
        question(request, inputs.FILTER, again=again) as asked,
        form(request, inputs.PAPERS, again=again) as values,
    ):
        work_id = await papers.begin(unit, Asked.of(asked), values["language"])
    return redirect(f"/work/{work_id}")


@get(_FILTERS, permission="incident.read", name="incidents.filters")
async def filters(unit: NamedDependency[Unit]) -> Page[FilterList]:
    """My filters: open, rename, delete."""
    return await _filters_page(unit)


@post(_FILTERS, permission="incident.read", name="incidents.save_filter", status_code=200)
async def save_filter(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Keep what the list was asked under a name."""
    async with form(request, inputs.SAVE_FILTER, again=lambda: _filters_page(unit)) as values:
        await saved.save(unit, **values)
    return redirect(_FILTERS)


@post(_FILTERS + "/{filter_id:uuid}", permission="incident.read", name="incidents.rename_filter", status_code=200)
async def rename_filter(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], filter_id: FromPath[UUID]
) -> Response[Any]:
    """Call a filter something else."""
    async with form(request, inputs.RENAME_FILTER, again=lambda: _filters_page(unit)) as values:
        await saved.rename(unit, filter_id, **values)
    return redirect(_FILTERS)


@post(_FILTERS + "/{filter_id:uuid}/delete", permission="incident.read", name="incidents.drop_filter", status_code=200)
async def delete_filter(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], filter_id: FromPath[UUID]
) -> Response[Any]:
    """Throw a filter away."""
    async with form(request, Spec(), again=lambda: _filters_page(unit)):
        await saved.delete(unit, filter_id)
    return redirect(_FILTERS)


async def _refused(unit: Unit) -> Page[IncidentList]:
    return Page(await listing.empty_list(unit), template="incidents/list.html")


async def _filters_page(unit: Unit) -> Page[FilterList]:
    return Page(FilterList(rows=await saved.mine(unit)), template="incidents/filters.html")


route_handlers = [incidents, names, make_papers, filters, save_filter, rename_filter, delete_filter]
