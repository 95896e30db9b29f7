"""The partner's weekly report (form N17): one filing behind the page, the one press, the link and the programs.

R-147, R-148, R-153.
"""

from uuid import UUID

import msgspec

from src.platform.attachments.schemas import MEDIA, Clean, Opened
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.referrals import danger, partner_repository, repository, service
from src.platform.referrals.errors import DuplicateWeekError, WrongStateError
from src.platform.referrals.models import Referral, WeeklyPhoto
from src.platform.referrals.schemas import WeeklyText
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_ENDINGS = {"jpeg": "jpg", "png": "png", "pdf": "pdf"}


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner reports of a week."""

    week: str
    sessions_count: int
    attended_count: int
    progress: str
    work_done: str = ""
    difficulties: str = ""
    family_work: str = ""
    recommendations: str = ""
    danger_flag: bool = False
    attended_team_meeting: bool = False
    no_change: bool = False


async def submit(unit: Unit, referral_id: UUID, filed: Filed, photo: Clean | None = None) -> None:
    """One report a week; a late one is taken and keeps its real time (R-147, R-148).

    Raises NotFound, Forbidden, WrongStateError, DuplicateWeekError, Invalid.
    """
    tied = await service.for_verb(unit, referral_id, "referral.report")
    await file(unit, tied.referral, filed, photo)


async def no_change(unit: Unit, referral_id: UUID, week: str) -> None:
    """One press is a report: nothing has changed; the meetings are those that our side has written down."""
    tied = await service.for_verb(unit, referral_id, "referral.report")
    planned, attended = (await counted(unit, referral_id)).get(week, (0, 0))
    filed = Filed(week=week, sessions_count=planned, attended_count=attended, progress="none", no_change=True)
    await file(unit, tied.referral, filed)


async def file(unit: Unit, referral: Referral, filed: Filed, photo: Clean | None = None) -> UUID:
    """Store the report in the partner's organisation, sealed for both sides; the caller has asked who may."""
    if referral.state != "accepted":
        raise WrongStateError
    if complaints := _complaints(referral, filed, photo):
        raise Invalid(fields=complaints)
    report_id, at = new_id(), clock.now()
    school = await tenants.organisation(unit, referral.tenant_id)
    text = msgspec.json.encode(
        WeeklyText(
            work_done=filed.work_done,
            difficulties=filed.difficulties,
            family_work=filed.family_work,
            recommendations=filed.recommendations,
            no_change=filed.no_change,
        )
    )
    stored = await repository.add_report(
        unit,
        {
            "tenant_id": unit.tenant_id,
            "id": report_id,
            "peer_tenant_id": school.id,
            "referral_id": referral.id,
            "week": filed.week,
            "sessions_count": filed.sessions_count,
            "attended_count": filed.attended_count,
            "progress": filed.progress,
            "danger_flag": filed.danger_flag,
            "attended_team_meeting": filed.attended_team_meeting,
            "own_text": await vault.seal_text(unit, text.decode(), "weekly_report.own_text", report_id),
            "peer_text": vault.seal_slice(school.recipient_key, text, report_id),
            "submitted_at": at,
        },
    )
    if not stored:
        raise DuplicateWeekError
    if photo is not None:
        await _keep_photo(unit, referral, school, report_id, photo)
    await deadlines.meet(unit, service.WEEKLY, referral.id, at, period=filed.week)
    args = {"referral": referral.id, "report": report_id}
    await outbox.emit(unit, "referrals.week_reported", args, target_tenant=school.id)
    audit.record(unit, "referral.week_reported", "referral", [referral.id, report_id])
    if filed.danger_flag:
        said = (filed.work_done, filed.difficulties, filed.recommendations)
        await danger.raise_alarm(unit, referral, report_id, "\n".join(filter(None, said)), at)
    return report_id


async def counted(unit: Unit, referral_id: UUID) -> dict[str, tuple[int, int]]:
    """Week -> how many meetings our side has written down, and to how many the child came."""
    found: dict[str, tuple[int, int]] = {}
    for one in await partner_repository.sessions(unit, referral_id):
        week = calendar.week_of(one.held_on)
        planned, attended = found.get(week, (0, 0))
        found[week] = (planned + 1, attended + (one.outcome == "attended"))
    return found


async def open_photo(unit: Unit, referral_id: UUID, photo_id: UUID) -> Opened:
    """The cleaned picture of a report on paper, for who may read the referral; every opening is recorded (S-21)."""
    tied = await repository.one(unit, referral_id)
    found = await partner_repository.photo(unit, referral_id, photo_id) if tied else None
    if found is None:
        raise NotFound
    if found.tenant_id == unit.tenant_id:
        content = (await vault.open_pieces(unit, [found.own_copy], found.id))[0]
    else:
        content = await vault.open_slice(unit, found.peer_copy, found.id)
    audit.record(unit, "referral.photo_opened", "referral", [referral_id, photo_id], classes={"case-sensitive"})
    return Opened(content, MEDIA[found.kind], f"{found.id.hex[-8:]}.{_ENDINGS[found.kind]}")


def _complaints(referral: Referral, filed: Filed, photo: Clean | None) -> list[FieldError]:
    found = []
    if filed.week not in service.weeks_to_report(referral):
        found.append(FieldError("week", "not_reportable", N_("Choose a week since the child was accepted")))
    if filed.attended_count > filed.sessions_count:
        found.append(FieldError("attended_count", "too_many", N_("More meetings were attended than planned")))
    if not (filed.work_done or filed.no_change or photo):
        found.append(FieldError("work_done", "required", N_("Fill this in")))
    elif filed.danger_flag and not filed.work_done:
        found.append(FieldError("work_done", "danger", N_("Say in one sentence what the danger is")))
    return found


async def _keep_photo(unit: Unit, referral: Referral, school: Organisation, report_id: UUID, photo: Clean) -> None:
    photo_id = new_id()
    (own,) = await vault.seal_pieces(unit, [photo.copy], photo_id)
    unit.session.add(
        WeeklyPhoto(
            tenant_id=unit.tenant_id,
            id=photo_id,
            peer_tenant_id=school.id,
            referral_id=referral.id,
            report_id=report_id,
            kind=photo.kind,
            own_copy=own,
            peer_copy=vault.seal_slice(school.recipient_key, photo.copy, photo_id),
        )
    )
