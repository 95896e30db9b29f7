"""Files of an incident, injuries on the map of a body, and names that are proposed in its texts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.attachments import service as attachments
from src.platform.attachments.schemas import MEDIA, NewFile, Opened
from src.platform.db.unit import Unit
from src.platform.incidents import names as names_in_texts
from src.platform.incidents import views
from src.platform.incidents.evidence import files as attached
from src.platform.incidents.evidence import injuries, proposals
from src.platform.incidents.evidence import views as evidence
from src.platform.incidents.pages import incident_page
from src.platform.incidents.schemas import IncidentView
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.media import BYTES
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.kit.uploads import MOST_SENT

_INCIDENT = "/incidents/{incident_id:uuid}"
_FILE = _INCIDENT + "/files/{attachment_id:uuid}"
_MOST_CONFIRMED = 200
ATTACH = Spec(
    Field("caption", "longtext", most=2000),
    Field("about", "text", required=True, most=60),
    Field("shows_nobody", "bool"),
    Field("file", "file", required=True, most=attachments.MOST_BYTES),
)
PURPOSES = frozenset({"police", "check", "unclear"})
ORIGINAL = Spec(Field("purpose", "enum", required=True, options=PURPOSES))
WITHDRAW = Spec(Field("reason", "longtext", required=True, most=2000))
INJURIES = Spec(
    Field("version", "int", required=True),
    Field("participation_id", "uuid"),
    Field("regions", "multi_enum", required=True, options=injuries.CODES),
    Field("note", "longtext", most=2000),
    Field("sent_to_medical", "enum", options=frozenset({"yes", "no"})),
)
PROPOSED = Spec(
    Field("version", "int", required=True), Field("confirmed", "text", required=True, many=True, most=_MOST_CONFIRMED)
)
_POLICY_OF_FILES = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@get(_INCIDENT + "/files", permission="incident.attach", name="incidents.attach_form")
async def attach_form(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[IncidentView]:
    """Choose a file. Raises NotFound to who may not attach one now."""
    view = await views.one(unit, incident_id)
    if "attach" not in view.may:
        raise NotFound
    return _page(view, "attach")


@post(
    _INCIDENT + "/files",
    permission="incident.attach",
    kept=Kept(_INCIDENT.replace(":uuid", "") + "/files", ATTACH),
    name="incidents.attach",
    status_code=200,
    file_most=attachments.MOST_BYTES,
    request_max_body_size=MOST_SENT,
)
async def attach(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Attach a file; what it is is seen from its content, and its own name is not kept."""
    async with form(request, ATTACH, again=lambda: _again(unit, incident_id, "attach")) as values:
        about_kind, about_id = _about(values["about"])
        await attached.may_attach(unit, incident_id)
        content = await values["file"].read() if isinstance(values["file"], UploadFile) else b""
        clean = await attachments.check(content)
        new = NewFile(content, about_kind, about_id, values.get("caption", ""), not values["shows_nobody"])
        await attached.attach(unit, incident_id, new, clean)
    return redirect(f"/incidents/{incident_id}")


@post(
    _FILE + "/open",
    permission="incident.read",
    name="incidents.open_file",
    gives=tuple(MEDIA.values()),
    status_code=200,
)
async def open_file(
    unit: NamedDependency[Unit], incident_id: FromPath[UUID], attachment_id: FromPath[UUID]
) -> Response[bytes]:
    """The cleaned copy; every opening is recorded."""
    return _download(await attached.open_copy(unit, incident_id, attachment_id))


@post(
    _FILE + "/original",
    permission="incident.open_original",
    name="incidents.open_original",
    gives=(BYTES,),
    status_code=200,
)
async def open_original(
    request: Request[Any, Any, Any],
    unit: NamedDependency[Unit],
    incident_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[bytes]:
    """The file as it came, for a purpose."""
    async with form(request, ORIGINAL, again=lambda: _again(unit, incident_id, "file", attachment_id)) as values:
        opened = await attached.open_original(unit, incident_id, attachment_id, values["purpose"])
    return _download(opened)


@get(_FILE, permission="incident.read", name="incidents.file")
async def file_page(
    unit: NamedDependency[Unit], incident_id: FromPath[UUID], attachment_id: FromPath[UUID]
) -> Page[IncidentView]:
    """What may be done with a file. Raises NotFound for one that is hidden."""
    return _file_page(await views.one(unit, incident_id), attachment_id)


@post(_FILE + "/withdraw", permission="incident.withdraw_file", name="incidents.withdraw_file", status_code=200)
async def withdraw(
    request: Request[Any, Any, Any],
    unit: NamedDependency[Unit],
    incident_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[Any]:
    """Take a file back with a reason; it is kept."""
    async with form(request, WITHDRAW, again=lambda: _again(unit, incident_id, "file", attachment_id)) as values:
        await attached.withdraw(unit, incident_id, attachment_id, values["reason"])
    return redirect(f"/incidents/{incident_id}")


@get(_INCIDENT + "/injuries", permission="incident.note_injuries", name="incidents.injuries_form")
async def injuries_form(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[IncidentView]:
    """The map of a body. Raises NotFound to who may not note injuries now."""
    view = await views.one(unit, incident_id)
    if "note_injuries" not in view.may:
        raise NotFound
    return _page(view, "injuries")


@post(
    _INCIDENT + "/injuries",
    permission="incident.note_injuries",
    kept=Kept(_INCIDENT.replace(":uuid", "") + "/injuries", INJURIES),
    name="incidents.note_injuries",
    status_code=200,
)
async def note_injuries(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Note injuries in regions of one body."""
    async with form(request, INJURIES, again=lambda: _again(unit, incident_id, "injuries")) as values:
        medical = values.pop("sent_to_medical", None)
        sent = None if medical is None else medical == "yes"
        await injuries.note(unit, incident_id, values.pop("version"), sent_to_medical=sent, **values)
    return redirect(await proposals.lead(unit, incident_id, [values.get("note")], f"/incidents/{incident_id}"))


@post(_INCIDENT + "/propose", permission="incident.name_people", name="incidents.propose", status_code=200)
async def propose(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[IncidentView]:
    """Look for words that may be names, for this one response."""
    return _page(await _proposing(unit, incident_id), "mark")


@post(_INCIDENT + "/confirm", permission="incident.name_people", name="incidents.confirm", status_code=200)
async def confirm(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Mark the words that somebody confirmed."""
    async with form(request, PROPOSED, again=lambda: _proposed_again(unit, incident_id)) as values:
        chosen = [_chosen(one) for one in values["confirmed"]]
        await names_in_texts.mark_proposed(unit, incident_id, values["version"], chosen)
    return redirect(proposals.place(incident_id))


def _about(sent: str) -> tuple[str, UUID | None]:
    """`injuries`, or `report:<id>`, `interview:<id>`. Raises Invalid."""
    kind, _, told = sent.partition(":")
    try:
        about_id = UUID(told) if told else None
    except ValueError:
        kind, about_id = "", None
    if kind not in evidence.ABOUT:
        raise Invalid(fields=[FieldError("about", "not_an_option", N_("Choose one of the answers"))])
    return kind, about_id


def _chosen(sent: str) -> tuple[str, UUID]:
    """`<id>:<word>`. Raises Invalid."""
    told, _, surface = sent.partition(":")
    try:
        return surface, UUID(told)
    except ValueError:
        raise Invalid(fields=[FieldError("confirmed", "not_an_option", N_("Choose one of the answers"))]) from None


def _download(opened: Opened) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{opened.name}"',
        "Content-Security-Policy": _POLICY_OF_FILES,
    }
    return Response(opened.content, media_type=opened.media_type, headers=headers)


async def _proposing(unit: Unit, incident_id: UUID) -> IncidentView:
    found = await proposals.find(unit, incident_id)
    running = await proposals.running(unit, incident_id, found)
    return msgspec.structs.replace(await views.one(unit, incident_id), proposed=found, running=running)


async def _proposed_again(unit: Unit, incident_id: UUID) -> Page[IncidentView]:
    return _page(await _proposing(unit, incident_id), "mark")


async def _again(unit: Unit, incident_id: UUID, step: str, attachment_id: UUID | None = None) -> Page[IncidentView]:
    """The form with what was typed, or the incident when it is no longer open."""
    view = await views.one(unit, incident_id)
    if step == "file" and any(one.id == attachment_id for one in view.files):
        return _page(view, step, {"file_id": attachment_id})
    is_open = step in ("attach", "injuries") and {"attach": "attach", "injuries": "note_injuries"}[step] in view.may
    return _page(view, step) if is_open else incident_page(view)


def _file_page(view: IncidentView, attachment_id: UUID) -> Page[IncidentView]:
    file = next((one for one in view.files if one.id == attachment_id and one.kind), None)
    if file is None:
        raise NotFound
    return _page(view, "file", {"file_id": attachment_id})


def _page(view: IncidentView, step: str, more: Mapping[str, Any] | None = None) -> Page[IncidentView]:
    context = {"step": step, "regions": injuries.REGIONS, **(more or {})}
    return Page(view, template=f"incidents/steps/{step}.html", context=context)


route_handlers = [
    attach_form,
    attach,
    open_file,
    open_original,
    file_page,
    withdraw,
    injuries_form,
    note_injuries,
    propose,
    confirm,
]
