"""Papers for several school classes in one go, each class on sheets of its own."""

from src.platform.kit.ids import new_id
from tests.support import class_lists
from tests.support.families import child, class_of
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region


async def test_several_classes_are_printed_in_one_go_and_a_parent_of_two_gets_one_paper(
    browser: Browser, region: Region, database: str
) -> None:
    mother = {"guardian": "Тегінова Айша", "phone": "+77015550001"}
    rows_of = [child(601, "3А", given="Аян", **mother), child(602, "3В", given="Дана", **mother), child(603, "3В")]
    first = await class_of(browser, region, database, "3А", *rows_of)
    second = await class_of(browser, region, database, "3В", child(604, "3В", given="Ерасыл"))
    classes = [address.rpartition("/")[2] for address in (first, second)]
    bota = await browser(region.bota)
    page = await bota.page("/class-papers")
    assert all(f'value="{one}"' in page.text for one in classes)
    assert (await bota.act("/class-papers", {})).status_code == 422
    given = await bota.act("/class-papers", {"classes": classes})
    assert given.status_code == 200, given.text
    sheets = given.json()["sheets"]
    assert [sheet["label"] for sheet in sheets] == ["3А", "3В"]
    names = [slip["name"] for sheet in sheets for slip in sheet["slips"]]
    assert (len(names), len(set(names)), names.count("Тегінова Айша")) == (5, 5, 1)
    audited = "select count(*) from audit_log where action = 'family_account.given' and record_ids[1] = any(%s::uuid[])"
    assert rows(database, audited, classes) == [(2,)]
    again = await bota.act("/class-papers", {"classes": classes})
    assert again.status_code == 409
    most = await bota.act("/class-papers", {"classes": [str(new_id()) for _ in range(13)]})
    assert (most.status_code, most.json()["fields"][0]["code"]) == (422, "too_many")


async def test_papers_of_a_class_that_is_not_mine_are_not_made(browser: Browser, region: Region, database: str) -> None:
    mine = (await class_of(browser, region, database, "4А", child(611, "4А"))).rpartition("/")[2]
    daulet, bota = await browser(region.daulet), await browser(region.bota)
    loaded = await class_lists.load(daulet, class_lists.as_csv(child(612, "4Б")))
    assert loaded.status_code == 303, loaded.text
    other = next(one["id"] for one in (await daulet.get("/classes")).json()["rows"] if one["label"] == "4Б")
    assert other not in (await bota.page("/class-papers")).text
    assert (await bota.act("/class-papers", {"classes": [mine, other]})).status_code == 404
    count = "select count(*) from audit_log where action = 'family_account.given' and record_ids[1] = %s"
    assert rows(database, count, mine) == [(0,)]  # all or none
    for person in (region.marat, region.alua, region.asel):
        assert (await (await browser(person)).act("/class-papers", {"classes": [mine]})).status_code == 403
    assert (await daulet.act("/class-papers", {"classes": [mine, other]})).status_code == 200
