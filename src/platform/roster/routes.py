"""Classes, finding a person, and the import of class lists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.errors import Invalid
from src.platform.kit.forms import FormRejectedError, form
from src.platform.kit.i18n import N_
from src.platform.kit.media import XLSX
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.kit.uploads import MOST_SENT, LetGo
from src.platform.roster import large_lists, service, views
from src.platform.roster.class_list.sheet import MOST_BYTES
from src.platform.roster.errors import UnreadableFileError
from src.platform.roster.schemas import ClassList, ClassView, ImportPage, ImportReview, SearchPage

NAV = (
    NavItem("/classes", N_("Classes"), "school_class.read", 70),
    NavItem("/people", N_("Find a person"), "roster.search", 75),
)
SEARCH = Spec(Field("text", "text", required=True, most=100))
FILE = Spec(Field("file", "file", required=True, most=MOST_BYTES))
TEACHER = Spec(Field("version", "int", required=True), Field("teacher", "uuid", required=True))


@get("/classes", permission="school_class.read", name="roster.classes")
async def listing(unit: NamedDependency[Unit]) -> Page[ClassList]:
    """Classes that I may open."""
    return Page(await views.classes(unit), template="roster/classes.html")


@get("/classes/{class_id:uuid}", permission="school_class.read", name="roster.one")
async def one(unit: NamedDependency[Unit], class_id: FromPath[UUID]) -> Page[ClassView]:
    """The list of one class."""
    return await _class_page(unit, class_id)


@post("/classes/{class_id:uuid}/teacher", permission="school_class.appoint", name="roster.teacher", status_code=200)
async def teacher(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], class_id: FromPath[UUID]
) -> Response[Any]:
    """Make somebody the teacher of a class."""
    async with form(request, TEACHER, again=lambda: _class_page(unit, class_id)) as values:
        await service.appoint_teacher(unit, class_id, **values)
    return redirect(f"/classes/{class_id}")


@get("/people", permission="roster.search", name="roster.search_form")
async def search_form(unit: NamedDependency[Unit]) -> Page[SearchPage]:
    """Ask for a name."""
    return await _search_page(unit)


@post("/people", permission="roster.search", name="roster.search", status_code=200)
async def search(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[SearchPage]:
    """Find a person; the text never stands in an address."""
    async with form(request, SEARCH, again=lambda: _search_page(unit)) as values:
        found = await views.search(unit, values["text"])
    return Page(found, template="roster/search.html", context={"values": values})


@get("/class-lists", permission="roster.import", name="roster.import_form")
async def import_form(unit: NamedDependency[Unit]) -> Page[ImportPage]:
    """Ask for a file."""
    return _import_page(unit)


@get("/class-lists/empty", permission="roster.import", name="roster.empty_list", gives=(XLSX,))
async def empty_list(unit: NamedDependency[Unit]) -> Response[bytes]:
    """The list to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="class-list.xlsx"'}
    return Response(await service.empty_list(unit), media_type=XLSX, headers=headers)


@post(
    "/class-lists",
    permission="roster.import",
    name="roster.upload",
    status_code=200,
    file_most=MOST_BYTES,
    reads=FILE,
    request_max_body_size=MOST_SENT,
)
async def upload(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Check a file; every mistake of every row comes back at once."""
    async with _complaints_on_the_page(unit):
        draft_id = await service.upload(unit, await _file(request))
    return redirect(f"/class-lists/{draft_id}")


@get("/class-lists/{draft_id:uuid}", permission="roster.import", name="roster.review")
async def review(unit: NamedDependency[Unit], draft_id: FromPath[UUID]) -> Page[ImportReview]:
    """What loading would do."""
    return await _review_page(unit, draft_id)


@post("/class-lists/{draft_id:uuid}/load", permission="roster.import", name="roster.load", status_code=200)
async def load(request: Request[Any, Any, Any], unit: NamedDependency[Unit], draft_id: FromPath[UUID]) -> Response[Any]:
    """Load everything or nothing; a long list is loaded by the worker."""
    async with form(request, Spec(), again=lambda: _review_page(unit, draft_id)):
        work_id = await large_lists.load(unit, draft_id)
    return redirect(f"/work/{work_id}" if work_id else "/classes")


@post("/class-lists/{draft_id:uuid}/discard", permission="roster.import", name="roster.discard", status_code=200)
async def discard(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], draft_id: FromPath[UUID]
) -> Response[Any]:
    """Throw the upload away."""
    async with form(request, Spec()):
        await service.discard(unit, draft_id)
    return redirect("/class-lists")


@asynccontextmanager
async def _complaints_on_the_page(unit: Unit) -> AsyncIterator[None]:
    try:
        yield
    except Invalid as complaint:
        raise FormRejectedError(complaint, _import_page(unit), {}) from complaint


async def _file(request: Request[Any, Any, Any]) -> bytes:
    sent = (await request.form()).get("file")
    if isinstance(sent, LetGo):
        raise UnreadableFileError.too_large(MOST_BYTES // 1_000_000)
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    if not content:
        raise UnreadableFileError.empty()
    return content


async def _class_page(unit: Unit, class_id: UUID) -> Page[ClassView]:
    return Page(await views.one(unit, class_id), template="roster/class.html")


async def _review_page(unit: Unit, draft_id: UUID) -> Page[ImportReview]:
    return Page(await service.review(unit, draft_id), template="roster/review.html")


async def _search_page(unit: Unit) -> Page[SearchPage]:
    return Page(views.search_page(unit), template="roster/search.html")


def _import_page(unit: Unit) -> Page[ImportPage]:
    return Page(views.import_page(unit), template="roster/import.html")


route_handlers = [
    listing,
    one,
    teacher,
    search_form,
    search,
    import_form,
    empty_list,
    upload,
    review,
    load,
    discard,
]
