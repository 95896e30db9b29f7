"""Every key of D-1, D-2 and D-3 is asked, kept under its class, shown, told in the chronology and printed."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from src.platform.forms import registry as forms
from src.platform.incidents import repository
from src.platform.incidents.errors import OutOfNumbersError
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import inside
from tests.support.people import Region

D1 = {
    "harmed": True,
    "harm_danger": True,
    "sent_to_medical": "no",
    "medical_where": "Емханамаркер №3",
    "injured_count": 1,
    "injuries": "Жарақатмаркер",
    "happened_on": "2026-11-10",
    "happened_until": "2026-11-12",
    "happened_time": "14:30",
    "happened_about": True,
    "place": "canteen",
    "problem_behaviours": ["fighting", "other_behaviour"],
    "behaviour_other": "Мінезмаркер",
    "violence_types": ["peer_bullying"],
    "bullying_subtypes": ["verbal", "social"],
    "serious_signs": ["sexual"],
    "sexual_words_only": "yes",
    "repetition": "repeated",
    "residential_child": True,
}


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


@pytest.fixture(scope="module")
async def whole(browser: Browser, region: Region) -> str:
    """An incident of which everything is answered, decided by the full team."""
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    more = {"reporter_status": "other", "reporter_status_other": "Жаттықтырушымаркер"}
    incident = await reported(browser, region, **more)
    for given, involvement in (("Әсел", "victim"), ("Арман", "alleged_offender"), ("Куә", "witness")):
        assert (await name(browser, region, incident, await student(region, "Толықов", given), involvement)).status_code
    done = await act(browser, region.aigerim, region, incident, "triage", **D1)
    assert done.status_code == 303, done.text
    people = {one["involvement"]: one["id"] for one in (await view(browser, region.aigerim, incident))["people"]}
    roles = {f"role-{people['victim']}": "role_victim", f"role-{people['alleged_offender']}": "role_perpetrator"}
    done = await act(browser, region.aigerim, region, incident, "roles", **roles, injured=[people["victim"]])
    assert done.status_code == 303, done.text
    duties = {"investigators": [str(region.aigerim.membership_id)], "support": [str(region.bota.membership_id)]}
    assert (await act(browser, region.saule, region, incident, "screen", **duties)).status_code == 303
    assert (await act(browser, region.saule, region, incident, "waive", reason="Себепмаркер")).status_code == 303
    waiver = (await view(browser, region.daulet, incident))["waivers"][0]["id"]
    assert (await act(browser, region.daulet, region, incident, "waive/agree", waiver_id=waiver)).status_code == 303
    assert (await act(browser, region.daulet, region, incident, "forward", targets=["medical"])).status_code == 303
    lives = {"participation_id": people["victim"], "residential": "no"}
    assert (await (await browser(region.saule)).act(f"/incidents/{incident}/residence", lives)).status_code == 303
    parents = {"participation_id": people["victim"], "informed": "parents"}
    assert (await (await browser(region.saule)).act(f"/incidents/{incident}/parents", parents)).status_code == 303
    aigerim = await browser(region.aigerim)
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    both = [str(region.aigerim.membership_id), str(region.gulnar.membership_id)]
    for number, person in enumerate((await view(browser, region.aigerim, incident))["to_hear"]):
        talk = {"held_at": "2026-11-20T10:00", "notes": "Әңгімемаркер", "held_by": both}
        body = talk if number else {"waiver": "refused"}
        heard = await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], **body})
        assert heard.status_code == 303, heard.text
    assert (
        await act(browser, region.aigerim, region, incident, "finish", findings="Қорытындымаркер")
    ).status_code == 303
    levels = {f"level-{one}": "at_risk" for kind, one in people.items() if kind != "witness"}
    meeting = {"held_at": "2026-11-20T16:00", "attended": [*both, str(region.saule.membership_id)]}
    texts = {"safety_measures": "Қорғаумаркер", "minutes": "Хаттамамаркер"}
    decided = {"outcome": "confirmed_violence", **levels, **meeting, **texts}
    done = await act(browser, region.saule, region, incident, "classify", **decided)
    assert done.status_code == 303, done.text
    assert (await act(browser, region.aigerim, region, incident, "amend", additional_info="Қосымшамаркер")).status_code
    return incident


async def test_every_key_of_form_d_stands_on_the_paper_of_who_may_read_it(
    browser: Browser, region: Region, whole: str
) -> None:
    aigerim = await browser(region.aigerim)
    answer = await aigerim.act(f"/incidents/{whole}/form-d", {"language": "kk", "names": "yes"}, html=True)
    text = " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())
    flat = text.replace("- ", "").replace(" ", "")
    not_here = {"staff_measures", "staff_witnesses", "involved", "involved.person"}  # nobody of the staff stands here
    missing = []
    for field in forms.form("form_d").fields:
        label = field.labels.in_language("kk").replace(" ", "")
        if field.key not in not_here and label not in flat and label.replace("-", "") not in flat:
            missing.append(field.key)
    assert missing == []
    for marker in ("Емханамаркер", "Мінезмаркер", "Қосымшамаркер", "Себепмаркер", "Жаттықтырушымаркер", "14:30"):
        assert marker in flat, marker


async def test_health_of_d1_is_absent_without_the_class_and_reporter_status_other_without_a_press(
    browser: Browser, region: Region, whole: str
) -> None:
    opened = await view(browser, region.aigerim, whole)
    assert (opened["answers"]["medical_where"], opened["answers"]["behaviour_other"]) == (
        "Емханамаркер №3",
        "Мінезмаркер",
    )
    assert [one["injured"] for one in opened["people"] if one["involvement"] == "victim"] == [True]
    assert opened["answers"]["received_by"] == "Akhmetova Aigerim"
    assert {tuple(one["by"]) for one in opened["heard"] if one["held_at"]} == {("Akhmetova Aigerim", "Ganieva Gulnar")}
    saule = await view(browser, region.saule, whole)
    assert not {"medical_where", "injuries", "injured_count"} & set(saule["answers"])
    assert {"answers.medical_where", "answers.injured_names"} <= set(saule["hidden"])
    assert all("injured" not in one for one in saule["people"])
    assert "Емханамаркер" not in str(saule)
    assert "Жаттықтырушымаркер" not in str(saule)
    pressed = (await (await browser(region.saule)).act(f"/incidents/{whole}/names")).json()
    assert pressed["reports"][0]["reporter_status_other"] == "Жаттықтырушымаркер"
    for person in (region.marat, region.erlan, region.alua):
        assert (await (await browser(person)).get(f"/incidents/{whole}")).status_code in (403, 404)


async def test_the_chronology_tells_what_changed_and_no_value_of_a_text_or_of_health(
    browser: Browser, region: Region, whole: str, database: str
) -> None:
    told = (await (await browser(region.aigerim)).get(f"/incidents/{whole}/chronology")).json()["moments"]
    changes = {key: value for one in told for key, value in one.get("changes", {}).items()}
    assert (changes["happened_time"], changes["bullying_subtypes"]) == ("14:30", "verbal social")
    assert (changes["medical_where"], changes["behaviour_other"], changes["additional_info"]) == ("", "", "")
    assert {"described", "amended"} <= {one["kind"] for one in told}
    page = (await (await browser(region.aigerim)).page(f"/incidents/{whole}/chronology")).text
    assert "14:30" in page
    hidden = (await (await browser(region.saule)).get(f"/incidents/{whole}/chronology")).json()["moments"]
    assert "medical_where" not in {key for one in hidden for key in one.get("changes", {})}
    stored = str(rows(database, "select i::text from incident i")) + str(rows(database, "select r::text from report r"))
    assert "маркер" not in stored
    assert "маркер" not in str(rows(database, "select detail from audit_log"))
    audited = "select count(*) from audit_log where action = any(%s) and %s = any (record_ids)"
    assert rows(database, audited, ["incident.described", "incident.amended"], whole) == [(2,)]


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"happened_on": "2026-11-10", "happened_until": "2026-11-09"}, "happened_until"),
    ({"happened_until": "2026-11-09"}, "happened_until"),
    ({"happened_until": "2099-01-01", "happened_on": "2026-11-10"}, "happened_until"),
    ({"happened_time": "25:00"}, "happened_time"),
    ({"problem_behaviours": ["other_behaviour"]}, "behaviour_other"),
    ({"bullying_subtypes": ["verbal"]}, "violence_types"),
]


async def test_r_050_what_contradicts_itself_in_d1_is_said_and_nothing_typed_is_lost(
    browser: Browser, region: Region
) -> None:
    incident, aigerim = await reported(browser, region), await browser(region.aigerim)
    for answers, field in CONTRADICTIONS:
        body = {"version": 1, "harm_danger": True, **answers}
        refused = await aigerim.act(f"/incidents/{incident}/triage", body)
        assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, [field])
        typed = {"version": "1", "harm_danger": "yes", "medical_where": "Сақталсын", **answers}
        page = await aigerim.act(f"/incidents/{incident}/triage", typed, html=True)
        assert (page.status_code, "Сақталсын" in page.text) == (422, True)


async def test_who_may_not_read_health_adds_to_it_and_takes_nothing_away(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    for number in range(2):
        await name(browser, region, incident, await student(region, "Қосымов", f"Бала{number}"), "victim")
    first, second = [one["id"] for one in (await view(browser, region.aigerim, incident))["people"]]
    for one in (first, second):
        done = await act(browser, region.gulnar, region, incident, "roles", injured=[one])
        assert done.status_code == 303, done.text
    harm = {"harmed": True, "sent_to_medical": "yes"}
    for where in ("Бірінші", "Екінші"):
        assert (await act(browser, region.gulnar, region, incident, "triage", **harm, medical_where=where)).status_code
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    seen = await view(browser, region.aigerim, incident)
    assert seen["answers"]["medical_where"] == "Бірінші\n\nЕкінші"
    assert [one["injured"] for one in seen["people"]] == [True, True]
    assert seen["urgency"] == "urgent"
    strange = await act(browser, region.gulnar, region, incident, "roles", **{f"role-{incident}": "role_victim"})
    assert strange.status_code == 404
    assert (await act(browser, region.marat, region, incident, "roles")).status_code in (403, 404)


async def test_what_form_d_lacks_is_named_before_screening_and_holds_nothing_up(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    assert (await view(browser, region.saule, incident))["missing"] == [
        "harmed",
        "happened_on",
        "place",
        "problem_behaviours",
        "repetition",
    ]
    page = (await (await browser(region.saule)).page(f"/incidents/{incident}/steps/screen")).text
    assert "Проблемалы мінез-құлық" in page
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, incident, "screen", investigators=chosen)).status_code == 303
    amended = {"investigators": [str(region.gulnar.membership_id)]}
    assert (await act(browser, region.saule, region, incident, "screen", **amended)).status_code == 303
    assert [one["name"] for one in (await view(browser, region.saule, incident))["investigators"]] == ["Ganieva Gulnar"]


async def test_a_code_left_in_a_text_that_is_written_on_is_the_marked_name_again(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    child = await student(region, "Кодбаев", "Марғұлан")
    await name(browser, region, incident, child, "alleged_offender")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    text = "Марғұлан келді, Марғұланның сөзі"
    assert (await act(browser, region.aigerim, region, incident, "amend", additional_info=text)).status_code == 303
    person = (await view(browser, region.aigerim, incident))["people"][0]
    for form in ("Марғұланның", "Марғұлан"):
        done = await act(browser, region.aigerim, region, incident, "mark", surface=form, stands_for=person["id"])
        assert done.status_code == 303
    shown = (await view(browser, region.aigerim, incident))["additional_info"]
    assert shown == f"{person['code']} келді, {person['code']} сөзі"
    written_on = {"additional_info": f"{shown}. Тағы сөз."}
    assert (await act(browser, region.aigerim, region, incident, "amend", **written_on)).status_code == 303
    opened = (await (await browser(region.aigerim)).act(f"/incidents/{incident}/names")).json()
    assert opened["additional_info"] == f"{text}. Тағы сөз."


async def test_only_a_taken_number_is_tried_again_and_not_for_ever(region: Region, monkeypatch: Any) -> None:
    async with inside(region.organisations["school12"]) as work:

        def made(state: str = "reported") -> tuple[dict[str, object], dict[str, object]]:
            told = {"urgency": "standard", "urgency_answered": True, "reported_at": clock.now()}
            report = {"id": new_id(), "received_at": clock.now(), "channel": "staff", "reporter_status": "unknown"}
            report |= {"description": b"", "harmed": "no", "harm_danger": "no"}
            return {"id": new_id(), "state": state, **told}, report

        tried: list[str] = []

        def same() -> str:
            tried.append("123456")
            return "123456"

        monkeypatch.setattr(repository, "incident_number", same)
        await repository.add_reported(work, *made())
        with pytest.raises(OutOfNumbersError):
            await repository.add_reported(work, *made())
        assert len(tried) == 51
        tried.clear()
        with pytest.raises(Exception, match="incident_state_check"):
            await repository.add_reported(work, *made("lost"))
        assert len(tried) == 1
        await work.session.rollback()
