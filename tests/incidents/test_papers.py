"""Form D on paper: what the page shows to its reader and nothing else, and a row for whoever took it."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from src.platform.access.service import IDENTITY
from src.platform.kit.ids import new_id
from tests.support import world as planted
from tests.support.http import Browser
from tests.support.incidents import act, rows
from tests.support.people import Person, Region
from tests.support.world import World, lived

NAMES = [one for who in (planted.VICTIM, planted.OFFENDER) for one in (who.family_name, who.given_name)]
TEXTS = [text.partition(":")[0] for text in (planted.TOLD, planted.HEARD, planted.FOUND, planted.PROTECTED)]
KAZAKH = set("әғқңөұүі")


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.fixture(scope="module")
async def helper(region: Region, browser: Browser, database: str, world: World) -> Person:
    """A support person: reads what happened, who was hurt and health, and nobody else's name."""
    person = region.bota
    held = "update membership set roles = %s where id = %s returning id"
    rows(database, held, ["school_social_worker"], person.membership_id)
    duty = "insert into incident_duty values (%s, %s, %s, 'support_person') returning duty"
    rows(database, duty, person.tenant_id, world.ids["incident_id"], person.membership_id)
    browser._clients.pop(person.sign_in, None)
    return person


async def taken(browser: Browser, person: Person, world: World, **asked: Any) -> tuple[Any, str]:
    client = await browser(person)
    answer = await client.act(f"/incidents/{world.ids['incident_id']}/form-d", {"language": "kk", **asked}, html=True)
    if answer.status_code != 200:
        return answer, ""
    return answer, "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def unread(database: str) -> None:
    """Nobody has read the texts for identities."""
    rows(database, "update incident set identities_read_at = null returning id")


def last_rows(database: str, person: Person) -> list[tuple[str, list[UUID], set[str], dict[str, Any]]]:
    query = "select action, record_ids, classes, detail from audit_log where actor_id = %s order by seq desc limit 2"
    return [(one[0], one[1], set(one[2]), one[3]) for one in rows(database, query, person.user_id)]


async def test_form_d_is_printed_in_kazakh_under_the_labels_of_the_law(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    unread(database)
    answer, text = await taken(browser, region.saule, world)
    flat = " ".join(text.split())
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="form-d-')
    assert answer.headers["cache-control"] == "no-store"
    for label in ("Оқиғаны хабарлау және тексеру үлгісі", "Оқиғаны сипаттау", "Тергеу нәтижелері", "Толық жазбалар"):
        assert label in flat, label
    assert set(text.lower()) >= KAZAKH
    assert "№12 мектеп" in flat
    assert "Saparova Saule" in flat
    assert "Бала-" in text
    assert all(marker in flat for marker in TEXTS)
    (row, *_) = last_rows(database, region.saule)
    assert (row[0], row[1], row[3]) == ("incident.printed", [world.ids["incident_id"]], {"language": "kk"})
    assert row[2] >= IDENTITY  # nobody has read the texts for identities yet


async def test_form_d_is_printed_in_russian_whatever_the_readers_language(
    region: Region, browser: Browser, world: World
) -> None:
    _, text = await taken(browser, region.saule, world, language="ru")
    flat = " ".join(text.split())
    assert "Форма сообщения об инциденте и расследования" in flat
    assert "Школа №12" in flat
    assert "Ребёнок-" in flat
    assert "Бала-" not in flat
    page = await (await browser(region.saule)).page(f"/incidents/{world.ids['incident_id']}")
    assert '<html lang="kk"' in page.text


async def test_r_063_names_stand_on_paper_only_where_they_were_asked_for_with_a_row_of_the_vault(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    _, coded = await taken(browser, region.daulet, world)
    assert planted.VICTIM.family_name not in coded
    _, named = await taken(browser, region.daulet, world, names="yes")
    assert planted.VICTIM.family_name in named
    assert planted.OFFENDER.family_name in named
    found = {row[0]: row for row in last_rows(database, region.daulet)}
    assert set(found) == {"incident.printed", "identity.read"}
    assert found["identity.read"][2] == {"identity-victim", "identity-offender", "identity-reporter"}
    assert found["incident.printed"][2] >= IDENTITY


async def test_s_15_texts_that_nobody_read_for_identities_are_not_on_the_paper_either(
    region: Region, browser: Browser, world: World, helper: Person, database: str
) -> None:
    unread(database)
    client = await browser(helper)
    page = (await client.get(f"/incidents/{world.ids['incident_id']}")).json()
    _, text = await taken(browser, helper, world)
    assert "reports" in page["hidden"]
    assert not any(marker in text for marker in (*TEXTS, *NAMES))
    assert "Құжатты алған адамнан жасырылған" in " ".join(text.split())
    assert all(person["code"] in text for person in page["people"])
    (row, *_) = last_rows(database, helper)
    assert row[0] == "incident.printed"
    assert not row[2] & IDENTITY


async def test_r_061_a_reader_without_a_class_finds_no_name_of_it_on_paper(
    region: Region, browser: Browser, world: World, helper: Person, database: str
) -> None:
    """The texts have been read; the support person asks for names and gets the victim's alone."""
    incident = str(world.ids["incident_id"])
    told = (planted.OFFENDER.family_name, planted.VICTIM.given_name)
    people = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    for surface, involvement in zip(told, ("alleged_offender", "victim"), strict=True):
        stands_for = next(one["id"] for one in people if one["involvement"] == involvement)
        marked = await act(browser, region.saule, region, incident, "mark", surface=surface, stands_for=stands_for)
        assert marked.status_code == 303, marked.text
    await act(browser, region.saule, region, incident, "read")
    _, coded = await taken(browser, helper, world)
    _, named = await taken(browser, helper, world, names="yes")
    assert all(marker in coded for marker in (*TEXTS[:1], *TEXTS[2:]))
    assert not any(name in coded for name in NAMES)
    assert planted.VICTIM.family_name in named
    assert planted.OFFENDER.family_name not in named
    assert "Muratov" not in named  # who reported
    printed, opened = last_rows(database, helper)
    assert {printed[0], opened[0]} == {"incident.printed", "identity.read"}
    assert "identity-reporter" not in printed[2] | opened[2]


async def test_s_12_a_paper_of_a_hidden_or_unknown_incident_does_not_exist(
    region: Region, browser: Browser, world: World
) -> None:
    for person in (region.marat, region.erlan, region.zhanna, region.timur, region.asel, region.oleg):
        answer, _ = await taken(browser, person, world)
        assert answer.status_code == 403, person.name
    unknown = await (await browser(region.saule)).act(f"/incidents/{new_id()}/form-d", {"language": "kk"})
    assert unknown.status_code == 404
    refused, _ = await taken(browser, region.saule, world, language="en")
    assert refused.status_code == 422


async def test_the_page_offers_the_paper_in_both_languages(region: Region, browser: Browser, world: World) -> None:
    page = (await (await browser(region.saule)).page(f"/incidents/{world.ids['incident_id']}")).text
    assert f'action="/incidents/{world.ids["incident_id"]}/form-d"' in page
    buttons = re.findall(r"<button [^>]*>", page)
    for language in ("kk", "ru"):
        assert any(f'value="{language}"' in one and 'name="language"' in one for one in buttons), language
