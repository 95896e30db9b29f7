"""Injuries on the map of a body over HTTP: noted in regions, sealed, read by the class of health alone."""

from typing import Any

import pytest

from src.platform.incidents.evidence.injuries import CODES, REGIONS
from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student, version
from tests.support.inside import inside
from tests.support.pages import PageOf
from tests.support.people import Region

NOTE = "Көгермаркер, үш сантиметр"


@pytest.fixture(scope="module")
async def support(region: Region) -> Region:
    """Bota is a social pedagogue, who may be a support person."""
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    return region


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def note(browser: Browser, region: Region, incident: str, *regions: str, **more: Any) -> Any:
    body = {"regions": list(regions), "note": NOTE, **more}
    return await act(browser, region.aigerim, region, incident, "injuries", **body)


async def screened(browser: Browser, region: Region, incident: str) -> Any:
    duties = {"investigators": [str(region.aigerim.membership_id)], "support": str(region.bota.membership_id)}
    return await act(browser, region.saule, region, incident, "screen", **duties)


async def test_r_048_an_injury_on_the_map_means_hurt_and_asks_for_medical_help_before_screening(
    browser: Browser, support: Region, database: str
) -> None:
    incident = await reported(browser, support, harmed="no", harm_danger="no")
    assert (await view(browser, support.saule, incident))["urgency"] == "standard"
    assert (await note(browser, support, incident, "forearm_left")).status_code == 303
    seen = await view(browser, support.saule, incident)
    assert (seen["urgency"], seen["answers"]["harmed"]) == ("urgent", True)
    clocks = "select code, cancelled_at is not null from obligation where subject_id = %s order by code"
    assert dict(rows(database, clocks, incident)) == {
        "clk_medical": False,
        "clk_screen_standard": True,
        "clk_screen_urgent": False,
    }
    refused = await screened(browser, support, incident)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.medical_help_missing")
    assert (await note(browser, support, incident, "hand_left", sent_to_medical="yes")).status_code == 303
    assert (await view(browser, support.saule, incident))["answers"]["sent_to_medical"] is True
    assert (await screened(browser, support, incident)).status_code == 303


async def test_r_048_injuries_are_read_with_the_class_of_health_and_hidden_from_everybody_else(
    browser: Browser, support: Region, database: str
) -> None:
    incident = await reported(browser, support)
    child = await student(support, "Жарақатов", "Ернар")
    await name(browser, support, incident, child, "victim")
    person = (await view(browser, support.aigerim, incident))["people"][0]
    noted = await note(
        browser, support, incident, "face", "calf_right", participation_id=person["id"], sent_to_medical="no"
    )
    assert noted.status_code == 303
    assert (await screened(browser, support, incident)).status_code == 303
    assert (await act(browser, support.aigerim, support, incident, "read")).status_code == 303
    for reader in (support.aigerim, support.bota):
        (record,) = (await view(browser, reader, incident))["injuries"]
        assert (record["regions"], record["note"], record["code"]) == (["face", "calf_right"], NOTE, person["code"])
        assert record["by"] == "Akhmetova Aigerim"
        page = (await (await browser(reader)).page(f"/incidents/{incident}")).text
        assert 'role="img" aria-label="Алдынан: Бет пен маңдай"' in page
        assert "Балтыр, оң жақта" in page
    for stranger in (support.saule, support.daulet, support.gulnar):
        seen = await view(browser, stranger, incident)
        assert (seen.get("injuries", []), "injuries" in seen["hidden"]) == ([], True)
        page = (await (await browser(stranger)).page(f"/incidents/{incident}")).text
        assert NOTE not in page
        assert "Балтыр" not in page
    audited = "select classes from audit_log where action = 'incident.injuries_noted' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(["health"],)]


async def test_the_store_tells_neither_region_nor_note(browser: Browser, support: Region, database: str) -> None:
    incident = await reported(browser, support)
    await note(browser, support, incident, "face", "back_of_thigh_left")
    stored = rows(database, "select region, note, t::text from injury t where incident_id = %s", incident)
    assert len(stored) == 2
    assert len({len(region) for region, _, _ in stored}) == 1  # the length tells nothing either
    for word in (b"face", b"thigh", NOTE.encode()):
        assert not any(
            word in bytes(region) or word in bytes(text) or word.hex() in row for region, text, row in stored
        )


async def test_what_was_noted_stays_when_more_is_noted(browser: Browser, support: Region) -> None:
    incident = await reported(browser, support)
    await note(browser, support, incident, "knee_left", sent_to_medical="no")
    await note(browser, support, incident, "knee_left", note="Түзету: сол тізе емес", sent_to_medical="no")
    assert (await screened(browser, support, incident)).status_code == 303
    seen = (await view(browser, support.aigerim, incident))["injuries"]
    assert [one["note"] for one in seen] == [NOTE, "Түзету: сол тізе емес"]


async def test_before_the_texts_are_read_a_reader_of_health_gets_regions_without_notes(
    browser: Browser, support: Region
) -> None:
    incident = await reported(browser, support)
    await note(browser, support, incident, "chest", sent_to_medical="no")
    await screened(browser, support, incident)
    (record,) = (await view(browser, support.bota, incident))["injuries"]
    assert (record["regions"], record.get("note")) == (["chest"], None)


async def test_the_form_works_as_a_list_and_keeps_what_was_chosen(browser: Browser, support: Region) -> None:
    incident = await reported(browser, support)
    saule, now = await browser(support.saule), str(await version(browser, support, incident))
    page = (await saule.page(f"/incidents/{incident}/injuries")).text
    ids = PageOf(page).ids
    assert {f"region-{code}" for code in CODES} <= ids
    assert 'aria-hidden="true"' in page
    address, body = f"/incidents/{incident}/injuries", {"version": now, "note": NOTE, "participation_id": incident}
    empty = await saule.act(address, body, html=True)
    assert empty.status_code == 422
    assert '<a href="#regions">' in empty.text
    assert NOTE in empty.text
    strange = await saule.act(address, {"version": now, "regions": "wing"})
    assert (strange.status_code, strange.json()["fields"][0]["field"]) == (422, "regions")
    unknown = await saule.act(address, {"version": now, "regions": "chest", "participation_id": incident})
    assert unknown.status_code == 404


async def test_who_may_note_injuries(browser: Browser, support: Region) -> None:
    incident = await reported(browser, support)
    for person in (support.daulet, support.bota, support.marat):
        client = await browser(person)
        answer = await client.act(f"/incidents/{incident}/injuries", {"version": 1, "regions": ["chest"]})
        assert answer.status_code == 403, person.name
        assert (await client.page(f"/incidents/{incident}/injuries")).status_code in (403, 404)
    stale = await (await browser(support.aigerim)).act(
        f"/incidents/{incident}/injuries", {"version": 99, "regions": ["chest"]}
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


def test_every_region_has_a_place_of_its_own_on_the_figures() -> None:
    assert len(CODES) == len(REGIONS) == 43
    drawn = [(one.view, one.points) for one in REGIONS if one.view != "inside"]
    assert len(set(drawn)) == len(drawn) == 42
    for view_of in ("front", "back"):
        xs = {
            one.side: [int(p.split(",")[0]) for p in one.points.split()]
            for one in REGIONS
            if one.view == view_of and one.side
        }
        assert (max(xs["right"]) < min(xs["left"])) == (view_of == "front")
