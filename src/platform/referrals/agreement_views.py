"""Agreements as the two sides see them, on pages and on paper."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents.schemas import Line, Paper, Section
from src.platform.forms import registry as forms
from src.platform.kit import clock, i18n
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import gettext as _
from src.platform.referrals import agreement_repository as repository
from src.platform.referrals import help_request
from src.platform.referrals.agreements import DRAFT, SIGN
from src.platform.referrals.models import Agreement
from src.platform.referrals.schemas import CONTRACT_FIELDS
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar

READ = "agreement.read"
_FORM = "referral_agreement"
_KINDS = {
    "ngo": "ngo",
    "commission": "commission",
    "internal_affairs": "police",
    "juvenile_police_unit": "police",
    "health_department": "health_worker",
    "medical_institution": "health_worker",
    "mental_health_service": "mental_health",
    "narcology_service": "narcology",
    "labour_social_department": "social_worker",
    "family_support_centre": "family_support_centre",
    "adaptation_centre": "adaptation_centre",
    "guardianship_body": "guardianship",
    "child_rights_department": "child_rights_service",
}
"""Kinds of organisation as the forms call kinds of partner; the rest is “other”."""


class AgreementView(msgspec.Struct, frozen=True, kw_only=True):
    """One agreement with what its reader may do."""

    id: UUID
    school: str
    partner: str
    partner_kind: str
    service_types: list[str]
    contract_fields: list[str]
    procedure: str
    contacts: str
    valid_from: date
    valid_to: date
    state: str
    signed_by_school_at: datetime | None
    signed_by_partner_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    end_reason: str
    version: int
    may: list[str]


def state_of(row: Agreement, today: date, days: int) -> str:
    """How an agreement stands; nothing of it is kept but its facts."""
    facts = (
        ("discarded", row.discarded_at is not None),
        ("ended", row.ended_at is not None),
        ("expired", row.valid_to < today),
        ("draft", row.signed_by_school_at is None),
        ("waits", row.signed_by_partner_at is None),
        ("future", row.valid_from > today),
        ("ends_soon", calendar.add_days(row.valid_to, -days) <= today),
    )
    return next((state for state, holds in facts if holds), "in_force")


async def one(unit: Unit, agreement_id: UUID) -> AgreementView:
    """One agreement. Raises NotFound alike for foreign, unsigned and unknown ones."""
    access.require(unit, READ)
    row = await repository.page(unit, agreement_id)
    if row is None:
        raise NotFound
    known = {one.id: one for one in await tenants.organisations(unit)}
    today = clock.local_date(clock.now())
    state = state_of(row, today, await tenants.setting(unit, "agreement_ends_soon_days"))
    ended_by = known[row.ended_by].name(unit.language) if row.ended_by else ""
    audit.record(unit, "agreement.read", "agreement", [agreement_id], classes={"school-internal"})
    return AgreementView(
        id=row.id,
        school=known[row.tenant_id].name(unit.language),
        partner=known[row.peer_tenant_id].name(unit.language),
        partner_kind=_KINDS.get(known[row.peer_tenant_id].kind, "other"),
        service_types=row.service_types,
        contract_fields=row.contract_fields,
        procedure=row.procedure,
        contacts=row.contacts,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=state,
        signed_by_school_at=row.signed_by_school_at,
        signed_by_partner_at=row.signed_by_partner_at,
        ended_at=row.ended_at,
        ended_by=ended_by,
        end_reason=row.end_reason or "",
        version=row.version,
        may=_may(unit, row, state),
    )


async def paper(unit: Unit, agreement_id: UUID, language: str) -> bytes:
    """The agreement as PDF in a language of its parties. Raises NotFound."""
    with help_request.speaking(unit, language):
        view = await one(unit, agreement_id)
        made = await _paper(unit, view, language)
    audit.record(unit, "agreement.printed", "agreement", [agreement_id], detail={"language": language})
    return await documents.pdf(made)


def _may(unit: Unit, row: Agreement, state: str) -> list[str]:
    at_school, may = row.tenant_id == unit.tenant_id, []
    signs = access.may_enter(unit.me, SIGN)
    if signs and ((at_school and state == "draft") or (not at_school and state == "waits")):
        may.append("sign")
    if at_school and state in ("draft", "waits") and access.may_enter(unit.me, DRAFT):
        may.append("discard")
    if signs and state in ("future", "in_force", "ends_soon"):
        may.append("end")
    return may


async def _paper(unit: Unit, view: AgreementView, language: str) -> Paper:
    form = forms.form(_FORM)
    services = forms.options("service_type")
    fields = {"family_name": _("Family name"), "given_name": _("Given name"), "patronymic": _("Patronymic")}
    fields |= {"birth_date": _("Date of birth"), "phone": _("Phone")}

    def line(key: str, value: str) -> Line:
        return Line(label=form.field(key).labels.in_language(language), value=value)

    yes = forms.options("yes_no").label("yes", language)
    told = [fields[key] for key in CONTRACT_FIELDS if key in view.contract_fields]
    terms = [
        line("school", view.school),
        line("partner", view.partner),
        line("partner_kind", forms.options("partner_kind").label(view.partner_kind, language)),
        line("service_types", "; ".join(services.label(key, language) for key in view.service_types)),
        line("referral_procedure", view.procedure),
        line("weekly_report_duty", yes),
        line("biweekly_attendance_duty", yes),
        line("confidentiality_clause", yes),
        Line(label=_("What the partner may know of a child"), value="; ".join([*told, _("reason and contact person")])),
        line("contacts", view.contacts),
        line("valid_from", i18n.format_date(view.valid_from)),
        line("valid_to", i18n.format_date(view.valid_to)),
    ]
    signed = [
        Line(label=name, value=i18n.format_datetime(at) if at else "–")
        for name, at in ((view.school, view.signed_by_school_at), (view.partner, view.signed_by_partner_at))
    ]
    return Paper(
        title=form.title.in_language(language),
        subject=f"{view.school} – {view.partner}",
        organisation=view.school,
        language=language,
        taken_by=await help_request.taken_by(unit),
        made_at=clock.now(),
        sections=[
            Section(title=_("What is agreed"), lines=[one for one in terms if one.value]),
            Section(title=_("Signed"), lines=signed),
        ],
        hidden_word=_("Hidden from whoever took this paper"),
        page_word=_("page"),
    )
