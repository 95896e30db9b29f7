"""Words proposed as names over HTTP: nothing is replaced by itself, and what is confirmed is a code for others (S-16)."""

from typing import Any

import pytest

from src.platform.incidents.schemas import Proposal
from src.platform.tenants import service as tenants
from tests.incidents.test_inflection import FORMS
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student, version
from tests.support.inside import inside
from tests.support.people import Region

HARMLESS = (
    "Оның арманы дәрігер болу.",
    "Бақытты балалық шақ туралы ән айтты.",
    "Роза деген гүлді үзіп алды.",
    "Екеуі серік болып жүр.",
    "Саяда отырды.",
    "Гүлді далада ойнады.",
    "Жанында ешкім болмады.",
    "Ерлік туралы сөз болды.",
)
PEOPLE = {"Арман": "Оспанов", "Бақыт": "Сапаров", "Роза": "Ахатова", "Серік": "Маратов"}


@pytest.fixture(scope="module")
async def support(region: Region) -> Region:
    """Bota is a social pedagogue: as support person she reads the victim's name and no other."""
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    return region


async def told(browser: Browser, region: Region, text: str, **people: str) -> str:
    incident = await reported(browser, region, description=text)
    for given, involvement in people.items():
        child = await student(region, PEOPLE.get(given, "Қайратов"), given)
        assert (await name(browser, region, incident, child, involvement)).status_code == 303
    return incident


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def proposed(browser: Browser, region: Region, incident: str) -> list[Proposal]:
    answer = await (await browser(region.aigerim)).act(f"/incidents/{incident}/propose")
    assert answer.status_code == 200, answer.text
    return [Proposal(**{"stands_for": None, "code": "", **one}) for one in answer.json()["proposed"]]


async def confirm(browser: Browser, region: Region, incident: str, found: list[Proposal]) -> Any:
    chosen = [f"{one.stands_for}:{one.surface}" for one in found if one.stands_for]
    return await act(browser, region.aigerim, region, incident, "confirm", confirmed=chosen)


@pytest.mark.parametrize("given", ["Арман", "Серік", "Роза", "Бақыт"])
async def test_s_16_after_confirming_a_reader_without_the_class_meets_a_code_in_every_inflected_form(
    browser: Browser, support: Region, given: str
) -> None:
    forms = list(dict.fromkeys(" ".join(FORMS[given]).split()))
    text = ". ".join(f"Кеше {form} деп айтылды" for form in forms)
    incident = await told(browser, support, text, **{given: "alleged_offender"})
    found = await proposed(browser, support, incident)
    assert {one.surface for one in found if one.stands_for} == set(forms)
    assert (await confirm(browser, support, incident, found)).status_code == 303
    duties = {"investigators": [str(support.aigerim.membership_id)], "support": str(support.bota.membership_id)}
    await act(browser, support.saule, support, incident, "screen", **duties)
    assert (await act(browser, support.aigerim, support, incident, "read")).status_code == 303
    bota = await browser(support.bota)
    code = (await view(browser, support.bota, incident))["people"][0]["code"]
    for said in (
        (await bota.get(f"/incidents/{incident}")).text,
        (await bota.page(f"/incidents/{incident}")).text,
        (await bota.act(f"/incidents/{incident}/names")).text,
    ):
        but_for_the_menu = said.replace("Серіктес", "")  # partners begin as a name does
        assert [form for form in forms if form in but_for_the_menu] == []
        assert said.count(f"Кеше {code} деп") == len(forms)
    opened = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/names")).json()
    assert opened["reports"][0]["description"] == text  # whoever may gets every form back as it was typed


async def test_nothing_is_replaced_by_itself_and_what_is_left_stays(browser: Browser, support: Region) -> None:
    text = " ".join(HARMLESS)
    involved = {"Арман": "victim", "Бақыт": "witness", "Роза": "alleged_offender", "Серік": "victim"}
    incident = await told(browser, support, text, **involved)
    found = await proposed(browser, support, incident)
    assert {one.surface for one in found} >= {"арманы", "Роза", "серік"}
    assert not {"Саяда", "Ерлік", "далада", "туралы"} & {one.surface for one in found if one.stands_for}
    assert (await view(browser, support.aigerim, incident))["reports"][0]["description"] == text
    rose = [one for one in found if one.surface == "Бақытты"]
    assert (await confirm(browser, support, incident, rose)).status_code == 303
    seen = await view(browser, support.aigerim, incident)
    assert seen["reports"][0]["description"] == text.replace("Бақытты", rose[0].code)
    token = seen["marked"][0]["id"]
    assert (await act(browser, support.aigerim, support, incident, "unmark", token_id=token)).status_code == 303
    assert (await view(browser, support.aigerim, incident))["reports"][0]["description"] == text


async def test_r_063_looking_for_names_is_a_reading_of_names(browser: Browser, support: Region, database: str) -> None:
    incident = await told(browser, support, "Арманға тиісті", Арман="victim")
    before = await view(browser, support.aigerim, incident)
    assert "proposed" not in before or before["proposed"] is None
    await proposed(browser, support, incident)
    audited = "select classes from audit_log where action = 'identity.read' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(["identity-reporter", "identity-victim"],)]
    for person, status in ((support.daulet, 403), (support.bota, 403), (support.erlan, 403)):
        answer = await (await browser(person)).act(f"/incidents/{incident}/propose")
        assert answer.status_code == status, person.name
        body = {"version": 1, "confirmed": [f"{incident}:Арманға"]}
        assert (await (await browser(person)).act(f"/incidents/{incident}/confirm", body)).status_code == status


async def test_the_reporters_own_name_and_people_of_the_school_are_proposed_too(
    browser: Browser, support: Region
) -> None:
    await student(support, "Тілеубаев", "Дәурен")
    incident = await told(browser, support, "Мен, Марат, көрдім. Дәуренге айттым, Дәурендей емес. Қала үлкен.")
    found = {one.surface: one for one in await proposed(browser, support, incident)}
    report = (await view(browser, support.aigerim, incident))["reports"][0]
    assert (str(found["Марат"].stands_for), found["Марат"].code) == (report["id"], report["reporter"])
    assert (found["Дәуренге"].stands_for, found["Дәуренге"].code) == (None, "")
    assert "Қала" not in found
    assert "көрдім" not in found
    page = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/propose", html=True)).text
    assert "Дәуренге, Дәурендей" in page
    assert f"Марат → {report['reporter']}" in page
    assert "Мен, <mark>Марат</mark>, көрдім." in page


async def test_what_is_confirmed_must_still_be_there_and_belong_here(browser: Browser, support: Region) -> None:
    incident = await told(browser, support, "Арманға тиісті", Арман="victim")
    person = (await view(browser, support.aigerim, incident))["people"][0]["id"]
    aigerim = await browser(support.aigerim)

    async def sent(*chosen: str) -> Any:
        now = await version(browser, support, incident)
        return await aigerim.act(f"/incidents/{incident}/confirm", {"version": now, "confirmed": list(chosen)})

    gone = await sent(f"{person}:Арманға", f"{person}:Серікке")
    assert (gone.status_code, gone.json()["code"]) == (409, "incident.word_gone")
    assert (await view(browser, support.aigerim, incident))["reports"][0]["description"] == "Арманға тиісті"
    assert (await sent(f"{incident}:Арманға")).status_code == 404
    assert (await sent("Арманға")).status_code == 422
    assert (await sent()).status_code == 422
    page = await aigerim.act(
        f"/incidents/{incident}/confirm", {"version": str(await version(browser, support, incident))}, html=True
    )
    assert (page.status_code, '<a href="#confirmed">' in page.text) == (422, True)


async def test_what_stands_around_a_proposed_word_is_text_and_nothing_else(browser: Browser, support: Region) -> None:
    incident = await told(browser, support, "<img src=x>Арманға<script>1</script>", Арман="victim")
    page = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/propose", html=True)).text
    assert "&lt;img src=x&gt;<mark>Арманға</mark>&lt;script&gt;" in page
    assert "<img src=x>" not in page
