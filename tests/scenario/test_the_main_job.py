"""The main job once through, on a fresh instance with processes of its own and the test clock; a line a step.

Run by `make scenario`. Everything goes over HTTP; the clock is set to noon of given local days.
"""

from datetime import date, datetime, timedelta

import psycopg
import pytest
import redis

from src.platform.cli.local.servers import LocalServers
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from src.platform.workdays.calendar import monday_of, week_of
from tests.scenario.caller import Caller, say, version
from tests.support.commands import qorgan
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.processes import quiet
from tests.support.queue import set_clock

pytestmark = pytest.mark.scenario
VICTIM, OFFENDER = ("Қырғауылова", "Әйсәуле"), ("Тұрлыханов", "Ерсайын")


async def test_the_main_job(base: str, region: Region, database: str, servers: LocalServers) -> None:
    people = {
        name: Caller(base, region.people[name])
        for name in ("marat", "saule", "aigerim", "gulnar", "daulet", "bota", "timur", "asel")
    }
    marat, saule, aigerim, timur = (people[n] for n in ("marat", "saule", "aigerim", "timur"))
    async with inside(region.organisations["school12"]) as work:
        victim, offender = await vault.add_people(
            work, "student", [Identity(family_name=f, given_name=g) for f, g in (VICTIM, OFFENDER)]
        )
    today = datetime.now(LOCAL_ZONE).date()
    set_clock(database, datetime(today.year, today.month, today.day, 23, 10, tzinfo=LOCAL_ZONE))

    marat.done("/report", description="Дәлізде кіші оқушыны ұрды")
    quiet(database)
    incident = saule.get("/incidents").json()["rows"][0]
    path = f"/incidents/{incident['id']}"
    due = datetime.fromisoformat(incident["clock"]["due_at"]).astimezone(LOCAL_ZONE)
    assert (incident["clock"]["code"], due.strftime("%d %H:%M:%S")) == ("clk_screen_urgent", f"{today:%d} 23:59:59")
    say("a teacher reports at 23:10 with one sentence; the clock is set to the end of that local day")
    assert "incident_reported" in {m["kind"] for m in aigerim.get("/messages").json()["rows"]}
    say("the team has a message without content")

    for person, involvement, kind in (
        (victim, "victim", "student"),
        (offender, "alleged_offender", "student"),
        (region.gulnar.person_id, "witness", "employee"),
        (region.bota.person_id, "alleged_offender", "employee"),
    ):
        saule.done(f"{path}/people", person_id=str(person), involvement=involvement, kind=kind)
    assert all(VICTIM[0] not in caller.page(path) for caller in people.values())
    say("people are named; every page shows codes only")
    assert people["bota"].get(path).status_code == people["bota"].get(f"/incidents/{new_id()}").status_code
    refused = saule.post(
        f"{path}/people", person_id=str(region.daulet.person_id), involvement="alleged_offender", kind="employee"
    )
    assert refused.status_code == 303
    gone, random = people["daulet"].get(path), people["daulet"].get(f"/incidents/{new_id()}")
    assert (gone.status_code, gone.content) == (404, random.content)
    assert people["daulet"].get("/incidents").json()["rows"] == []
    say("the director who is named gets 404 everywhere, byte for byte like an id that does not exist")

    body = {"version": version(saule, path), "investigators": [str(region.gulnar.membership_id)]}
    assert saule.post(f"{path}/screen", **body).json()["code"] == "incident.named_person"
    saule.done(f"{path}/screen", version=version(saule, path), investigators=[str(region.aigerim.membership_id)])
    say("a witness may not investigate; another member is named, the screening clock is met")
    aigerim.done(f"{path}/start", version=version(aigerim, path))
    redis.Redis.from_url(servers.redis_url).flushall()
    for person in aigerim.get(path).json()["to_hear"]:
        aigerim.done(f"{path}/hear", **{person["field"]: person["id"]}, held_at="2026-11-20T10:00", notes="тыңдалды")
    aigerim.done(f"{path}/finish", version=version(aigerim, path), findings="ұрғаны расталды")
    say("everybody is heard, the investigation ends; the queue was flushed in the middle")

    view = saule.get(path).json()
    levels = {f"level-{p['id']}": "at_risk" for p in view["people"] if p["kind"] == "student"}
    team = [str(region.people[n].membership_id) for n in ("saule", "aigerim", "gulnar")]
    saule.done(
        f"{path}/classify",
        version=view["version"],
        held_at="2026-11-20T16:00",
        attended=team,
        outcome="confirmed_violence",
        safety_measures="бөлек отырғызу",
        **levels,
    )
    quiet(database)
    cases = {row["side"]: row["id"] for row in saule.get("/cases").json()["rows"]}
    assert set(cases) == {"victim", "offender"}
    say("the full team decides; each child has a case, nothing was lost with the queue")

    appointed = {"manager": str(region.aigerim.membership_id)}
    saule.done(f"/cases/{cases['victim']}/manager", version=1, **appointed)
    assert saule.post(f"/cases/{cases['offender']}/manager", version=1, **appointed).json()["code"] == "case.both_sides"
    say("the same manager for both sides is refused (R-075)")

    agreement = saule.done(
        "/agreements",
        partner=str(region.organisations["umit"]),
        service_types=["counselling"],
        contract_fields=["family_name", "given_name"],
        procedure="кейс-менеджер жолдайды",
        contacts="112-кабинет",
        weekly_report_duty=True,
        biweekly_attendance_duty=True,
        confidentiality=True,
        valid_from=today.isoformat(),
        valid_to=date(today.year + 1, 12, 31).isoformat(),
    )
    saule.done(f"{agreement}/sign")
    timur.done(f"{agreement}/sign")
    asked = {
        "recipients": f"{region.organisations['umit']}.counselling",
        "reason": "қолдау керек",
        "consent": True,
        "read_for_identities": True,
    }
    shown = aigerim.post(f"/cases/{cases['victim']}/refer", **asked).json()
    referral = aigerim.done(f"/cases/{cases['victim']}/refer", **asked, seen=shown["seen"])
    quiet(database)
    timur.done(f"{referral}/accept", version=1)
    quiet(database)
    assert timur.post(f"{referral}/open").json()["slice"]["family_name"] == VICTIM[0]
    say("the child is referred; the partner opens exactly the contract's fields and accepts")

    first = week_of(today)
    report = {"sessions_count": 1, "attended_count": 1, "progress": "slight", "work_done": "танысу әңгімесі"}
    timur.done(f"{referral}/weeks", week=first, **report)
    quiet(database)
    assert aigerim.get(referral).json()["reports"][0]["week"] == first
    say("the first weekly report has come")
    number = referral.rpartition("/")[2]
    for silent, told in (
        (1, {"timur", "aigerim"}),
        (2, {"timur", "aigerim", "saule"}),
        (3, {"timur", "aigerim", "saule"}),
    ):
        moment = monday_of(first) + timedelta(days=7 * (silent + 1) + 4)
        set_clock(database, datetime(moment.year, moment.month, moment.day, 12, tzinfo=LOCAL_ZONE))
        quiet(database)
        with psycopg.connect(database) as admin:
            found = {
                r[0]
                for r in admin.execute(
                    "select membership_id from notification where subject_id = %s "
                    "and kind = 'clock_overdue.clk_partner_weekly'",
                    (number,),
                ).fetchall()
            }
        assert found == {region.people[name].membership_id for name in told}, silent
    say("three silent weeks: partner and manager, then the coordinator hear of it; the implicated director never does")

    months = {f"{d.year}{d.month:02d}" for d in (monday_of(first) + timedelta(days=7 * n + 7) for n in range(1, 4))}
    set_clock(database, datetime(moment.year, moment.month, moment.day, 12, tzinfo=LOCAL_ZONE) + timedelta(days=40))
    asel = Caller(base, region.asel)
    shown = [asel.get(f"/city?month={month}") for month in sorted(months)]
    missing = sum(row["weekly_reports_missing"] for answer in shown for row in answer.json()["rows"])
    assert missing == 3
    everything = "".join(answer.text for answer in shown) + asel.page("/city")
    assert not any(mark in everything for mark in (*VICTIM, *OFFENDER, "Бала-", incident["number"], incident["id"]))
    say("the city counts three missing reports; its bytes hold no name, code, number or id")

    verified = await qorgan("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    say("qorgan audit verify: every chain is clean")
    set_clock(database, datetime.now(LOCAL_ZONE))
