"""Who reported brings a photo or a document to the own report."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.attachments import service as attachments
from src.platform.db.unit import Unit
from src.platform.incidents.evidence import own_files
from src.platform.incidents.schemas import OwnFiles
from src.platform.kit.forms import form
from src.platform.kit.kept import Kept
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.kit.uploads import MOST_SENT

BRING = Spec(
    Field("caption", "longtext", most=2000),
    Field("file", "file", required=True, most=attachments.MOST_BYTES),
)
_AT = "/my-reports/{report_id:uuid}/files"


@get(_AT, permission="report.follow", name="incidents.own_files")
async def brought(unit: NamedDependency[Unit], report_id: FromPath[UUID]) -> Page[OwnFiles]:
    """Choose a file, and see which ones came."""
    return await _page(unit, report_id)


@post(
    _AT,
    permission="report.follow",
    kept=Kept(_AT.replace(":uuid", ""), BRING),
    name="incidents.bring_file",
    status_code=200,
    file_most=attachments.MOST_BYTES,
    request_max_body_size=MOST_SENT,
)
async def bring(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], report_id: FromPath[UUID]
) -> Response[Any]:
    """Bring a file; what it is is seen from its content, and its own name is not kept."""
    async with form(request, BRING, again=lambda: _page(unit, report_id)) as values:
        await own_files.may_bring(unit, report_id)
        content = await values["file"].read() if isinstance(values["file"], UploadFile) else b""
        clean = await attachments.check(content)
        await own_files.bring(unit, report_id, content, values.get("caption", ""), clean)
    return redirect(f"/my-reports/{report_id}/files")


async def _page(unit: Unit, report_id: UUID) -> Page[OwnFiles]:
    return Page(await own_files.brought(unit, report_id), template="incidents/own_files.html")


route_handlers = [brought, bring]
