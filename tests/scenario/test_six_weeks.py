"""Six weeks with three partners, on a fresh instance with processes of its own and the test clock; a line a step.

One reports punctually, one without an account by a code on paper, one is silent; a referral is declined and goes to the
next partner, another is recalled, a child is in danger, and two public holidays move what is due (R-145 … R-153). Run by
`make scenario`; everything goes over HTTP.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from src.platform.workdays.calendar import week_of
from tests.scenario.caller import Caller, say, visitor
from tests.support.clocks import moment
from tests.support.commands import qorgan
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.processes import quiet
from tests.support.queue import dead_or_failed, set_clock

pytestmark = pytest.mark.scenario
VICTIM, OFFENDER = ("Қырғауылова", "Әйсәуле"), ("Тұрлыханов", "Ерсайын")
MONDAY = date(2027, 2, 15)
"""Of the first week: 8 March and Nauryz lie within the six."""
FRIDAYS = [MONDAY + timedelta(days=7 * n + 4) for n in range(6)]
HELD = {"sessions_count": 2, "attended_count": 2, "progress": "slight", "work_done": "отбасымен әңгіме өтті"}
NAMES = {
    "clk_partner_weekly": "weekly report",
    "clk_partner_attendance": "two-week meeting",
    "clk_partner_answer": "answer",
    "clk_partner_redirect": "next partner",
}


async def test_six_weeks(base: str, region: Region, database: str) -> None:
    set_clock(database, moment(MONDAY, 9))
    bodies = await founded(region)
    silent = await hire("erlan", bodies["social"], ("partner_worker",))
    saule, aigerim, gulnar, timur, daulet, asel = (
        Caller(base, region.people[one]) for one in ("saule", "aigerim", "gulnar", "timur", "daulet", "asel")
    )
    erlan, marat = Caller(base, silent), Caller(base, region.marat)
    cases = await two_cases(region, marat, saule, aigerim, database)
    victim, offender = f"/cases/{cases['victim']}", f"/cases/{cases['offender']}"
    saule.step(victim, "manager", manager=str(region.aigerim.membership_id))
    saule.step(offender, "manager", manager=str(region.gulnar.membership_id))
    agreed(saule, timur, region)
    quiet(database)
    say("each child has a manager of its own, the NGO has signed an agreement")

    punctual = sent(aigerim, victim, region.organisations["umit"], "counselling")
    recalled = sent(aigerim, victim, bodies["social"], "legal_help")
    aigerim.step(recalled, "recall")
    quiet(database)
    assert erlan.get(recalled).json()["state"] == "recalled"
    assert erlan.post(f"{recalled}/open").status_code == 404
    assert rows(database, "select sealed_slice from referral where id = %s", key(recalled)) == [(None,)]
    say("sent to the wrong body and recalled before it was opened: what was sent is destroyed")

    declined = sent(gulnar, offender, region.organisations["umit"], "counselling")
    timur.step(declined, "decline", reason="no_capacity")
    timur.step(punctual, "accept")
    quiet(database)
    assert due(database, declined, "clk_partner_redirect").date() == date(2027, 2, 22)
    ignored = sent(gulnar, offender, bodies["social"], "counselling", instead_of=key(declined))
    quiet(database)
    assert state(gulnar, declined, "clk_partner_redirect") == "met_in_time"
    erlan.step(ignored, "accept")
    by_code = sent(aigerim, victim, bodies["mental"], "counselling")
    quiet(database)
    say("the NGO has no room for the other child: the next partner has the referral on the same day and takes it")
    say("the mental health service has no account at all; it will report behind a code")

    holiday: list[datetime] = []
    for number, friday in enumerate(FRIDAYS):
        set_clock(database, moment(friday, 16))
        quiet(database)
        week, danger = week_of(friday), number == 2
        timur.done(f"{punctual}/weeks", week=week, **HELD)
        report_by_code(base, aigerim, by_code, week, danger=danger)
        if number % 2:
            for referral, manager in ((punctual, aigerim), (by_code, aigerim)):
                manager.done(f"{referral}/attendance", met_on=friday.isoformat(), attended="yes")
        quiet(database)
        if danger:
            holiday.append(due(database, ignored, "clk_partner_weekly", week))
            urgent_incident(saule, database, friday)
    assert [one.isoformat()[:16] for one in holiday] == ["2027-03-09T18:00"]
    say("8 March is a holiday: the report of the week before it is due on Tuesday the 9th at 18:00")

    set_clock(database, moment("2027-04-02", 12))
    quiet(database)
    last = due(database, ignored, "clk_partner_weekly", week_of(date(2027, 3, 19)))
    assert last.isoformat()[:16] == "2027-03-25T18:00"
    say("Nauryz takes three working days: what was due on the 22nd is due on Thursday the 25th")
    weeks = [week_of(friday) for friday in FRIDAYS]
    for referral in (punctual, by_code):
        assert states(database, referral, weeks) == ["met"] * 6
    assert states(database, ignored, weeks) == ["missed"] * 6
    say("two partners owe nothing; the silent one has missed six weeks of six")
    the_ladder(database, {**region.people, "erlan": silent}, ignored)

    assert told(database, ignored, weeks[0]) == {silent.membership_id, region.gulnar.membership_id}
    both = {region.saule.membership_id, region.daulet.membership_id}
    assert told(database, ignored, weeks[1]) >= both
    counted = [asel.get(f"/city?month={month}").json()["rows"] for month in ("202702", "202703")]
    assert sum(row["weekly_reports_missing"] for month in counted for row in month) == 6
    everything = "".join(asel.page(f"/city?month={month}") for month in ("202702", "202703"))
    assert not any(mark in everything for mark in (*VICTIM, *OFFENDER, "Бала-"))
    say("the city counts six missing reports and can see no child")

    assert dead_or_failed(database) == []
    assert f'href="{ignored}' in daulet.page("/obligations?whose=all&state=overdue")
    assert key(ignored) not in aigerim.page("/obligations?whose=mine")
    say("the director finds the silent partner in the list of what is overdue")
    verified = await qorgan("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    say("qorgan audit verify: every chain is clean")
    set_clock(database, datetime.now(LOCAL_ZONE))


async def founded(region: Region) -> dict[str, Any]:
    """Two bodies that act by law: one with somebody who answers, one with nobody."""
    made = {}
    async with unit(Inside(TenantContext(region.operator))) as work:
        for short, kind in (("social", "labour_social_department"), ("mental", "mental_health_service")):
            names = {f"name_{language}": f"{short} {language}" for language in ("kk", "ru", "en")}
            made[short] = await tenants.provision(work, NewOrganisation(kind=kind, code=short, slug=short, **names))
    return made


async def two_cases(region: Region, marat: Caller, saule: Caller, aigerim: Caller, database: str) -> dict[str, str]:
    """From a teacher's report to a child's case on each side; side -> id."""
    async with inside(region.organisations["school12"]) as work:
        people = await vault.add_people(
            work, "student", [Identity(family_name=f, given_name=g) for f, g in (VICTIM, OFFENDER)]
        )
    marat.done("/report", description="Дәлізде кіші оқушыны ұрды")
    quiet(database)
    path = f"/incidents/{saule.get('/incidents').json()['rows'][0]['id']}"
    for person, involvement in zip(people, ("victim", "alleged_offender"), strict=True):
        saule.done(f"{path}/people", person_id=str(person), involvement=involvement, kind="student")
    saule.step(path, "screen", investigators=[str(region.aigerim.membership_id)])
    aigerim.step(path, "start")
    for person in aigerim.get(path).json()["to_hear"]:
        held = {"held_at": f"{MONDAY}T08:30", "notes": "тыңдалды"}
        aigerim.done(f"{path}/hear", **{person["field"]: person["id"]}, **held)
    aigerim.step(path, "finish", findings="ұрғаны расталды")
    levels = {f"level-{p['id']}": "at_risk" for p in saule.get(path).json()["people"] if p["kind"] == "student"}
    team = [str(region.people[one].membership_id) for one in ("saule", "aigerim", "gulnar")]
    decided = {"outcome": "confirmed_violence", "safety_measures": "бөлек отырғызу", "held_at": f"{MONDAY}T08:45"}
    saule.step(path, "classify", attended=team, **decided, **levels)
    quiet(database)
    return {row["side"]: row["id"] for row in saule.get("/cases").json()["rows"]}


def agreed(saule: Caller, timur: Caller, region: Region) -> None:
    agreement = saule.done(
        "/agreements",
        partner=str(region.organisations["umit"]),
        service_types=["counselling"],
        contract_fields=["given_name"],
        procedure="кейс-менеджер жолдайды",
        contacts="112-кабинет",
        weekly_report_duty=True,
        biweekly_attendance_duty=True,
        confidentiality=True,
        valid_from=MONDAY.isoformat(),
        valid_to=date(2027, 12, 31).isoformat(),
    )
    saule.done(f"{agreement}/sign")
    timur.done(f"{agreement}/sign")


def sent(manager: Caller, case: str, partner: Any, service: str, **more: Any) -> str:
    """The two presses of a referral; its path."""
    asked = {
        "recipients": f"{partner}.{service}",
        "reason": "қолдау керек",
        "consent": True,
        "read_for_identities": True,
        **more,
    }
    shown = manager.post(f"{case}/refer", **asked)
    assert shown.status_code == 200, shown.text
    return manager.done(f"{case}/refer", **asked, seen=shown.json()["seen"])


def report_by_code(base: str, manager: Caller, referral: str, week: str, *, danger: bool) -> None:
    """The school hands a code over; somebody without an account types it."""
    paper = manager.post(f"{referral}/links", week=week).json()
    worker = visitor(base)
    assert worker.post("/weekly", json={"code": paper["code"]}).json()["week"] == week
    report = {**HELD, "code": paper["code"], "week": week} | ({"danger_flag": True} if danger else {})
    assert worker.post("/weekly/report", json=report).status_code == 200
    assert worker.post("/weekly/report", json=report).status_code == 404


def urgent_incident(saule: Caller, database: str, friday: date) -> None:
    incident = saule.get("/incidents").json()["rows"][0]
    due_at = datetime.fromisoformat(incident["clock"]["due_at"]).astimezone(LOCAL_ZONE)
    assert (incident["urgency"], due_at.date()) == ("urgent", friday)
    assert rows(database, "select channel from report where incident_id = %s", incident["id"]) == [("partner",)]
    say("a danger flag behind the code opens an urgent incident; its clock ends on the day of the report")


def key(path: str) -> str:
    return path.rpartition("/")[2]


def due(database: str, referral: str, code: str, period: str = "") -> datetime:
    query = "select due_at from obligation where subject_id = %s and code = %s and period = %s"
    found: datetime = rows(database, query, key(referral), code, period)[0][0]
    return found.astimezone(LOCAL_ZONE)


def state(reader: Caller, referral: str, code: str) -> str:
    return {one["code"]: one["state"] for one in reader.get(referral).json()["clocks"]}[code]


def states(database: str, referral: str, weeks: list[str]) -> list[str]:
    query = (
        "select period, case when met_at <= due_at then 'met' when overdue_at is not null then 'missed' else 'open' end "
        "from obligation where subject_id = %s and code = 'clk_partner_weekly'"
    )
    found = dict(rows(database, query, key(referral)))
    return [found[week] for week in weeks]


def told(database: str, referral: str, period: str = "") -> set[Any]:
    query = (
        "select t.membership_id from obligation_told t join obligation o on o.id = t.obligation_id "
        "where o.subject_id = %s and o.period = %s"
    )
    return {one for (one,) in rows(database, query, key(referral), period)}


def the_ladder(database: str, people: dict[str, Person], referral: str) -> None:
    """Every missed term of the silent partner with who was told, as an operator would read it."""
    by_id = {person.membership_id: name for name, person in people.items()} | {None: "the city"}
    query = (
        "select distinct code, period, due_at, in_a_row from obligation where subject_id = %s and overdue_at is not null "
        "order by due_at"
    )
    print("    the ladder of the silent partner:")
    for code, period, due_at, in_a_row in rows(database, query, key(referral)):
        heard = sorted(by_id[one] for one in told(database, referral, period))
        until = due_at.astimezone(LOCAL_ZONE)
        print(
            f"    {NAMES[code]:<17} {period:<10} due {until:%a %d.%m %H:%M}  {in_a_row} in a row -> {', '.join(heard)}"
        )
