"""Who hears of a report, and of its way."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.incidents import deputy, members, readers, repository, service
from src.platform.incidents.models import OFFENDERS, Incident
from src.platform.incidents.reading import papers
from src.platform.incidents.triage import urgency
from src.platform.incidents.turns import duties, repeats
from src.platform.kit import clock
from src.platform.notifications import service as notifications
from src.platform.outbox.actors import actor
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

LONG_WORK = (papers.KIND,)
"""The worker knows it by importing it."""


@actor("incidents.tell_team")
async def tell_team(unit: Unit, incident: UUID) -> None:
    """A report has come in: everybody of the team who may read it."""
    await deputy.settle(unit, await repository.locked(unit, incident))
    free = await readers.may_read(unit, await members.team_of(unit), incident)
    await notifications.notify(unit, [m.membership_id for m in free], "incident_reported", "incident", incident)


@actor("incidents.tell_reporters")
async def tell_reporters(unit: Unit, incident: UUID) -> None:
    """The state moved: each reporter among the members gets a message about their own report only (R-057)."""
    ours = {m.person_id: m.membership_id for m in await tenants.members(unit)}
    for report in await repository.reports(unit, incident):
        if report.reporter_sealed is None:
            continue
        person = await vault.open_link(unit, report.reporter_sealed, report.id)
        if person in ours:
            await notifications.notify(unit, [ours[person]], "report_moved", "report", report.id)


@actor("incidents.tell_asked")
async def tell_asked(unit: Unit, report: UUID) -> None:
    """The team asks who reported: a member gets a message about their own report; whoever has a receipt looks there."""
    told = await repository.told(unit, report)
    if told is not None and told.report.reporter_sealed is not None:
        person = await vault.open_link(unit, told.report.reporter_sealed, report)
        ours = [one.membership_id for one in await tenants.members(unit) if one.person_id == person]
        await notifications.notify(unit, ours, "report_question", "report", report)


@actor("incidents.tell_answered")
async def tell_answered(unit: Unit, incident: UUID) -> None:
    """Who reported has said more: everybody of the team who may read it."""
    free = await readers.may_read(unit, await members.team_of(unit), incident)
    await notifications.notify(unit, [m.membership_id for m in free], "report_answered", "incident", incident)


@actor("incidents.look_for_conflicts")
async def look_for_conflicts(unit: Unit, incident: UUID, participation: UUID) -> None:
    """Somebody was named: who decides on measures for an employee (R-049), who is left to act (R-065, R-271)."""
    row = await repository.locked(unit, incident)
    await deputy.settle(unit, row)
    everybody = await tenants.members(unit)
    readable = {m.membership_id for m in await readers.may_read(unit, everybody, incident)}
    lost = {m.membership_id for m in everybody} - readable
    await notifications.withdraw(unit, lost, "incident", incident)
    await urgency.without(unit, row, lost)
    await _tell_of_investigators(unit, row, everybody, lost)
    nurses = await members.holders(unit, "incident.care")
    caring = {member for member, _ in await repository.readable_to(unit, nurses, [incident], "incident.care")}
    await notifications.withdraw(unit, {m.membership_id for m in nurses} - caring, "care", incident)
    heads = await members.holders(unit, "incident.take_measures")
    free = await readers.may_read(unit, heads, incident)
    named = [one for one in await repository.participations(unit, [incident]) if one.id == participation]
    if any(one.kind == "employee" and one.involvement in OFFENDERS for one in named):
        await notifications.notify(unit, [m.membership_id for m in free], "staff_named", "incident", incident)
    if heads and not free:
        await service.note_conflict(unit, incident, Alert.HEAD_IN_CONFLICT)
    if len(await members.free_members(unit, incident)) < await tenants.setting(unit, "team_free_at_least"):
        await service.note_conflict(unit, incident, Alert.TEAM_TOO_SMALL)


async def _tell_of_investigators(unit: Unit, incident: Incident, everybody: list[Member], lost: set[UUID]) -> None:
    """Somebody who investigates may not any more: whoever leads the team names another one (X3, R-078)."""
    if incident.state not in duties.REPLACED_IN:
        return
    known = {d.membership_id for d in await repository.duties(unit, incident.id) if d.duty == "investigator"}
    named = await members.named_among(unit, incident.id, [one for one in everybody if one.membership_id in known])
    if known & (lost | named):
        leading = {one.membership_id for one in await deputy.coordinating(unit, incident.id)}
        await notifications.notify(unit, leading, "investigator_conflicted", "incident", incident.id)


@actor("incidents.tell_counsellors")
async def tell_counsellors(unit: Unit, incident: UUID) -> None:
    """A sign of suicide or self-harm: those who counsel and may read the incident hear of it at once (R-257).

    Without one of them it is the task of whoever leads the team.
    """
    counsellors = await readers.may_read(unit, await members.holders(unit, "incident.counsel"), incident)
    free = counsellors or await deputy.coordinating(unit, incident)
    await notifications.notify(unit, [m.membership_id for m in free], "urgent_task", "incident", incident)


@actor("incidents.tell_duty")
async def tell_duty(unit: Unit, incident: UUID) -> None:
    """An urgent report, at any hour: who is on duty hears of it apart from the team; else who leads it (R-036)."""
    on_duty = await teams.duty_member(unit, clock.now())
    wanted = await tenants.members(unit, [on_duty.membership_id]) if on_duty else []
    for asked in (wanted, await deputy.coordinating(unit, incident), await members.team_of(unit)):
        free = await readers.may_read(unit, asked, incident)
        if free:
            await notifications.notify(unit, [m.membership_id for m in free], "urgent_report", "incident", incident)
            return


@actor("incidents.tell_forwarders")
async def tell_forwarders(unit: Unit, incident: UUID) -> None:
    """A serious sign became known: whoever leads the team and the school makes it known today (R-256)."""
    await _tell_who_forwards(unit, incident, "forward_today")


@actor("incidents.tell_of_residential")
async def tell_of_residential(unit: Unit, incident: UUID) -> None:
    """A child of a residential institution: the director makes it known to the commission at once (R-170, X7)."""
    await _tell_who_forwards(unit, incident, "residential_today")


async def _tell_who_forwards(unit: Unit, incident: UUID, kind: str) -> None:
    heads = await readers.may_read(unit, await members.holders(unit, "incident.take_measures"), incident)
    free = {m.membership_id for m in heads + await deputy.coordinating(unit, incident)}
    if not free:  # both are implicated: everybody else of the team
        free = {m.membership_id for m in await readers.may_read(unit, await members.team_of(unit), incident)}
    await notifications.notify(unit, sorted(free), kind, "incident", incident)


@actor("incidents.tell_of_offence")
async def tell_of_offence(unit: Unit, incident: UUID) -> None:
    """A criminal offence by a student: who starts the council's session hears of it at once (R-209, X6).

    Without a prevention manager who may know of it: whoever of the heads and the team's leaders may.
    """
    row = await repository.locked(unit, incident)
    if row.council_caller is None:
        await _tell_who_forwards(unit, incident, "council_today")
        return
    await notifications.notify(unit, [row.council_caller], "council_today", "incident", incident)


@actor("incidents.team_changed")
async def team_changed(unit: Unit) -> None:
    """Somebody else leads the team, or is the deputy: who acts where the coordinator may not (R-271)."""
    await deputy.settle_all(unit)


@actor("incidents.ask_for_measures")
async def ask_for_measures(unit: Unit, incident: UUID) -> None:
    """The team has decided about an employee: the director takes measures, unless in conflict (R-049, X2)."""
    free = await readers.may_read(unit, await members.holders(unit, "incident.take_measures"), incident)
    await notifications.notify(unit, [m.membership_id for m in free], "measures_wait", "incident", incident)


@actor("incidents.tell_of_repeats")
async def tell_of_repeats(unit: Unit, incident: UUID) -> None:
    """A child's third or later record of the school year (R-029)."""
    await repeats.tell(unit, incident)
