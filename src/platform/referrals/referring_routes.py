"""Referring from a case and from an incident, Form K, and what the partner does beside answering."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.forms import registry as forms
from src.platform.incidents import outward
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.media import PDF
from src.platform.kit.page import Page, Redirected, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import help_request, opening, redirecting, referring, referring_views, views
from src.platform.referrals.referring_schemas import Asked, Help, Preview, Recipient, ReferForm
from src.platform.referrals.schemas import SERVICES, ReferralView

PAPER = Spec(Field("language", "enum", required=True, options=frozenset({"kk", "ru"})))
LEAVE = Spec(Field("version", "int", required=True), Field("reason", "longtext", required=True))
GIVE = Spec(Field("membership_id", "uuid", required=True))
HELP = (
    Field("registered_address", "text"),
    Field("office", "text"),
    Field("mother", "text"),
    Field("father", "text"),
    Field("destination", "multi_enum", options=forms.options("partner_kind").keys),
    Field("needed_actions", "longtext"),
    Field("previous_measures", "longtext"),
)
_TYPED = (
    Field("recipients", "text", required=True, most=2000),
    Field("reason", "longtext", required=True),
    Field("with_findings", "bool"),
    Field("consent", "bool"),
    Field("read_for_identities", "bool"),
    Field("sure", "bool"),
    Field("seen", "text"),
    *HELP,
)
REFER = Spec(*_TYPED, Field("instead_of", "uuid"))
REFER_FROM_INCIDENT = Spec(*_TYPED, Field("instead_of", "uuid"), Field("child", "uuid", required=True))
_CHOSEN = (Field("to", "text", many=True), Field("recipients", "text", most=2000))
CHOSEN = Spec(*_CHOSEN, Field("instead_of", "uuid"))
CHOSEN_FROM_INCIDENT = Spec(*_CHOSEN, Field("instead_of", "uuid"), Field("child", "uuid"))
_OF_CASE, _OF_INCIDENT = "/cases/{case_id:uuid}/refer", "/incidents/{incident_id:uuid}/refer"
_PAGE = "referrals/refer.html"


@get(_OF_CASE, permission="child_case.refer", name="referrals.refer_form")
async def refer_form(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]
) -> Page[ReferForm]:
    """To whom and for what; with recipients chosen, what they will be told and why."""
    async with question(request, CHOSEN) as values:
        return await _case_page(unit, case_id, values)


@post(
    _OF_CASE,
    permission="child_case.refer",
    kept=Kept("/cases/{case_id}/refer?recipients={recipients}", REFER, apart=("recipients",)),
    name="referrals.refer",
    status_code=200,
)
async def refer(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]
) -> Page[ReferForm] | Redirected:
    """Show what each recipient will see; sent a second time with the mark of it, refer the child."""
    async with form(request, REFER, again=lambda: _case_page(unit, case_id, {})) as values:
        asked = _asked(values)
        done = await referring.refer(unit, await referring.of_case(unit, case_id), asked)
    if isinstance(done, Preview):
        return _preview(await referring_views.for_case(unit, case_id), done, values)
    return _away(done)


@get(_OF_INCIDENT, permission=outward.REFER, name="referrals.refer_from_incident_form")
async def refer_from_incident_form(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Page[ReferForm]:
    """The same for a child that has no case yet."""
    async with question(request, CHOSEN_FROM_INCIDENT) as values:
        return await _incident_page(unit, incident_id, values)


@post(
    _OF_INCIDENT,
    permission=outward.REFER,
    kept=Kept(
        "/incidents/{incident_id}/refer?child={child}&recipients={recipients}",
        REFER_FROM_INCIDENT,
        apart=("child", "recipients"),
    ),
    name="referrals.refer_from_incident",
    status_code=200,
)
async def refer_from_incident(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Page[ReferForm] | Redirected:
    """Refer a child of an incident to bodies that act by law, the commission by Form K (R-262)."""
    async with form(request, REFER_FROM_INCIDENT, again=lambda: _incident_page(unit, incident_id, {})) as values:
        asked = _asked(values)
        done = await referring.refer(unit, await referring.of_incident(unit, incident_id, values["child"]), asked)
    if isinstance(done, Preview):
        return _preview(await referring_views.for_incident(unit, incident_id), done, values)
    return _away(done)


@post(
    "/referrals/{referral_id:uuid}/form-k",
    permission="referral.read",
    name="referrals.form_k",
    gives=(PDF,),
    status_code=200,
)
async def form_k(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[bytes]:
    """Form K as PDF, marked with who takes it; taking it is recorded."""
    async with form(request, PAPER) as values:
        made = await help_request.printed(unit, referral_id, values["language"])
    headers = {"Content-Disposition": 'attachment; filename="form-k.pdf"'}
    return Response(made, media_type=PDF, headers=headers)


@post("/referrals/{referral_id:uuid}/responsible", permission=opening.ANSWER, name="referrals.give", status_code=200)
async def give(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Give a referral to a colleague of the own organisation."""
    async with form(request, GIVE, again=lambda: _referral_page(unit, referral_id)) as values:
        await opening.give(unit, referral_id, values["membership_id"])
    return redirect(f"/referrals/{referral_id}")


@post("/referrals/{referral_id:uuid}/unfollowed", permission="referral.send", name="referrals.leave", status_code=200)
async def leave(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Ask no other partner after a refusal, with a reason."""
    async with form(request, LEAVE, again=lambda: _referral_page(unit, referral_id)) as values:
        await redirecting.close(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


async def _referral_page(unit: Unit, referral_id: UUID) -> Page[ReferralView]:
    return Page(await views.one(unit, referral_id), template="referrals/referral.html")


def _asked(values: dict[str, Any]) -> Asked:
    told = Help(**{one.name: values[one.name] for one in HELP if one.name in values})
    own = ("reason", "read_for_identities", "sure", "with_findings", "consent", "instead_of", "seen")
    given = {name: values[name] for name in own if name in values}
    return Asked(recipients=[_recipient(one) for one in values["recipients"].split()], help=told, **given)


def _recipient(text: str) -> Recipient:
    partner, _, service_type = text.partition(".")
    try:
        found = Recipient(UUID(partner), service_type)
    except ValueError:
        found = None
    if found is None or service_type not in SERVICES:
        raise Invalid(fields=[FieldError("recipients", "not_an_option", N_("Choose the partner and the service."))])
    return found


async def _case_page(unit: Unit, case_id: UUID, values: dict[str, Any]) -> Page[ReferForm]:
    return _page(await referring_views.for_case(unit, case_id), values)


async def _incident_page(unit: Unit, incident_id: UUID, values: dict[str, Any]) -> Page[ReferForm]:
    return _page(await referring_views.for_incident(unit, incident_id), values)


def _page(page: ReferForm, values: dict[str, Any]) -> Page[ReferForm]:
    """What the address chose; it also names the draft of these recipients."""
    keys = [*values.get("to", []), *str(values.get("recipients", "")).split()]
    known = {"recipients": " ".join(keys), "child": values.get("child"), "instead_of": values.get("instead_of")}
    asks_commission = any(one.is_commission for one in page.offers if one.key in keys)
    beneath = [one.as_typed() for child, one in page.prepared.items() if known["child"] in (None, child)]
    context = {
        "values": {name: str(one) for name, one in known.items() if one},
        "beneath": beneath[0] if asks_commission and beneath else {},
    }
    return Page(page, template=_PAGE, context=context)


def _preview(page: ReferForm, done: Preview, values: dict[str, Any]) -> Page[ReferForm]:
    shown = msgspec.structs.replace(page, packets=done.packets, seen=done.seen)
    typed = {name: value for name, value in values.items() if value is not False}  # a box that nobody ticked
    return Page(shown, template=_PAGE, context={"values": typed})


def _away(sent: list[UUID]) -> Redirected:
    return redirect(f"/referrals/{sent[0]}" if len(sent) == 1 else "/referrals")


route_handlers = [refer_form, refer, refer_from_incident_form, refer_from_incident, form_k, give, leave]
