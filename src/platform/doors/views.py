"""The public pages, and the page of those who keep the address."""

import msgspec

from src.platform.access import service as access
from src.platform.db.context import NOBODY
from src.platform.db.unit import Unit
from src.platform.doors import repository, service, tokens
from src.platform.doors.schemas import Choice, DoorPage, DoorSettings, OpenedReceipt, Receipt, Whom
from src.platform.forms import registry as forms
from src.platform.incidents import reporting
from src.platform.incidents.triage import questions
from src.platform.kit.errors import NotFound
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.vault import service as vault

_KIND = "school"


async def door(unit: Unit, slug: str, language: str) -> DoorPage:
    """What every public page of a school has. Raises NotFound for an address that no school has.

    A suspended school, and one that switched its address off, still show whom to call (R-260).
    """
    if unit.tenant_id == NOBODY:
        organisation = await _suspended(unit, slug)
        numbers = reporting.ALWAYS_CALL
        return DoorPage(slug=slug, school=organisation.name(language), is_open=False, emergency_numbers=numbers)
    organisation = await tenants.organisation(unit, unit.tenant_id)
    if organisation.kind != _KIND:
        raise NotFound
    await repository.prefetch(unit)
    whom = await _whom(unit)
    return DoorPage(
        slug=slug,
        school=organisation.name(language),
        is_open=whom is not None,
        emergency_numbers=await reporting.numbers_to_call(unit),
        whom=whom,
        number=tokens.new_number(unit.tenant_id),
    )


def strategies(language: str) -> list[str]:
    """The four things that whoever sees violence can do, as the law calls them (R-058)."""
    return [one.label.in_language(language) for one in forms.options("bystander_strategy").options]


async def taken(unit: Unit, slug: str, language: str, code: str) -> Receipt:
    """The answer to a report."""
    page = await door(unit, slug, language)
    return Receipt(**msgspec.structs.asdict(page), code=code)


async def opened(unit: Unit, slug: str, language: str, code: str, *, was_sent: bool = False) -> OpenedReceipt:
    """What a code opens; its questions, once more after an answer. Raises as the verb does."""
    report_id = await service.opened(unit, code)
    progress = await questions.progress_without_name(unit, report_id)
    page = await door(unit, slug, language)
    return OpenedReceipt(**msgspec.structs.asdict(page), code=code, progress=progress, was_sent=was_sent)


async def settings_page(unit: Unit) -> DoorSettings:
    """The address as those see it who keep it."""
    access.require(unit, "door.keep")
    await repository.prefetch(unit)
    organisation, kept = await tenants.organisation(unit, unit.tenant_id), await service.kept(unit)
    team = await service.team(unit)
    names = await vault.staff_names(unit, [one.person_id for one in team])
    return DoorSettings(
        address=f"{settings().public_url.rstrip('/')}/s/{organisation.slug}",
        is_on=kept.open,
        answers=await service.contact(unit) is not None,
        contact=kept.contact,
        reach=kept.reach,
        team=[Choice(membership_id=str(one.membership_id), name=names.get(one.person_id, "")) for one in team],
    )


async def _whom(unit: Unit) -> Whom | None:
    member = await service.contact(unit)
    if member is None:
        return None
    names = await vault.staff_names(unit, [member.person_id])
    return Whom(name=names.get(member.person_id, ""), reach=(await service.kept(unit)).reach)


async def _suspended(unit: Unit, slug: str) -> Organisation:
    for one in await tenants.organisations(unit, {_KIND}):
        if one.slug == slug:
            return one
    raise NotFound
