"""A school in the middle of its work: one of everything that has a page, with marked names and texts in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from src.platform.commission.inputs import questions
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.monthly import service as monthly
from src.platform.notifications import service as notifications
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from src.platform.workdays import calendar
from src.platform.workdays.calendar import add_days, week_of
from tests.support import class_lists, doors, files, grants, programs
from tests.support.catalogue import offered
from tests.support.http import Browser
from tests.support.incidents import act, name, rows
from tests.support.inside import as_person, inside
from tests.support.people import Region, hire
from tests.support.queue import drain
from tests.support.referrals import HELP, WEEKLY, agreed, referred

VICTIM = Identity(
    family_name="Қырғауылова", given_name="Әйсәуле", patronymic="Ғабитқызы", iin="140225601233", phone="+77015550134"
)
OFFENDER = Identity(family_name="Тұрлыханов", given_name="Ерсайын", iin="130314501244", phone="+77015550156")
TOLD = "Оқиғамаркер: асхана жанында итерді"
HEARD = "Әңгімемаркер: қатты қорқады"
FOUND = "Қорытындымаркер: расталды"
SAID = "Хаттамамаркер: ата-анасы шақырылады"
PICTURED = "Суретмаркер: сол жақ білек"
HURT = "Жарақатмаркер: көгерген"
PROTECTED = "Қорғаумаркер: бөлек отырғызу"
FOR_PARENTS = "Отбасымаркер: жеке отырады"
REASON = "Себепмаркер: қолдау керек"
DONE = "Апталықмаркер: екі кездесу өтті"
OWN_NOTE = "Өзжазбамаркер: анасы жылады"
ANSWERED = "Жауапмаркер: екеуі де сонда болды"
ASSESSED = "Бағалаумаркер: анасы жалғыз тәрбиелейді"
NOTED = "Ескертумаркер: жөндеу жүрді"
WRITTEN = "Хатмаркер: кездесулер неге өтпеді"
REPLIED = "Хатжауапмаркер: жетекші ауырды"
PROTECT = "Тапсырмамаркер: үзілісте қасында болу"
GRANTED = "Рұқсатмаркер: анасына қоңырау шалу"
EXTENDED = "Мерзіммаркер: дәрігерде болды"
LOST = "Жоғалтумаркер: телефонын ұрлап кетті"
HELD = "Тыйыммаркер: сот қарап жатыр"
WITHOUT_NAME = "Ауладамаркер: аты-жөнсіз айтылды"


@dataclass(frozen=True)
class World:
    """The ids that stand in addresses, by the name of the parameter."""

    ids: dict[str, UUID]

    def fill(self, path: str) -> str:
        """An address with real ids; other parameters get something that exists."""
        for parameter, value in self.ids.items():
            path = path.replace(f"{{{parameter}:uuid}}", str(value))
        return (
            path.replace("{file_path:path}", "main.css")
            .replace("{step:str}", "mark")
            .replace("{measure:str}", "screened")
            .replace("{code:str}", "kk")
            .replace("{permission:str}", "incident.read")
            .replace("{slug:str}", "mek12")
        )


async def lived(region: Region, browser: Browser, database: str) -> World:
    """Play the whole job once."""
    incident = await _incident(region, browser, database)
    await drain()
    case = rows(database, "select id from child_case where incident_id = %s and side = 'victim'", incident)[0][0]
    saule, timur, daulet = [await browser(p) for p in (region.saule, region.timur, region.daulet)]
    await saule.act(f"/cases/{case}/manager", {"version": 1, "manager": str(region.aigerim.membership_id)})
    await agreed(browser, region, fields=("given_name",))
    await offered(browser, region.timur, "counselling")
    sent = await referred(browser, region, str(case), reason=REASON)
    assert sent.status_code == 303, sent.text
    await drain()
    referral = sent.headers["location"]
    assert (await timur.act(f"{referral}/accept", {"version": 1})).status_code == 303
    await drain()
    weekly = await _extended(region, browser, database, referral.rpartition("/")[2])
    week = week_of(clock.local_date(clock.now()))
    reported = await timur.post(
        f"{referral}/weeks",
        data={**WEEKLY, "week": week, "work_done": DONE},
        files={"file": ("a.jpg", files.photo(colour=20))},
        headers={"X-CSRF-Token": timur.csrf},
    )
    assert reported.status_code == 303, reported.text
    assert (await timur.act(f"{referral}/notes", {"text": OWN_NOTE})).status_code == 303
    await drain()
    await _told(region, browser, incident)
    await class_lists.load(daulet, class_lists.as_csv(class_lists.student(7)))
    draft = await class_lists.upload(daulet, class_lists.as_csv(class_lists.student(8)))
    order = {"order_no": "1", "order_date": "2026-09-01"}
    year = (await daulet.get("/team")).json()["school_years"][0]
    await daulet.act("/team", {"school_year": year, **order})
    await _asked(region, browser, incident)
    await _told_without_name(region, browser)
    assessment, given = await _assessed(region, browser, database, str(case))
    await drain()
    month, form = await _form_e(region, browser, database)
    return World(
        {
            "assessment_id": assessment,
            "letter_id": await _letter(region, browser, database),
            "copy_id": given,
            "month_id": month,
            "form_id": form,
            "log_id": await _form_j(region, browser, database, referral),
            "task_id": await _protected(region, browser, incident, database),
            "obligation_id": weekly,
            "grant_id": await _granted(region, browser, incident),
            "recovery_id": await _lost(region, browser, database, assessment),
            "browsing_id": await _browsed(region, database, incident),
            "absence_id": rows(database, "select id from absence")[0][0],
            "incident_id": UUID(incident),
            "sitting_id": rows(database, "select id from team_sitting")[0][0],
            "case_id": case,
            "referral_id": UUID(referral.rpartition("/")[2]),
            "agreement_id": rows(database, "select id from agreement")[0][0],
            "attachment_id": rows(database, "select id from attachment")[0][0],
            "photo_id": rows(database, "select id from weekly_photo")[0][0],
            "class_id": rows(database, "select id from school_class")[0][0],
            "draft_id": UUID(draft.headers["location"].rpartition("/")[2]),
            "team_id": rows(database, "select id from security_team")[0][0],
            "tenant_id": await _spare(region),
            "district_id": await _district(browser, region, database),
            "invitation_id": await _invited(browser, region),
            "membership_id": region.bota.membership_id,
            "person_id": rows(database, "select person_id from enrolment")[0][0],
            "message_id": rows(database, "select id from notification where withdrawn_at is null limit 1")[0][0],
            "row_id": rows(database, "select id from outbox limit 1")[0][
                0
            ],  # a living one: nothing of the world stopped
            "filter_id": await _kept_filter(browser, region, database),
            "release_id": await _released(browser, region, database),
            "work_id": rows(database, "select id from long_work where kind = 'quarter_release'")[0][0],
            "token_id": UUID((await programs.made(timur, programs.ALL))["id"]),
            "hold_id": await _held(region, browser, database, incident),
            "destruction_id": _destroyed(region, database),
        }
    )


async def _held(region: Region, browser: Browser, database: str, incident: str) -> UUID:
    """The incident may not be destroyed."""
    saule = await browser(region.saule)
    number = (await saule.get(f"/incidents/{incident}")).json()["number"]
    held = await saule.act("/retention/holds", {"number": number, "reason": HELD})
    assert held.status_code == 303, held.text
    found: UUID = rows(database, "select id from retention_hold")[0][0]
    return found


def _destroyed(region: Region, database: str) -> UUID:
    """Another one was, as the ledger remembers it."""
    made, me = new_id(), region.daulet
    put = "insert into destruction values (%s, %s, 'incident', '{R-221}', 5, %s, now(), 1) returning id"
    rows(database, put, me.tenant_id, made, me.membership_id)
    erased = (
        "insert into erasure (tenant_id, id, destruction_id, record_id, number, closed_on, erased_at, counts) "
        "values (%s, %s, %s, %s, '111222', '2020-01-10', now(), '{\"incident\": 1}') returning id"
    )
    rows(database, erased, me.tenant_id, new_id(), made, new_id())
    return made


async def _assessed(region: Region, browser: Browser, database: str, case: str) -> tuple[UUID, UUID]:
    """The commission has a case of the child, and gave the closed report to the partner."""
    sent = await referred(browser, region, case, partner=str(region.organisations["commission"]), **HELP)
    path, zhanna = sent.headers["location"], await browser(region.zhanna)
    assert (await zhanna.act(f"{path}/accept", {"version": 1})).status_code == 303
    curator = await hire("gulnar", region.organisations["commission"], ("curator",))
    opened = await zhanna.act(f"{path}/assessment", {"membership_id": str(curator.membership_id)})
    report, writer = opened.headers["location"], await browser(curator)
    answers = {one.key: ASSESSED for one in questions()} | {"people-0-name": "Анасы", "version": 1}
    answers.pop("people")
    assert (await writer.act(report, answers)).status_code == 303
    closed = await writer.act(f"{report}/close", {"version": 2, "family_answer": "signed"})
    assert closed.status_code == 303, closed.text
    to = {"organisation": str(region.organisations["umit"]), "read_for_identities": True}
    assert (await writer.act(f"{report}/give", to)).status_code == 303
    return UUID(report[-36:]), rows(database, "select id from assessment_copy")[0][0]


async def _granted(region: Region, browser: Browser, incident: str) -> UUID:
    """A teacher was granted the name of a child."""
    seen = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()
    asked = await grants.ask(browser, region.bota, seen["number"], seen["people"][0]["code"], reason=GRANTED)
    agreed_to = await (await browser(region.saule)).act(f"{asked}/agree", {"version": 1})
    assert agreed_to.status_code == 303, agreed_to.text
    return UUID(asked[-36:])


async def _lost(region: Region, browser: Browser, database: str, assessment: UUID) -> UUID:
    """The curator lost the second factor; the secretary says so, and the operator has to as well."""
    query = "select m.id from membership m join assessment a on a.curator = m.id where a.id = %s"
    curator = rows(database, query, assessment)[0][0]
    started = await (await browser(region.zhanna)).act(f"/members/{curator}/recovery", {"reason": LOST})
    assert started.status_code == 303, started.text
    return UUID(started.headers["location"][-36:])


async def _browsed(region: Region, database: str, incident: str) -> UUID:
    """A colleague opened the incident outside their own work, and the leader of the team was told."""
    me, made = region.gulnar, new_id()
    put = "insert into browsing_day values (%s, %s, %s, current_date, %s::uuid[], 2, now()) returning id"
    rows(database, put, me.tenant_id, made, me.user_id, [incident])
    async with inside(me.tenant_id) as work:
        await notifications.notify(work, [region.saule.membership_id], "browsing", "browsing", made)
    return made


async def _form_e(region: Region, browser: Browser, database: str) -> tuple[UUID, UUID]:
    """The month before is over, confirmed and sent to the city with a note."""
    last = calendar.month_after(calendar.month_of(clock.local_date(clock.now())), -1)
    async with inside(region.organisations["school12"]) as work:
        await monthly.month_ended(work, last)
    saule = await browser(region.saule)
    month: UUID = rows(database, "select id from form_e_month where month = %s", last)[0][0]
    view = (await saule.get(f"/form-e/{month}")).json()
    sent = {"version": view["version"], "seen": view["seen"], "note": NOTED}
    confirmed = await saule.act(f"/form-e/{month}/confirm", sent)
    assert confirmed.status_code == 303, confirmed.text
    return month, rows(database, "select id from form_e")[0][0]


async def _letter(region: Region, browser: Browser, database: str) -> UUID:
    """The city asked the school, the coordinator prepared an answer, the director gave it; and asked again."""
    asel, saule, daulet = [await browser(one) for one in (region.asel, region.saule, region.daulet)]
    told = {"school": str(region.organisations["school12"]), "subject": "meetings", "text": WRITTEN, "read": True}
    path = (await asel.act("/letters/new", told)).headers["location"]
    assert (await saule.act(f"{path}/prepare", {"text": REPLIED})).status_code == 303
    answered = await daulet.act(f"{path}/answer", {"version": 1, "text": REPLIED, "read": True})
    assert answered.status_code == 303, answered.text
    asked = await asel.act(f"{path}/ask", {"version": 2, "text": WRITTEN, "read": True})
    assert asked.status_code == 303, asked.text
    found: UUID = rows(database, "select id from city_letter")[0][0]
    return found


async def _form_j(region: Region, browser: Browser, database: str, referral: str) -> UUID:
    """The same month has a log with a referral, confirmed; the commission has its copy."""
    saule = await browser(region.saule)
    query = "update form_j_month set ends_at = now() where tenant_id = %s returning id"
    log: UUID = rows(database, query, region.saule.tenant_id)[0][0]
    view = (await saule.get(f"/form-j/{log}")).json()
    sent = {"version": view["version"], "seen": view["seen"], "checked": True}
    confirmed = await saule.act(f"/form-j/{log}/confirm", sent)
    assert confirmed.status_code == 303, confirmed.text
    assert referral[-36:] in {str(one) for (one,) in rows(database, "select referral_id from form_j_row")}
    return log


async def _protected(region: Region, browser: Browser, incident: str, database: str) -> UUID:
    """Bota is asked to protect a child."""
    asked = {"membership_id": str(region.bota.membership_id), "instruction": PROTECT, "read": True}
    answer = await (await browser(region.saule)).act(f"/incidents/{incident}/protection", asked)
    assert answer.status_code == 303, answer.text
    found: UUID = rows(database, "select id from protective_task")[0][0]
    return found


async def _asked(region: Region, browser: Browser, incident: str) -> None:
    """The team asks who reported, and has read the answer."""
    aigerim, marat = await browser(region.aigerim), await browser(region.marat)
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    await aigerim.act(f"/incidents/{incident}/ask", {"report_id": report, "text": "Қай жерде?"})
    told = (await marat.get("/my-reports")).json()["rows"]
    (question,) = next(row for row in told if row["id"] == report)["questions"]
    said = {"report_id": report, "question_id": question["id"], "text": ANSWERED}
    assert (await marat.act("/my-reports/answer", said)).status_code == 303
    await aigerim.get(f"/incidents/{incident}")


async def _extended(region: Region, browser: Browser, database: str, referral: str) -> UUID:
    """The leader of the team gives the partner's week two days more, and will be away."""
    saule = await browser(region.saule)
    away = {"membership_id": str(region.saule.membership_id), "first_day": "2099-01-01", "last_day": "2099-01-09"}
    assert (await saule.act("/absences", away)).status_code == 303
    query = "select id, due_at from obligation where tenant_id = %s and subject_id = %s and code = 'clk_partner_weekly'"
    clock_id, due_at = rows(database, query, region.organisations["school12"], referral)[-1]
    until = add_days(clock.local_date(due_at), 2).isoformat()
    body = {"version": 1, "until": until, "reason": EXTENDED}
    assert (await saule.act(f"/clocks/{clock_id}/extend", body)).status_code == 303
    found: UUID = clock_id
    return found


async def _told_without_name(region: Region, browser: Browser) -> None:
    await doors.opened(browser, region)
    visitor = browser.visitor()
    code = await doors.told(visitor, WITHOUT_NAME, happened=WITHOUT_NAME, who=WITHOUT_NAME)
    assert (await doors.answered(visitor, code, WITHOUT_NAME)).status_code == 200


async def _spare(region: Region) -> UUID:
    """An organisation without people, which may be suspended."""
    new = NewOrganisation(
        kind="school", code="spare", slug="spare", name_kk="Қосалқы", name_ru="Запасная", name_en="Spare"
    )
    async with inside(region.operator) as work:
        return await tenants.provision(work, new)


async def _district(browser: Browser, region: Region, database: str) -> UUID:
    oleg = await browser(region.oleg)
    made = await oleg.act("/districts", {"name_kk": "Алмалы", "name_ru": "Алмалинский", "name_en": "Almaly"})
    assert made.status_code == 303, made.text
    found: UUID = rows(database, "select id from district")[0][0]
    return found


async def _released(browser: Browser, region: Region, database: str) -> UUID:
    """The release of the latest quarter that may have one."""
    asel = await browser(region.asel)
    ready = next(one for one in (await asel.get("/statistics")).json()["waiting"] if one["is_ready"])
    assert (await asel.act("/statistics", {"quarter": ready["quarter"]})).status_code == 303
    await drain()
    found: UUID = rows(database, "select id from oversight_release")[0][0]
    return found


async def _kept_filter(browser: Browser, region: Region, database: str) -> UUID:
    kept = {"name": "Жедел", "query": "urgency=urgent"}
    assert (await (await browser(region.saule)).act("/incidents/filters", kept)).status_code == 303
    found: UUID = rows(database, "select id from saved_filter")[0][0]
    return found


async def _invited(browser: Browser, region: Region) -> UUID:
    paper = await (await browser(region.daulet)).act("/members/invite", {"roles": ["support_staff"]})
    return UUID(paper.json()["invitation_id"])


async def _told(region: Region, browser: Browser, incident: str) -> None:
    """Kamila is the victim's mother, and the team tells her."""
    saule = await browser(region.saule)
    page = f"/incidents/{incident}/tell-parents"
    codes = {one["code"]: one for one in (await saule.get(page)).json()["children"]}
    people = (await saule.get(f"/incidents/{incident}")).json()["people"]
    child = codes[next(one["code"] for one in people if one["involvement"] == "victim")]
    told = {"participation_id": child["participation_id"], "version": 0, "measures": FOR_PARENTS, "read": True}
    assert (await saule.act(page, told)).status_code == 303


async def _incident(region: Region, browser: Browser, database: str) -> str:
    async with as_person(region.aigerim) as work:
        victim, offender = await vault.add_people(work, "student", [VICTIM, OFFENDER])
        await vault_ties.tie(work, victim, region.kamila.person_id, "mother")
    marat, aigerim = await browser(region.marat), await browser(region.aigerim)
    told: dict[str, Any] = {"description": f"{TOLD}, {OFFENDER.family_name} күлді", "who": VICTIM.given_name}
    await marat.act("/report", {**told, "harmed": "no", "harm_danger": "no"})
    incident = str(rows(database, "select id from incident order by reported_at desc limit 1")[0][0])
    await name(browser, region, incident, str(victim), "victim")
    await name(browser, region, incident, str(offender), "alleged_offender")
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    await act(browser, region.saule, region, incident, "screen", investigators=members[1:2])
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        talk = {person["field"]: person["id"], "held_at": "2026-11-20T10:00", "notes": HEARD}
        assert (await aigerim.act(f"/incidents/{incident}/hear", talk)).status_code == 303
    injured = {"regions": ["forearm_left"], "note": HURT, "sent_to_medical": "yes"}
    assert (await act(browser, region.aigerim, region, incident, "injuries", **injured)).status_code == 303
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    attached = await files.sent(aigerim, incident, files.photo(), about=f"report:{report}", caption=PICTURED)
    assert attached.status_code == 303, attached.text
    await act(browser, region.aigerim, region, incident, "finish", findings=FOUND)
    agenda = {"planned_for": "2099-11-20T16:00", "incident_ids": [incident]}
    assert (await aigerim.act("/meetings", agenda)).status_code == 303
    people = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    done = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=members,
        outcome="confirmed_violence",
        held_at="2026-11-20T16:00",
        safety_measures=PROTECTED,
        minutes=SAID,
        **{f"level-{person['id']}": "at_risk" for person in people},
    )
    assert done.status_code == 303, done.text
    return incident
