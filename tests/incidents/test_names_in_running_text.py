"""Words that may be names stand out in the running text, and whoever has just typed them is led there (S-16)."""

import re
from html import unescape
from typing import Any

import pytest

from src.platform.tenants import service as tenants
from tests.incidents.test_inflection import FORMS
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import inside
from tests.support.pages import PageOf
from tests.support.people import Region

GIVEN, FAMILY = "Серік", "Қанатбекова"
ALL_FORMS = list(dict.fromkeys(" ".join((*FORMS[GIVEN], *FORMS[FAMILY])).split()))


@pytest.fixture(scope="module")
async def support(region: Region) -> Region:
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    return region


def led(incident: str) -> str:
    return f"/incidents/{incident}/steps/mark#look"


async def under_way(browser: Browser, region: Region, description: str = "Бірдеңе болды") -> tuple[str, Any]:
    """An incident under investigation with an accused child; Bota supports the victim and reads no other name."""
    incident = await reported(browser, region, description=description, harmed="no", harm_danger="no")
    await name(browser, region, incident, await student(region, FAMILY, GIVEN), "alleged_offender")
    await name(browser, region, incident, await student(region, "Зардапов", "Ерлан"), "victim")
    duties = {"investigators": [str(region.aigerim.membership_id)], "support": [str(region.bota.membership_id)]}
    assert (await act(browser, region.saule, region, incident, "screen", **duties)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    return incident, await view(browser, region.aigerim, incident)


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def heard(browser: Browser, region: Region, incident: str, seen: Any, notes: str) -> Any:
    """Talks with everybody; the answer to the one that holds the notes."""
    aigerim, answer = await browser(region.aigerim), None
    for person in seen["to_hear"]:
        talk = {"waiver": "refused"} if answer else {"held_at": "2026-11-20T10:00", "notes": notes}
        given = await aigerim.act(f"/incidents/{incident}/hear", {person["field"]: person["id"], **talk})
        answer = answer or given
    return answer


async def test_s_16_every_form_typed_into_notes_is_marked_in_place_and_a_reader_without_the_class_gets_the_code(
    browser: Browser, support: Region, database: str
) -> None:
    incident, seen = await under_way(browser, support)
    notes = ". ".join(f"Ол {form} деді" for form in ALL_FORMS)
    answer = await heard(browser, support, incident, seen, notes)
    assert (answer.status_code, answer.headers["location"]) == (303, led(incident))
    aigerim = await browser(support.aigerim)
    page = (await aigerim.act(f"/incidents/{incident}/propose", html=True)).text
    running = unescape(re.sub(r"<(?!/?mark)[^>]+>", "", page))
    assert [form for form in ALL_FORMS if f"Ол <mark>{form}</mark> деді" not in running] == []
    person = next(one for one in seen["people"] if one["involvement"] == "alleged_offender")
    whole = [one for one in PageOf(page).forms if one.action.endswith("/confirm")]
    assert len(whole) == 2  # one by one, and everything of one person
    sent = re.findall(r'type="hidden" name="confirmed" value="([^"]+)"', page)
    assert {unescape(one) for one in sent} == {f"{person['id']}:{form}" for form in ALL_FORMS}
    done = await aigerim.act(
        f"/incidents/{incident}/confirm", {"version": whole[1].fields["version"], "confirmed": sent}, html=True
    )
    assert (done.status_code, done.headers["location"]) == (303, led(incident))
    after = (await aigerim.act(f"/incidents/{incident}/propose", html=True)).text
    assert "<mark>" not in after
    assert after.count(f'<span class="q-code">{person["code"]}</span>') >= len(ALL_FORMS)
    finished = await act(browser, support.aigerim, support, incident, "finish", findings="Серіктің кінәсі")
    assert finished.headers["location"] == led(incident)
    chosen = [f"{person['id']}:Серіктің"]
    assert (await act(browser, support.aigerim, support, incident, "confirm", confirmed=chosen)).status_code == 303
    assert (await act(browser, support.aigerim, support, incident, "read")).status_code == 303
    bota = await browser(support.bota)
    for said in ((await bota.get(f"/incidents/{incident}")).text, (await bota.page(f"/incidents/{incident}")).text):
        assert [form for form in ALL_FORMS if re.search(rf"(?<!\w){form}(?!\w)", said)] == []
        assert f"{person['code']} кінәсі" in said
    opened = (await aigerim.act(f"/incidents/{incident}/names")).json()
    assert (opened["findings"], opened["heard"][0]["notes"]) == ("Серіктің кінәсі", notes)
    looked = (
        "select count(*) > 0 from audit_log where action = 'identity.read' and actor_id = %s and %s = any (record_ids)"
    )
    assert rows(database, looked, support.aigerim.user_id, incident) == [(True,)]


async def test_who_types_no_name_is_led_nowhere_and_who_may_not_mark_never(browser: Browser, support: Region) -> None:
    incident, seen = await under_way(browser, support)
    answer = await heard(browser, support, incident, seen, "болды, ешкім көрген жоқ")
    assert answer.headers["location"] == f"/incidents/{incident}/steps/hear"
    for person in (support.bota, support.daulet, support.marat, support.erlan):
        assert (await (await browser(person)).act(f"/incidents/{incident}/propose")).status_code == 403, person.name
    assert (
        await (await browser(support.gulnar)).act(f"/incidents/{seen['people'][0]['id']}/propose")
    ).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("amend", {"additional_info": "Серікке айтылды"}),
        ("amend", {"safety_measures": "Серіктен бөлек отырғызу"}),
        ("parents", {"reason": "Серіктің әкесі жоқ"}),
        ("injuries", {"regions": ["hand_left"], "note": "Серік ұрған жер"}),
    ],
)
async def test_after_saving_any_text_the_page_leads_to_the_words_that_may_be_names(
    browser: Browser, support: Region, verb: str, body: dict[str, Any]
) -> None:
    incident, seen = await under_way(browser, support)
    child = next(one for one in seen["people"] if one["involvement"] == "alleged_offender")
    more = {"participation_id": child["id"]} if verb == "parents" else {"version": seen["version"]}
    done = await (await browser(support.aigerim)).act(f"/incidents/{incident}/{verb}", {**more, **body})
    assert (done.status_code, done.headers.get("location")) == (303, led(incident)), done.text
    shown = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/propose")).json()
    (word,) = {one["surface"] for one in shown["proposed"] if one["stands_for"] == child["id"]}
    assert word.startswith("Серік")
    token = await act(browser, support.aigerim, support, incident, "confirm", confirmed=[f"{child['id']}:{word}"])
    assert token.status_code == 303
    marked = (await view(browser, support.aigerim, incident))["marked"]
    undone = await act(browser, support.aigerim, support, incident, "unmark", token_id=marked[0]["id"])
    assert undone.status_code == 303
    again = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/propose")).json()
    assert any(piece == {"text": word, "may_be": True} for text in again["running"] for piece in text["pieces"])


async def test_the_texts_run_as_text_and_nothing_else(browser: Browser, support: Region) -> None:
    incident, _ = await under_way(browser, support, "<img src=x>Серікке<script>1</script>")
    page = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/propose", html=True)).text
    assert "&lt;img src=x&gt;<mark>Серікке</mark>&lt;script&gt;" in page
    assert "<img src=x>" not in page


async def test_s_16_a_press_opens_the_names_of_the_readers_own_classes_and_its_row_says_no_more(
    browser: Browser, support: Region, database: str
) -> None:
    incident, _ = await under_way(browser, support)
    bota = await browser(support.bota)
    opened = (await bota.act(f"/incidents/{incident}/names")).text
    assert ("Зардапов Ерлан" in opened, FAMILY in opened) == (True, False)
    looked = "select classes from audit_log where action = 'identity.read' and actor_id = %s and %s = any (record_ids)"
    assert rows(database, looked, support.bota.user_id, incident) == [(["identity-victim"],)]
    stranger = await browser(support.erlan)
    assert (await stranger.act(f"/incidents/{incident}/names")).status_code == 403
    assert rows(database, looked, support.erlan.user_id, incident) == []
