"""The partner's side as it is shown: inbox, own file, the week that is due; and what a referral's page gains by it."""

from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock as time
from src.platform.kit import cursor
from src.platform.kit.errors import NotFound
from src.platform.referrals import (
    attendance,
    endings,
    link_repository,
    links,
    notes,
    partner_repository,
    repository,
    service,
    weekly,
)
from src.platform.referrals.models import Referral
from src.platform.referrals.partner_schemas import BOXES, EndForm, Inbox, Note, OwnFile, Session, WeekForm
from src.platform.referrals.repository import Tied
from src.platform.referrals.schemas import Ending, LinkRow, ReferralRow, ReferralView, TeamMeeting
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

PAGE_SIZE = 25
_RUNNING = ("open", "amber", "overdue")
_TOLD_IN = frozenset({"sent", "accepted", "completed", "discontinued"})


async def inbox(unit: Unit, box: str = BOXES[0], after: str | None = None) -> Inbox:
    """One page of a box. Raises Invalid for a damaged cursor."""
    now = time.now()
    found = await partner_repository.inbox(unit, box, after=cursor.place(after), now=now, most=PAGE_SIZE + 1)
    shown = [row for row, _ in found[:PAGE_SIZE]]
    await together.prefetch(unit.session, tenants.all_tenants(), deadlines.clocks_of([row.id for row in shown]))
    names = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)}
    clocks = await deadlines.of_subjects(unit, [row.id for row in shown])
    rows = [await _row(unit, row, names[row.tenant_id], clocks[row.id]) for row in shown]
    if rows:
        audit.record(unit, "referral.listed", "referral", [row.id for row in rows], classes={"case-sensitive"})
    last, at = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else (None, None)
    return Inbox(
        box=box,
        counts=await partner_repository.counts(unit, BOXES, now),
        rows=rows,
        after=cursor.after(at, last.id) if last else None,
    )


async def own_file(unit: Unit, referral_id: UUID) -> OwnFile:
    """What our side keeps for itself. Raises NotFound."""
    tied = await _tied(unit, referral_id, "referral.note")
    reads = (partner_repository.notes_of(referral_id), partner_repository.sessions_of(referral_id))
    await together.prefetch(unit.session, *reads, tenants.all_members())
    written = await partner_repository.notes(unit, referral_id)
    people = {one.membership_id: one.person_id for one in await tenants.members(unit)}
    names = await vault.staff_names(unit, [people[one.author] for one in written if one.author in people])
    audit.record(unit, "referral.notes_read", "referral", [referral_id], classes={"case-sensitive"})
    is_ours = tied.referral.peer_tenant_id == unit.tenant_id
    may = ["sessions"] if is_ours and access.may(unit.me, "referral.report", tied.relations) else []
    return OwnFile(
        id=referral_id,
        code=await _code(unit, tied),
        state=tied.referral.state,
        may=may,
        notes=[
            Note(
                written_at=one.written_at,
                author=names.get(people.get(one.author, one.author), ""),
                text=await vault.open_text(unit, one.body, notes.COLUMN, one.id),
            )
            for one in written
        ],
        sessions=[
            Session(held_on=one.held_on, outcome=one.outcome)
            for one in await partner_repository.sessions(unit, referral_id)
        ],
    )


async def week_form(unit: Unit, referral_id: UUID, week: str | None = None) -> WeekForm:
    """The weeks that owe a report; the earliest unless another one is asked for. Raises NotFound."""
    tied = await _tied(unit, referral_id, "referral.report")
    is_owed = tied.referral.state == "accepted"
    done = {one.week for one in await repository.reports(unit, referral_id)}
    weeks = [one for one in service.weeks_to_report(tied.referral) if is_owed and one not in done]
    counted = {one: list(both) for one, both in (await weekly.counted(unit, referral_id)).items() if one in weeks}
    audit.record(unit, "referral.read", "referral", [referral_id], classes={"case-sensitive"})
    return WeekForm(
        id=referral_id,
        code=await _code(unit, tied),
        weeks=weeks,
        week=week if week in weeks else next(reversed(weeks), ""),
        counted=counted,
    )


async def end_form(unit: Unit, referral_id: UUID) -> EndForm:
    """A service and its version, for the final report. Raises NotFound."""
    return await _form(unit, await _tied(unit, referral_id, "referral.answer"))


async def danger_form(unit: Unit, referral_id: UUID) -> EndForm:
    """The same, for telling danger."""
    return await _form(unit, await _tied(unit, referral_id, "referral.report"))


def reads(referral_id: UUID) -> tuple[Read[Any], ...]:
    """What `added` needs, for the statement of the page."""
    own = (partner_repository.attendance_of(referral_id), partner_repository.final_of(referral_id))
    return (*own, link_repository.links_of(referral_id))


async def added(unit: Unit, tied: Tied, view: ReferralView) -> ReferralView:
    """The page of a referral with meetings, ending and what else may be done here."""
    referral, may = tied.referral, list(view.may)
    meetings = await partner_repository.attendance(unit, referral.id)
    at_partner = referral.peer_tenant_id == unit.tenant_id
    if access.may(unit.me, "referral.note", tied.relations):
        may.append("note")
    if at_partner and referral.state in _TOLD_IN and access.may(unit.me, "referral.report", tied.relations):
        may.append("tell_danger")
    if not at_partner and referral.state == "accepted" and access.may(unit.me, "referral.attend", tied.relations):
        may.append("attend")
    linkable, given = await _links(unit, tied, view)
    may += ["link"] if linkable else []
    return msgspec.structs.replace(
        view,
        may=sorted(may),
        links=given,
        link_weeks=linkable,
        meetings=[TeamMeeting(met_on=one.met_on, attended=one.attended) for one in meetings],
        absent_twice=attendance.is_absent_twice(meetings),
        ending=await _ending(unit, referral),
    )


async def _links(unit: Unit, tied: Tied, view: ReferralView) -> tuple[list[str], list[LinkRow]]:
    """In the school: weeks that a link may be made for, and the links that were."""
    referral = tied.referral
    at_partner = referral.peer_tenant_id == unit.tenant_id
    if at_partner or not access.may(unit.me, "referral.link", tied.relations):
        return [], []
    done = {report.week for report in view.reports}
    weeks = [one for one in links.weeks(referral) if one not in done] if referral.state in ("sent", "accepted") else []
    rows = [
        LinkRow(id=one.id, week=one.week, state=links.state_of(one), expires_at=one.expires_at, version=one.version)
        for one in await link_repository.of(unit, referral.id)
    ]
    return weeks, rows


async def _ending(unit: Unit, referral: Referral) -> Ending | None:
    row = await partner_repository.final(unit, referral.id)
    if row is None:
        return None
    if row.tenant_id == unit.tenant_id:
        text = await vault.open_text(unit, row.own_text, endings.COLUMN, row.id)
    else:
        text = (await vault.open_slice(unit, row.peer_text, row.id)).decode()
    return Ending(ending=row.ending, text=text, submitted_at=row.submitted_at)


async def _row(unit: Unit, referral: Referral, school: str, clocks: list[deadlines.Due]) -> ReferralRow:
    return ReferralRow(
        id=referral.id,
        code=await vault.code(unit, "child", referral.id),
        other_side=school,
        service_type=referral.service_type,
        state=referral.state,
        sent_at=referral.sent_at,
        clock=next((due for due in clocks if due.state in _RUNNING), None),
    )


async def _tied(unit: Unit, referral_id: UUID, permission: str) -> Tied:
    tied = await repository.one(unit, referral_id)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="referral.read")
    return tied


async def _form(unit: Unit, tied: Tied) -> EndForm:
    referral = tied.referral
    audit.record(unit, "referral.read", "referral", [referral.id], classes={"case-sensitive"})
    return EndForm(id=referral.id, code=await _code(unit, tied), version=referral.version, state=referral.state)


async def _code(unit: Unit, tied: Tied) -> str:
    return await vault.code(unit, "child", tied.code_owner or tied.referral.id)
