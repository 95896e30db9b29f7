"""The partner's inbox, own file, weekly report, danger and end of a service; the school's record of who came."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Response

from src.platform.attachments import service as attachments
from src.platform.attachments.schemas import MEDIA, Clean, Opened
from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.kept import Kept
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.kit.uploads import MOST_SENT
from src.platform.referrals import attendance, danger, endings, notes, partner_views, views, weekly
from src.platform.referrals.partner_schemas import BOXES, ENDINGS, OUTCOMES, PROGRESS, EndForm, Inbox, OwnFile, WeekForm
from src.platform.referrals.schemas import ReferralView

_REFERRAL = "/referrals/{referral_id:uuid}"
_PAGE = "/referrals/{referral_id}"
MOST_PHOTO = 10_000_000
INBOX = Spec(Field("box", "enum", options=frozenset(BOXES)), Field("after", "text", most=200))
NOTE = Spec(Field("text", "longtext", required=True))
SESSION = Spec(
    Field("held_on", "date", required=True), Field("outcome", "enum", required=True, options=frozenset(OUTCOMES))
)
WEEK = Spec(Field("week", "text", required=True, most=8))
WEEKLY = Spec(
    *WEEK,
    Field("sessions_count", "int", required=True, most=50),
    Field("attended_count", "int", required=True, most=50),
    Field("progress", "enum", required=True, options=frozenset(PROGRESS)),
    Field("work_done", "longtext"),
    Field("difficulties", "longtext"),
    Field("family_work", "longtext"),
    Field("recommendations", "longtext"),
    Field("danger_flag", "bool"),
    Field("attended_team_meeting", "bool"),
)
PAPER = Spec(*WEEKLY, Field("file", "file", most=MOST_PHOTO))
DANGER = Spec(Field("text", "longtext", required=True))
ATTENDANCE = Spec(
    Field("met_on", "date", required=True), Field("attended", "enum", required=True, options=frozenset({"yes", "no"}))
)
END = Spec(
    Field("version", "int", required=True),
    Field("ending", "enum", required=True, options=frozenset({"completed", *ENDINGS})),
    Field("text", "longtext", required=True),
)
_POLICY_OF_FILES = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@get("/inbox", permission="referral.answer", name="referrals.inbox")
async def inbox(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Inbox]:
    """What waits for us, what is new, what owes a report, what has ended."""
    async with question(request, INBOX) as values:
        return Page(await partner_views.inbox(unit, **values), template="referrals/inbox.html")


@get(_REFERRAL + "/own", permission="referral.note", name="referrals.own_file")
async def own_file(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[OwnFile]:
    """Our own notes and meetings, which the other side never sees."""
    return await _own_page(unit, referral_id)


@post(
    _REFERRAL + "/notes",
    permission="referral.note",
    kept=Kept(_PAGE + "/own", NOTE),
    name="referrals.write_note",
    status_code=200,
)
async def write_note(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Note something for our side."""
    async with form(request, NOTE, again=lambda: _own_page(unit, referral_id)) as values:
        await notes.write(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}/own")


@post(_REFERRAL + "/sessions", permission="referral.report", name="referrals.keep_session", status_code=200)
async def keep_session(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Whether the child came on a day."""
    async with form(request, SESSION, again=lambda: _own_page(unit, referral_id)) as values:
        await notes.keep_session(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}/own")


@get(_REFERRAL + "/report", permission="referral.report", name="referrals.report_form")
async def report_form(
    unit: NamedDependency[Unit],
    referral_id: FromPath[UUID],
    week: Annotated[str | None, QueryParameter(name="week")] = None,
) -> Page[WeekForm]:
    """The week that owes a report, with the meetings counted."""
    return await _week_page(unit, referral_id, week)


@post(
    _REFERRAL + "/weeks",
    permission="referral.report",
    kept=Kept(_PAGE + "/report", PAPER),
    name="referrals.report",
    status_code=200,
    file_most=MOST_PHOTO,
    request_max_body_size=MOST_SENT,
)
async def weekly_report(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Report one week, typed or as a photo of the report on paper."""
    async with form(request, PAPER, again=lambda: _week_page(unit, referral_id)) as values:
        photo = await _cleaned(values.pop("file", None))
        await weekly.submit(unit, referral_id, msgspec.convert(values, weekly.Filed), photo)
    return redirect(f"/referrals/{referral_id}")


@post(_REFERRAL + "/no-change", permission="referral.report", name="referrals.no_change", status_code=200)
async def no_change(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """One press: nothing has changed this week."""
    async with form(request, WEEK, again=lambda: _week_page(unit, referral_id)) as values:
        await weekly.no_change(unit, referral_id, values["week"])
    return redirect(f"/referrals/{referral_id}")


@post(
    _REFERRAL + "/photos/{photo_id:uuid}/open",
    permission="referral.read",
    name="referrals.open_photo",
    gives=tuple(MEDIA.values()),
    status_code=200,
)
async def open_photo(
    unit: NamedDependency[Unit], referral_id: FromPath[UUID], photo_id: FromPath[UUID]
) -> Response[bytes]:
    """The cleaned picture of a report on paper; every opening is recorded."""
    return _download(await weekly.open_photo(unit, referral_id, photo_id))


@get(_REFERRAL + "/danger", permission="referral.report", name="referrals.danger_form")
async def danger_form(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[EndForm]:
    """Tell the school at once that the child is in danger."""
    return await _danger_page(unit, referral_id)


@post(
    _REFERRAL + "/danger",
    permission="referral.report",
    kept=Kept(_PAGE + "/danger", DANGER),
    name="referrals.tell_danger",
    status_code=200,
)
async def tell_danger(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """An urgent incident opens in the school, whatever was reported this week (R-258)."""
    async with form(request, DANGER, again=lambda: _danger_page(unit, referral_id)) as values:
        await danger.tell(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


@post(_REFERRAL + "/attendance", permission="referral.attend", name="referrals.record_attendance", status_code=200)
async def record_attendance(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """In the school: whether the partner came to the two-week meeting."""
    async with form(request, ATTENDANCE, again=lambda: _referral_page(unit, referral_id)) as values:
        await attendance.record(unit, referral_id, met_on=values["met_on"], attended=values["attended"] == "yes")
    return redirect(f"/referrals/{referral_id}")


@get(_REFERRAL + "/end", permission="referral.answer", name="referrals.end_form")
async def end_form(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[EndForm]:
    """The final report."""
    return await _end_page(unit, referral_id)


@post(
    _REFERRAL + "/complete",
    permission="referral.answer",
    kept=Kept(_PAGE + "/end", END),
    name="referrals.complete",
    status_code=200,
)
async def complete(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """The service has ended, or breaks off for a reason."""
    async with form(request, END, again=lambda: _end_page(unit, referral_id)) as values:
        await endings.end(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


async def _cleaned(sent: object) -> Clean | None:
    """A copy without metadata. Raises BadFileError."""
    if not isinstance(sent, UploadFile):
        return None
    content = await sent.read()
    return await attachments.check(content) if content else None


def _download(opened: Opened) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{opened.name}"',
        "Content-Security-Policy": _POLICY_OF_FILES,
    }
    return Response(opened.content, media_type=opened.media_type, headers=headers)


async def _own_page(unit: Unit, referral_id: UUID) -> Page[OwnFile]:
    return Page(await partner_views.own_file(unit, referral_id), template="referrals/own.html")


async def _week_page(unit: Unit, referral_id: UUID, week: str | None = None) -> Page[WeekForm]:
    view = await partner_views.week_form(unit, referral_id, week)
    planned, attended = view.counted.get(view.week, ("", ""))
    known: Mapping[str, Any] = {"week": view.week, "sessions_count": planned, "attended_count": attended}
    return Page(view, template="referrals/week.html", context={"known": known})


async def _danger_page(unit: Unit, referral_id: UUID) -> Page[EndForm]:
    return Page(await partner_views.danger_form(unit, referral_id), template="referrals/danger.html")


async def _end_page(unit: Unit, referral_id: UUID) -> Page[EndForm]:
    return Page(await partner_views.end_form(unit, referral_id), template="referrals/end.html")


async def _referral_page(unit: Unit, referral_id: UUID) -> Page[ReferralView]:
    return Page(await views.one(unit, referral_id), template="referrals/referral.html")


route_handlers = [
    inbox,
    own_file,
    write_note,
    keep_session,
    report_form,
    weekly_report,
    no_change,
    open_photo,
    danger_form,
    tell_danger,
    record_attendance,
    end_form,
    complete,
]
