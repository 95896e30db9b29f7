"""Assessments as one reader may see them; everybody else is refused (R-072)."""

from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.commission import inputs, repository, service
from src.platform.commission.models import Assessment, AssessmentCopy
from src.platform.commission.schemas import (
    AssessmentList,
    AssessmentRow,
    AssessmentView,
    Choice,
    CopyList,
    CopyRow,
    CopyView,
    Filled,
    OpenForm,
)
from src.platform.db.unit import Unit
from src.platform.forms import registry
from src.platform.kit.errors import NotFound
from src.platform.referrals import service as referrals
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


async def listing(unit: Unit) -> AssessmentList:
    """My assessments, or all of the commission."""
    found = await repository.listing(unit)
    names = await _names(unit)
    rows = [
        AssessmentRow(
            id=one.id,
            code=await vault.code(unit, "child", one.id),
            curator=names.get(one.curator, ""),
            opened_at=one.opened_at,
            closed_at=one.closed_at,
        )
        for one in found
    ]
    if rows:
        audit.record(unit, "assessment.listed", "assessment", [row.id for row in rows], classes={"case-sensitive"})
    return AssessmentList(rows)


async def open_form(unit: Unit, referral_id: UUID) -> OpenForm:
    """Whom to appoint. Raises NotFound where the request is not the commission's to open."""
    await referrals.here(unit, referral_id)
    names = await _names(unit)
    chosen = [Choice(one.membership_id, names.get(one.membership_id, "")) for one in await service.curators(unit)]
    return OpenForm(referral_id=referral_id, curators=chosen)


async def one(unit: Unit, assessment_id: UUID) -> AssessmentView:
    """One report, every class in one audit row. Raises NotFound alike for foreign, hidden and unknown ids."""
    tied = await repository.one(unit, assessment_id)
    if tied is None:
        raise NotFound
    row = tied.assessment
    await repository.prefetch(unit)
    audit.record(unit, "assessment.read", "assessment", [row.id], classes=service.CLASSES)
    writes = access.may(unit.me, "assessment.write", tied.relations)
    known = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)}
    given = list(tied.given_to)
    offered = await service.supporters(unit) if writes and row.closed_at else []
    return AssessmentView(
        id=row.id,
        code=await vault.code(unit, "child", row.id),
        curator=(await _names(unit)).get(row.curator, ""),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        version=row.version,
        filled=await _filled(unit, row),
        family_answer=row.family_answer,
        may=(["give"] if row.closed_at else ["write", "close"]) if writes else [],
        given_to=[known[i] for i in given],
        organisations=[Choice(one.id, known[one.id]) for one in offered if one.id not in given],
    )


async def copies(unit: Unit) -> CopyList:
    """Reports that the commission gave to my organisation."""
    return CopyList([await _copy_row(unit, row) for row in await repository.copies(unit)])


async def copy(unit: Unit, copy_id: UUID) -> CopyView:
    """One of them, opened with one audit row. Raises NotFound."""
    row = await repository.copy(unit, copy_id)
    if row is None:
        raise NotFound
    answers = msgspec.json.decode(await vault.open_slice(unit, row.content, row.id))
    audit.record(unit, "assessment_copy.read", "assessment_copy", [row.id], classes=service.CLASSES)
    head = await _copy_row(unit, row)
    return CopyView(**msgspec.structs.asdict(head), filled=_answered(unit, answers))


async def _copy_row(unit: Unit, row: AssessmentCopy) -> CopyRow:
    known = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)}
    code = await vault.code(unit, "child", row.id)
    return CopyRow(id=row.id, code=code, from_whom=known[row.tenant_id], given_at=row.given_at)


async def _filled(unit: Unit, row: Assessment) -> list[Filled]:
    return _answered(unit, await service.contents(unit, row))


def _answered(unit: Unit, answers: dict[str, Any]) -> list[Filled]:
    """Every question under the label of the law, with what was answered; the family's comment where there is one."""
    form = registry.form("form_l")
    asked = [*inputs.questions(), *([form.field("family_comment")] if answers.get("family_comment") else [])]
    return [
        Filled(
            key=one.key,
            label=one.labels.in_language(unit.language),
            columns=[(column.name, column.labels.in_language(unit.language)) for column in form.columns(one.key)]
            if one.type == "group"
            else [],
            value=answers.get(one.key),
        )
        for one in asked
    ]


async def _names(unit: Unit) -> dict[UUID, str]:
    """Names of the commission's own members."""
    members = await tenants.members(unit)
    people = await vault.staff_names(unit, [one.person_id for one in members])
    return {one.membership_id: people.get(one.person_id, "") for one in members}
