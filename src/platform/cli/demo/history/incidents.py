"""The story of one incident, from what happened to its end, as people with little time do it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from src.platform.casework import monitoring
from src.platform.casework import service as casework
from src.platform.cli.demo.history import referrals
from src.platform.cli.demo.history.cast import SchoolCast
from src.platform.cli.demo.history.plots import Plot, Pupil, in_days, later, texts
from src.platform.cli.demo.history.region import History
from src.platform.cli.demo.history.teller import asked
from src.platform.db.unit import Unit
from src.platform.doors import service as doors
from src.platform.doors import tokens
from src.platform.incidents import reporting, service, views
from src.platform.incidents.families import parents
from src.platform.incidents.families import service as families
from src.platform.incidents.meetings import service as meetings
from src.platform.incidents.reading import listing
from src.platform.incidents.reading.filters import Asked
from src.platform.incidents.schemas import IncidentView, NewReport, Triage
from src.platform.incidents.triage import forwarding, linking, pranks, questions
from src.platform.incidents.triage import service as triage
from src.platform.incidents.turns import reopening
from src.platform.kit import clock
from src.platform.vault import service as vault

Story = AsyncIterator[datetime]
_TEACHERS = ("teacher", "teacher2", "teacher3", "teacher4", "class")
_LATE = {"quick": 0, "slow": 2, "stuck": 7}
"""Working days that a step takes longer."""


class Case:
    """One incident and the people who work on it."""

    def __init__(self, history: History, school: SchoolCast, plot: Plot) -> None:
        self.history, self.school, self.plot = history, school, plot
        self.rng, self.calendar = plot.rng, history.calendar(school)
        self.id = UUID(int=0)
        self.residential = plot.chance(0.06) and (plot.door == "staff")
        self.dice = plot.rng
        """For what is decided inside an act, which is not done again after a stop."""
        self.reporter = ""
        """Who of the staff has reported."""

    async def by(self, who: str, verb: Callable[[Unit], Awaitable[Any]]) -> Any:
        """An act of somebody of the school."""
        self.dice = Random(self.rng.random())  # noqa: S311  # a seed decides, nothing is secret
        return await self.history.teller.act(self.school.sign_in(who), verb)

    async def step(self, who: str, verb: Callable[[Unit, IncidentView], Awaitable[Any]]) -> Any:
        """Look at the incident, then do something about it."""

        async def looked(work: Unit) -> Any:
            return await verb(work, await views.one(work, self.id))

        return await self.by(who, looked)

    def text(self, kind: str) -> str:
        """One of the sentences of a kind, chosen before an act."""
        return self.rng.choice(texts()[kind])

    def said(self, kind: str) -> str:
        """The same inside an act."""
        return self.dice.choice(texts()[kind])

    def wait(self, days: int) -> datetime:
        """A moment so many working days from now; slow stories take longer."""
        more = self.rng.randrange(_LATE[self.plot.pace] + 1)
        return in_days(self.calendar, self.history.now, days + more, self.rng)

    def soon(self, minutes: int) -> datetime:
        """So many minutes later today; a slow story loses a day or more."""
        if self.plot.pace == "quick":
            return later(self.history.now, minutes)
        return self.wait(1)


async def tell(history: History, school: SchoolCast, plot: Plot) -> Story:
    """Everything that becomes of a plot."""
    case = Case(history, school, plot)
    yield plot.told_at
    is_prank = plot.door == "anonymous" and plot.chance(0.2)
    await _report(case, is_prank=is_prank)
    if is_prank:
        async for moment in _prank(case):
            yield moment
        return
    if plot.door == "staff" and plot.chance(0.1):
        yield later(history.now, 40)
        await _tell_again(case)
    yield case.soon(50)
    await _look_into(case)
    yield case.soon(20)
    await _screen(case)
    if plot.chance(0.25):
        await _ask(case)
        yield case.soon(60)
        await _answer(case)
    yield case.soon(70) if plot.story.get("urgent") else case.wait(1)
    async for moment in _investigate(case):
        yield moment
    async for moment in _after(case):
        yield moment


async def _after(case: Case) -> Story:
    """Cases, referrals, the end of the matter, and sometimes once more."""
    plot = case.plot
    found = await _appoint(case)
    yield case.wait(1)
    for child, manager in found:
        if plot.chance(0.75 if child["side"] == "victim" else 0.45):
            case.history.begin(referrals.tell(case.history, case.school, UUID(child["case"]), manager, plot.rng))
    yield case.wait(3)
    await case.step("coordinator", lambda work, seen: service.close(work, seen.id, seen.version))
    if plot.chance(0.12):
        yield case.wait(6)
        reason = case.text("reopening")
        await case.step("coordinator", lambda work, seen: reopening.reopen(work, seen.id, seen.version, reason=reason))
        yield case.wait(1)
        async for moment in _again(case):
            yield moment
    async for moment in _monitor(case, found):
        yield moment


async def _report(case: Case, *, is_prank: bool = False) -> None:
    plot = case.plot
    told = case.text("prank") if is_prank else plot.told(case.rng.choice(("kk", "kk", "ru")))
    who = "" if is_prank else f"{plot.who.grade}{plot.who.letter}, {plot.who.name.full}"
    harm = "yes" if plot.story.get("harmed") else ("unknown" if plot.story.get("urgent") else "no")
    new = NewReport(
        description=told,
        who=who if plot.door == "staff" else "",
        place=plot.place if case.rng.random() < 0.8 else None,  # noqa: PLR2004  # some do not say
        harmed=harm,
        harm_danger=harm,
        residential_child=case.residential,
    )
    if plot.door == "anonymous":
        await _report_without_name(case, told, harm)
    elif plot.door in ("student", "parent") and not case.school.suffix:
        tells = asked(families.tell, description=told, place=new.place, harmed=harm, harm_danger=harm)
        case.id = case.history.known(await case.by(plot.door, tells))
    else:
        teacher = case.rng.choice(_TEACHERS)
        case.id = case.history.known(await case.by(teacher, lambda work: service.report(work, new)))
        case.reporter = teacher


async def _report_without_name(case: Case, told: str, danger: str) -> None:
    async def sent(work: Unit) -> str:
        number = tokens.new_number(work.tenant_id)
        return await doors.report(work, {"number": number, "description": told, "danger": danger})

    await case.history.teller.visit(case.school.slug, sent)
    rows = await case.by("coordinator", _numbers)
    case.id = next(UUID(one["id"]) for one in rows if UUID(one["id"]) not in case.history.incidents)
    case.history.known(case.id)


async def _numbers(work: Unit) -> list[dict[str, str]]:
    rows = (await listing.listing(work, Asked())).rows
    return [{"id": str(one.id), "number": one.number} for one in rows]


async def _prank(case: Case) -> Story:
    yield case.soon(90)
    await case.step("psychologist", lambda work, seen: pranks.dismiss(work, seen.id, seen.version))
    yield case.wait(2)
    await case.step("coordinator", lambda work, seen: _decide(case, work, seen, "not_confirmed"))
    yield case.wait(1)
    await case.step("coordinator", lambda work, seen: service.close(work, seen.id, seen.version))


async def _tell_again(case: Case) -> None:
    """A colleague has seen the same; the coordinator makes one of the two."""
    plot = case.plot
    other = next(one for one in _TEACHERS if one != case.reporter)
    again = NewReport(description=plot.told("ru"), harmed="no", harm_danger="no", place=plot.place)
    second = case.history.known(await case.by(other, lambda work: service.report(work, again)))

    async def linked(work: Unit) -> None:
        number = (await views.one(work, case.id)).number
        await linking.link(work, second, (await views.one(work, second)).version, number)

    await case.by("coordinator", linked)


async def _look_into(case: Case) -> None:
    """The answers of D-1, and who it was."""
    plot, story = case.plot, case.plot.story
    harmed, urgent = bool(story.get("harmed")), bool(story.get("urgent"))
    answers = Triage(
        harmed=harmed,
        harm_danger=urgent,
        sent_to_medical=False if harmed else None,
        injured_count=1 if harmed else None,
        happened_on=clock.local_date(plot.at),
        happened_time=plot.at.timetz().replace(tzinfo=None),
        place=plot.place,
        problem_behaviours=story["behaviours"],
        violence_types=story["violence"],
        bullying_subtypes=story["bullying"],
        serious_signs=story.get("signs", []),
        repetition="repeated" if plot.chance(0.35) else "isolated",
        residential_child=False,
    )
    await case.step("coordinator", lambda work, seen: triage.triage(work, seen.id, seen.version, answers))
    await _name(case, plot.who, "alleged_offender")
    await _name(case, plot.whom, "both" if story["key"] == "fight" else "victim")
    if story.get("signs"):
        offices = ("police", "commission")
        await case.step("coordinator", lambda work, seen: forwarding.forward(work, seen.id, seen.version, offices))


async def _name(case: Case, pupil: Pupil, involvement: str) -> None:
    async def named(work: Unit) -> UUID:
        found = await vault.search(work, f"{pupil.name.family} {pupil.name.given}", ("student",))
        return await service.name_person(work, case.id, found[0].person_id, involvement, "student")

    child = await case.by("coordinator", named)
    if case.plot.chance(0.8):
        who = "guardianship_body" if case.residential else "parents"  # nothing goes back to an institution
        await case.by("coordinator", asked(parents.inform, case.id, UUID(child), informed=who))


async def _screen(case: Case) -> None:
    members = case.school.members
    await case.step(
        "coordinator",
        lambda work, seen: service.screen(
            work, seen.id, seen.version, investigators=[members["psychologist"]], support=[members["social"]]
        ),
    )


async def _ask(case: Case) -> None:
    async def question(work: Unit, seen: IncidentView) -> None:
        await questions.ask(work, seen.id, report_id=seen.reports[0].id, text=case.said("question"))

    await case.step("psychologist", question)


async def _answer(case: Case) -> None:
    if not case.reporter:
        return

    async def answered(work: Unit) -> None:
        for row in (await reporting.my_reports(work)).rows:
            for one in row.questions:
                if not one.answered:
                    await questions.answer(work, report_id=row.id, text=case.said("answer"), question_id=one.id)

    await case.by(case.reporter, answered)


async def _investigate(case: Case) -> Story:
    await case.step("psychologist", lambda work, seen: service.start_investigation(work, seen.id, seen.version))
    yield case.soon(45)
    await case.step("psychologist", lambda work, seen: _hear(case, work, seen))
    yield case.soon(60) if case.plot.pace == "quick" else case.wait(1)
    async for moment in _again(case):
        yield moment


async def _again(case: Case) -> Story:
    """Finish and decide; the same after a reopening."""
    outcome = case.plot.outcome
    text = case.text("nothing" if outcome == "not_confirmed" else "findings")
    await case.step(
        "psychologist",
        lambda work, seen: service.finish_investigation(work, seen.id, seen.version, findings=text),
    )
    if case.plot.chance(0.3):
        moment = case.wait(1)
        await case.by("coordinator", lambda work: meetings.plan(work, planned_for=moment, incident_ids=[case.id]))
        yield moment
    else:
        yield case.wait(1)
    await case.step("coordinator", lambda work, seen: _decide(case, work, seen, outcome))
    await case.history.teller.settle()


async def _hear(case: Case, work: Unit, seen: IncidentView) -> None:
    for person in seen.to_hear:
        whom: dict[str, Any] = {person.field: person.id}
        if person.field == "report_id" and case.plot.door == "anonymous":
            await service.hear(work, seen.id, waiver="anonymous", **whom)
        else:
            await service.hear(work, seen.id, held_at=clock.now(), notes=case.said("notes"), **whom)


async def _decide(case: Case, work: Unit, seen: IncidentView, outcome: str) -> None:
    violence = outcome == "confirmed_violence"
    levels = {
        one.id: ("not_at_risk" if not violence else case.dice.choice(("at_risk", "at_risk", "high_risk")))
        for one in seen.people
        if one.kind == "student" and one.involvement != "witness"
    }
    await meetings.classify(
        work,
        seen.id,
        seen.version,
        outcome=outcome,
        levels=levels,
        safety_measures=case.said("safety"),
        held_at=clock.now(),
        attended=case.school.team,
    )


async def _appoint(case: Case) -> list[tuple[dict[str, str], str]]:
    """Each child's case and who manages it: never one person for both sides."""

    async def waiting(work: Unit) -> list[dict[str, str]]:
        found = []
        for one in (await views.one(work, case.id)).people:
            case_id, manager = await casework.of_participation(work, one.id)
            if case_id is not None and manager is None:
                view = await casework.one(work, case_id)
                found.append({"case": str(case_id), "side": view.side, "version": str(view.version)})
        return found

    given: list[tuple[dict[str, str], str]] = []
    for child in await case.by("coordinator", waiting):
        manager = "psychologist" if child["side"] == "victim" else "social"
        if child["side"] == "both" and given:
            manager = "inspector"
        membership, version = case.school.members[manager], int(child["version"])
        case_id = UUID(child["case"])
        await case.by("coordinator", asked(casework.appoint, case_id, version, membership))
        given.append((child, manager))
    return given


async def _monitor(case: Case, found: list[tuple[dict[str, str], str]]) -> Story:
    """What is seen of the victim, until it has stopped."""
    await case.history.teller.settle()
    for child, manager in found:
        if child["side"] != "victim":
            continue
        times = case.rng.randrange(1, 4)
        for number in range(times):
            yield case.wait(5)
            text, over = case.text("monitoring"), number == times - 1 and case.plot.pace != "stuck"
            case_id = UUID(child["case"])
            await case.by(manager, asked(monitoring.note, case_id, text=text, stopped=over))
