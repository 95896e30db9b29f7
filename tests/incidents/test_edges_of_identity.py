"""Codes, numbers and sealed texts at their edges: nobody is taken for another, nothing opens where it was not written."""

from itertools import chain, repeat

import pytest

from src.platform.incidents import repository
from src.platform.kit.crypto import SealBrokenError
from src.platform.kit.ids import incident_number, new_id
from src.platform.tenants import service as tenants
from src.platform.vault import names
from src.platform.vault import service as vault
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows, student
from tests.support.inside import as_person, inside
from tests.support.people import Region


async def test_decision_14_no_two_people_of_an_incident_share_a_code(
    region: Region, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_LETTERS", "AB")  # eight codes instead of twelve thousand
    incident = await reported(browser, region)
    for number in range(6):
        child = await student(region, f"Кодов{'абвгде'[number]}", "Сынақ")
        assert (await name(browser, region, incident, child, "witness")).status_code == 303
    people = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["people"]
    assert len({person["code"] for person in people}) == 6


async def test_decision_11_a_taken_number_does_not_lose_a_report(
    region: Region, browser: Browser, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await reported(browser, region)
    (taken,) = rows(database, "select number from incident where id = %s", first)
    numbers = chain(taken, repeat(incident_number()))
    monkeypatch.setattr(repository, "incident_number", lambda: next(numbers))
    second = await reported(browser, region)
    assert rows(database, "select count(*) from incident where id = any(%s)", [first, second]) == [(2,)]


async def test_decision_18_a_witness_of_the_team_keeps_reading_unless_the_school_says_no(
    region: Region, browser: Browser
) -> None:
    incident = await reported(browser, region)
    gulnar, aigerim = await browser(region.gulnar), await browser(region.aigerim)
    named = await name(browser, region, incident, str(region.gulnar.person_id), "witness", "employee")
    assert named.status_code == 303
    assert (await gulnar.get(f"/incidents/{incident}")).status_code == 200
    async with as_person(region.daulet) as work:
        await tenants.change_setting(work, "witness_keeps_reading", value=False)
    assert (await gulnar.get(f"/incidents/{incident}")).status_code == 404
    assert incident not in (await gulnar.get("/incidents")).text
    assert (await aigerim.get(f"/incidents/{incident}")).status_code == 200
    async with as_person(region.daulet) as work:
        await tenants.change_setting(work, "witness_keeps_reading", value=True)


async def test_s_13_a_sealed_text_opens_only_in_its_own_column_and_row(region: Region) -> None:
    row_id = new_id()
    async with inside(region.organisations["school12"]) as work:
        sealed = await vault.seal_text(work, "Қауіпсіздік шаралары", "incident.safety_measures", row_id)
        assert await vault.open_text(work, sealed, "incident.safety_measures", row_id) == "Қауіпсіздік шаралары"
        for column, owner in (("incident.findings", row_id), ("incident.safety_measures", new_id())):
            with pytest.raises(SealBrokenError):
                await vault.open_text(work, sealed, column, owner)
