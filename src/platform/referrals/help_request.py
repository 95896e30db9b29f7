"""Form K: what the commission is asked; composed once, sealed with the referral, printed for whoever may open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents.schemas import Line, Paper, Section
from src.platform.forms import registry as forms
from src.platform.kit import clock, i18n
from src.platform.kit.errors import FieldError, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.i18n import gettext as _
from src.platform.referrals import opening, repository
from src.platform.referrals.referring_schemas import Help
from src.platform.referrals.schemas import HelpRequest, Slice
from src.platform.roster import service as roster
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties

_FORM = "form_k"
_REQUIRED = ("registered_address", "office", "destination", "needed_actions", "previous_measures")
_POSITIONS = (
    ("head", "incident.take_measures", N_("Head of the school")),
    ("coordinator", "agreement.draft", N_("Coordinator of the security team")),
    ("member", "incident.classify", N_("Member of the security team")),
)
"""What somebody is here, by what only they may do: the first that fits."""
_PARTS = (
    ("child_name", "registered_address", "birth_date", "sex", "school_class"),
    ("referrer_name", "referrer_position", "referrer_address_phone", "referrer_workplace"),
    ("mother_name", "mother_address", "father_name", "father_address"),
    ("reason", "destination", "needed_actions", "previous_measures"),
    ("name_signed", "date"),
)


def missing(told: Help) -> list[FieldError]:
    """What Form K cannot do without; “none yet” is an answer about measures (R-262)."""
    empty = [name for name in _REQUIRED if not getattr(told, name)]
    return [FieldError(name, "required", N_("Fill this in")) for name in empty]


async def composed(unit: Unit, person_id: UUID, reason: str, told: Help) -> HelpRequest:
    """Form K of a child, signed by whoever sends it; nobody else of the incident stands in it."""
    child, mine = await vault.identity_for_slice(unit, person_id), unit.me
    adults = {one.relation: one.adult_id for one in await vault_ties.of_children(unit, [person_id])}
    parents = {
        relation: (await vault.identity_for_slice(unit, adults[relation])).full_name
        for relation in ("mother", "father")
        if relation in adults
    }
    school = await tenants.organisation(unit, unit.tenant_id)
    return HelpRequest(
        child_name=child.full_name,
        birth_date=child.birth_date,
        sex=child.sex,
        school=school.name_kk,
        school_class=await roster.class_of(unit, person_id),
        registered_address=told.registered_address,
        referrer_name=(await vault.staff_names(unit, [mine.person_id])).get(mine.person_id, ""),
        referrer_position=next((one for one, verb, _name in _POSITIONS if access.may_enter(mine, verb)), ""),
        office=told.office,
        mother_name=parents.get("mother", ""),
        mother=told.mother,
        father_name=parents.get("father", ""),
        father=told.father,
        reason=reason,
        destination=told.destination,
        needed_actions=told.needed_actions,
        previous_measures=told.previous_measures,
    )


async def printed(unit: Unit, referral_id: UUID, language: str) -> bytes:
    """Form K as PDF, marked with who takes it. Opening it at the commission is opening the referral (decisions 8).

    Raises NotFound where there is none or it was recalled.
    """
    found = await _read(unit, referral_id)
    with speaking(unit, language):
        paper = await _paper(unit, found, language)
    detail = {"language": language}
    audit.record(unit, "referral.form_k_printed", "referral", [referral_id], classes=access.IDENTITY, detail=detail)
    return await documents.pdf(paper)


async def _read(unit: Unit, referral_id: UUID) -> HelpRequest:
    tied = await repository.one(unit, referral_id, lock=True)
    if tied is None:
        raise NotFound
    if tied.referral.peer_tenant_id == unit.tenant_id:
        access.demand(unit.me, "referral.open", tied.relations, reading="referral.read")
        if tied.referral.sealed_slice is None:
            raise NotFound
        raw = await vault.open_slice(unit, tied.referral.sealed_slice, referral_id)
        form_k = msgspec.json.decode(raw, type=Slice).form_k
        if form_k is None:
            raise NotFound
        await opening.note(unit, tied.referral)
        return form_k
    access.demand(unit.me, "referral.send", tied.relations, reading="referral.read")
    note = await repository.about(unit, referral_id)
    if note is None or note.form_k is None:
        raise NotFound
    return msgspec.json.decode(await vault.open_people(unit, note.form_k, referral_id), type=HelpRequest)


async def _paper(unit: Unit, told: HelpRequest, language: str) -> Paper:
    form, said = forms.form(_FORM), _said(told, language)
    sections = [
        Section(
            title=title,
            lines=[
                Line(label=form.field(key).labels.in_language(language), value=said[key]) for key in part if said[key]
            ],
        )
        for title, part in zip(_titles(), _PARTS, strict=True)
    ]
    return Paper(
        title=form.title.in_language(language),
        subject=told.school,
        organisation=(await tenants.organisation(unit, unit.tenant_id)).name(language),
        language=language,
        taken_by=await taken_by(unit),
        made_at=clock.now(),
        sections=[one for one in sections if one.lines],
        hidden_word=_("Hidden from whoever took this paper"),
        page_word=_("page"),
    )


def _titles() -> list[str]:
    return [_("Child"), _("Who asks for help"), _("Parents"), _("What is asked for"), _("Signed")]


def _said(told: HelpRequest, language: str) -> dict[str, str]:
    """Every line in words of the paper's language."""
    position = {one: name for one, _verb, name in _POSITIONS}.get(told.referrer_position, "")
    kinds = forms.options("partner_kind")
    return {
        "child_name": told.child_name,
        "registered_address": told.registered_address,
        "birth_date": _day(told.birth_date),
        "sex": {"female": _("Girl"), "male": _("Boy")}.get(told.sex, ""),
        "school_class": " · ".join(filter(None, (told.school, told.school_class))),
        "referrer_name": told.referrer_name,
        "referrer_position": _(position) if position else "",
        "referrer_address_phone": told.office,
        "referrer_workplace": told.school,
        "mother_name": told.mother_name,
        "mother_address": told.mother,
        "father_name": told.father_name,
        "father_address": told.father,
        "reason": told.reason,
        "destination": "; ".join(kinds.label(key, language) for key in told.destination),
        "needed_actions": told.needed_actions,
        "previous_measures": told.previous_measures,
        "name_signed": told.referrer_name,
        "date": i18n.format_datetime(told.signed_at) if told.signed_at else "",
    }


def _day(day: date | None) -> str:
    return i18n.format_date(day) if day else ""


async def taken_by(unit: Unit) -> str:
    """Who takes a paper, where and when: the mark across every page."""
    name = (await vault.staff_names(unit, [unit.me.person_id])).get(unit.me.person_id, "")
    organisation = (await tenants.organisation(unit, unit.tenant_id)).name(unit.language)
    return " · ".join(filter(None, (name, organisation, i18n.format_datetime(clock.now()))))


@contextmanager
def speaking(unit: Unit, language: str) -> Iterator[None]:
    """Words in the language of the paper, which need not be the reader's."""
    before = unit.me
    unit.subject = replace(before, language=language)
    i18n.use(language)
    try:
        yield
    finally:
        unit.subject = before
        i18n.use(before.language)
