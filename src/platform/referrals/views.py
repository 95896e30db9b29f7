"""Referrals as one reader may see them."""

from urllib.parse import urlencode
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock as time
from src.platform.kit import cursor
from src.platform.kit.errors import NotFound
from src.platform.referrals import (
    agreement_views,
    partner_views,
    referring_views,
    repository,
    service,
    states,
)
from src.platform.referrals.models import Agreement, Referral, WeeklyReport
from src.platform.referrals.repository import Line, Tied
from src.platform.referrals.schemas import (
    PARTNER_KINDS,
    AgreementRow,
    Partner,
    ReferralList,
    ReferralRow,
    ReferralView,
    Slice,
    Weekly,
    WeeklyText,
)
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.vault import service as vault

PAGE_SIZE = 50
_VERBS = {
    "accept": "referral.answer",
    "decline": "referral.answer",
    "complete": "referral.answer",
    "discontinue": "referral.answer",
    "recall": "referral.send",
}


async def listing(
    unit: Unit, *, state: str | None = None, clock: str | None = None, after: str | None = None
) -> ReferralList:
    """One page of my referrals or my inbox, and the agreements. Raises Invalid for a damaged cursor."""
    now = time.now()
    found = await repository.page(
        unit, after=cursor.place(after), state=state, clock=clock, now=now, most=PAGE_SIZE + 1
    )
    shown = found[:PAGE_SIZE]
    known = {o.id: o for o in await tenants.organisations(unit)}
    codes = await vault.codes(unit, [("child", one.code_owner or one.id) for one in shown])
    rows = [
        ReferralRow(
            id=one.id,
            code=code,
            clock=deadlines.due(one.clock, now=now) if one.clock else None,
            other_side=_other(unit, one, known),
            service_type=one.service_type,
            state=one.state,
            sent_at=one.sent_at,
        )
        for one, code in zip(shown, codes, strict=True)
    ]
    may = [verb for verb in ("draft", "sign") if access.may_enter(unit.me, f"agreement.{verb}")]
    today, days = time.local_date(now), await tenants.setting(unit, "agreement_ends_soon_days")
    agreements = [
        _agreement(unit, row, known, agreement_views.state_of(row, today, days))
        for row in await repository.agreements(unit)
        if row.tenant_id == unit.tenant_id or row.signed_by_school_at is not None
    ]
    partners = [Partner(o.id, o.name(unit.language)) for o in known.values() if o.kind in PARTNER_KINDS]
    if rows:
        audit.record(unit, "referral.listed", "referral", [row.id for row in rows], classes={"case-sensitive"})
    last = shown[-1] if len(found) > PAGE_SIZE else None
    return ReferralList(
        rows=rows,
        agreements=agreements,
        partners=partners if "draft" in may else [],
        may=may,
        after=cursor.after(last.sent_at, last.id) if last else None,
        query=urlencode({name: value for name, value in (("state", state), ("clock", clock)) if value}),
    )


async def one(unit: Unit, referral_id: UUID) -> ReferralView:
    """One referral. Raises NotFound alike for foreign, hidden and unknown ids."""
    tied = await _tied(unit, referral_id)
    audit.record(unit, "referral.read", "referral", [referral_id], classes={"case-sensitive"})
    return await _view(unit, tied)


async def opened(unit: Unit, referral_id: UUID) -> ReferralView:
    """The same with what the school has sent, at the partner's only: one press, one audit row."""
    tied = await _tied(unit, referral_id)
    classes = access.demand(unit.me, "referral.open", tied.relations, reading="referral.read")
    if tied.referral.peer_tenant_id != unit.tenant_id or tied.referral.sealed_slice is None:
        raise NotFound
    raw = await vault.open_slice(unit, tied.referral.sealed_slice, referral_id)
    audit.record(unit, "identity.read", "referral", [referral_id], classes=classes)
    return msgspec.structs.replace(await _view(unit, tied), slice=msgspec.json.decode(raw, type=Slice))


async def _tied(unit: Unit, referral_id: UUID) -> Tied:
    tied = await repository.one(unit, referral_id)
    if tied is None:
        raise NotFound
    return tied


async def _view(unit: Unit, tied: Tied) -> ReferralView:
    referral = tied.referral
    await repository.prefetch_referral(unit, referral.id, *partner_views.reads(referral.id))
    known = {o.id: o for o in await tenants.organisations(unit)}
    photos = {UUID(one.partition("|")[0]): UUID(one.partition("|")[2]) for one in tied.photos}
    reports = [await _weekly(unit, row, photos) for row in await repository.reports(unit, referral.id)]
    done = {report.week for report in reports}
    at_partner = referral.peer_tenant_id == unit.tenant_id
    may = [v for v in states.events_of(referral.state) if access.may(unit.me, _VERBS[v], tied.relations)]
    if at_partner and referral.sealed_slice is not None and access.may(unit.me, "referral.open", tied.relations):
        may.append("open")
    if referral.state == "accepted" and access.may(unit.me, "referral.report", tied.relations):
        may.append("report")
    if at_partner and referral.state == "accepted" and access.may_enter(unit.me, "assessment.open"):
        may.append("open_case")
    if access.may(unit.me, "referral.show_readers", tied.relations):
        may.append("show_readers")
    seen = ReferralView(
        id=referral.id,
        code=await _code(unit, tied),
        case_id=tied.case_id,
        other_side=_other(unit, referral, known),
        service_type=referral.service_type,
        state=referral.state,
        sent_at=referral.sent_at,
        version=referral.version,
        decline_reason=referral.decline_reason,
        may=sorted(may),
        reports=reports,
        weeks=[week for week in service.weeks_to_report(referral) if week not in done],
        clocks=await deadlines.of_subject(unit, referral.id),
    )
    return await partner_views.added(unit, tied, await referring_views.with_around(unit, tied, seen))


async def _code(unit: Unit, tied: Tied) -> str:
    """In the school the child's code of incident and case; at the partner one of its own (S-19)."""
    return await vault.code(unit, "child", tied.code_owner or tied.referral.id)


async def _weekly(unit: Unit, row: WeeklyReport, photos: dict[UUID, UUID]) -> Weekly:
    if row.tenant_id == unit.tenant_id:
        raw = (await vault.open_text(unit, row.own_text, "weekly_report.own_text", row.id)).encode()
    else:
        raw = await vault.open_slice(unit, row.peer_text, row.id)
    text = msgspec.json.decode(raw, type=WeeklyText)
    return Weekly(
        week=row.week,
        sessions_count=row.sessions_count,
        attended_count=row.attended_count,
        progress=row.progress,
        danger_flag=row.danger_flag,
        work_done=text.work_done,
        difficulties=text.difficulties,
        submitted_at=row.submitted_at,
        family_work=text.family_work,
        recommendations=text.recommendations,
        no_change=text.no_change,
        attended_team_meeting=row.attended_team_meeting,
        photo_id=photos.get(row.id),
    )


def _agreement(unit: Unit, row: Agreement, known: dict[UUID, Organisation], state: str) -> AgreementRow:
    at_partner = row.peer_tenant_id == unit.tenant_id
    other = known[row.tenant_id if at_partner else row.peer_tenant_id]
    signed = row.signed_by_partner_at is not None
    return AgreementRow(
        id=row.id,
        other_side=other.name(unit.language),
        service_types=row.service_types,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        signed_by_both=signed,
        state=state,
        to_sign=state == ("waits" if at_partner else "draft"),
    )


def _other(unit: Unit, referral: Referral | Line, known: dict[UUID, Organisation]) -> str:
    at_partner = referral.peer_tenant_id == unit.tenant_id
    return known[referral.tenant_id if at_partner else referral.peer_tenant_id].name(unit.language)
