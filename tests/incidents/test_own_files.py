"""Who reported brings files to the own report; words for what cannot be taken, and nothing typed is lost."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from src.platform.incidents.evidence import own_files
from tests.support import files
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import DESCRIPTION, reported, rows
from tests.support.people import Person, Region

CAPTION = "Не көрінедімаркер"


async def report_of(browser: Browser, person: Person, at: str, **body: Any) -> str:
    """Report by a door of the person's; the id of the own report."""
    client = await browser(person)
    before = {one["id"] for one in (await client.get("/my-reports")).json()["rows"]}
    assert (await client.act(at, {"description": "Мені итереді", **body})).status_code == 303
    (new,) = {one["id"] for one in (await client.get("/my-reports")).json()["rows"]} - before
    return str(new)


async def sent(client: Client, report: str, content: bytes, *, html: bool = False, caption: str = CAPTION) -> Any:
    headers = {"X-CSRF-Token": client.csrf} | (HTML if html else {})
    body = {"file": ("Сейітова.jpg", content, "image/jpeg")}
    return await client.post(f"/my-reports/{report}/files", data={"caption": caption}, files=body, headers=headers)


@pytest.mark.parametrize(("who", "door"), [("marat", "/report"), ("alua", "/tell"), ("kamila", "/tell")])
async def test_s_21_s_56_a_reporter_with_an_account_brings_a_photo_that_is_cleaned_and_sealed(
    browser: Browser, region: Region, database: str, who: str, door: str
) -> None:
    person: Person = getattr(region, who)
    report, client, content = await report_of(browser, person, door), await browser(person), files.photo(colour=30)
    assert f"/my-reports/{report}/files" in (await client.page("/my-reports")).text
    done = await sent(client, report, content)
    assert (done.status_code, done.headers.get("location")) == (303, f"/my-reports/{report}/files"), done.text
    mine = await client.get(f"/my-reports/{report}/files")
    assert [set(one) for one in mine.json()["files"]] == [{"kind", "added_at"}]
    assert CAPTION not in mine.text
    ((incident, about, stored),) = rows(
        database, "select subject_id, about_id, a::text from attachment a where about_id = %s and from_reporter", report
    )
    assert str(about) == report
    assert all(word not in stored for word in ("Сейітова", CAPTION, str(person.person_id), str(person.membership_id)))
    aigerim = await browser(region.aigerim)
    (seen,) = (await aigerim.get(f"/incidents/{incident}")).json()["files"]
    assert (seen["caption"], seen["from_reporter"], seen.get("shows_child", True)) == (CAPTION, True, True)
    opened = await aigerim.act(f"/incidents/{incident}/files/{seen['id']}/open")
    with Image.open(BytesIO(opened.content)) as copy:
        assert not copy.getexif()
    audited = "select actor_id, actor_sealed is not null from audit_log where action = 'report.file_brought' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(None, True)]  # who told stands nowhere in clear (decisions 11)
    asked = "select count(*) from outbox where actor = 'incidents.tell_answered' and args->>'incident' = %s"
    assert rows(database, asked, str(incident)) == [(1,)]


async def test_nobody_elses_report_takes_a_file_and_no_answer_tells_what_others_brought(
    browser: Browser, region: Region, database: str
) -> None:
    report, content = await report_of(browser, region.alua, "/tell"), files.photo(colour=31)
    for person in (region.kamila, region.marat, region.aigerim, region.erlan):
        client = await browser(person)
        assert (await client.get(f"/my-reports/{report}/files")).status_code == 404
        assert (await sent(client, report, content)).status_code == 404
    alua, other = await browser(region.alua), await report_of(browser, region.marat, "/report")
    incident = rows(database, "select incident_id from report where id = %s", report)[0][0]
    rows(database, "update report set incident_id = %s where id = %s returning id", incident, other)  # as linking does
    assert (await sent(alua, report, content)).status_code == 303
    assert (await sent(await browser(region.marat), other, content)).status_code == 303  # no hint that it is known
    again = await sent(alua, report, content)
    assert (again.status_code, again.json()["code"]) == (409, "attachment.known")
    assert len((await alua.get(f"/my-reports/{report}/files")).json()["files"]) == 1
    assert (await browser.visitor().get(f"/my-reports/{report}/files")).status_code == 401


async def test_one_report_holds_so_many_files_and_says_so(browser: Browser, region: Region, monkeypatch: Any) -> None:
    monkeypatch.setattr(own_files, "MOST", 2)
    report, alua = await report_of(browser, region.alua, "/tell"), await browser(region.alua)
    for number in range(2):
        assert (await sent(alua, report, files.photo("PNG", colour=100 + number, size=(8, 8)))).status_code == 303
    full = await sent(alua, report, files.photo("PNG", colour=120, size=(8, 8)))
    assert (full.status_code, full.json()["code"]) == (409, "report.too_many_files")


M4A, MP4 = b"\x00\x00\x00\x20ftypM4A " + bytes(64), b"\x00\x00\x00\x20ftypisom" + bytes(64)
UNFIT = {
    "heic": (files.HOSTILE["heic"][0], "скриншот"),
    "sound": (M4A, "дыбыс"),
    "voice": (b"OggS" + bytes(64), "дыбыс"),
    "video": (MP4, "бейне"),
    "webm": (b"\x1a\x45\xdf\xa3" + bytes(64), "бейне"),
    "no photo": (b"MZ" + bytes(64), "JPEG"),
    "cut": (files.HOSTILE["cut"][0], "бүлінген"),
    "empty": (b"", "бос"),
}


@pytest.mark.parametrize("kind", sorted(UNFIT))
async def test_bad_input_what_cannot_be_taken_is_refused_in_words_that_say_what_to_do(
    browser: Browser, region: Region, own: str, kind: str
) -> None:
    content, words = UNFIT[kind]
    alua = await browser(region.alua)
    page = await sent(alua, own, content, html=True)
    assert (page.status_code, CAPTION in page.text, '<a href="#file">' in page.text) == (422, True, True)
    assert words.lower() in page.text.lower()


@pytest.fixture(scope="module")
async def own(browser: Browser, region: Region) -> str:
    return await report_of(browser, region.alua, "/tell")


async def test_bad_input_a_file_of_200_megabytes_is_refused_while_it_comes_and_the_words_stay(
    browser: Browser, region: Region, own: str, database: str
) -> None:
    page = await sent(await browser(region.alua), own, bytes(200_000_000), html=True)
    assert (page.status_code, CAPTION in page.text, "20 МБ" in page.text) == (422, True, True)
    assert rows(database, "select count(*) from attachment where about_id = %s", own) == [(0,)]


async def test_bad_input_100_000_characters_are_answered_in_words_and_emoji_are_a_report(
    browser: Browser, region: Region
) -> None:
    for person, at in ((region.marat, "/report"), (region.alua, "/tell")):
        client, long = await browser(person), "Ұзақ " * 20_000
        page = await client.act(at, {"description": long}, html=True)
        assert (page.status_code, long.strip() in page.text, "20 000" in page.text or "20000" in page.text) == (
            422,
            True,
            True,
        )
    incident = await reported(browser, region, description="😢😢🆘")
    (told,) = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["reports"]
    assert told["description"] == "😢😢🆘"
    assert DESCRIPTION not in told["description"]


async def test_the_door_without_an_account_takes_no_file_and_says_how_to_hand_one_over(browser: Browser) -> None:
    visitor = browser.visitor()
    door = await visitor.get("/s/mek12", headers=HTML)
    assert 'type="file"' not in door.text
    refused = await visitor.post("/s/mek12/report", files={"file": ("a.jpg", files.photo(), "image/jpeg")})
    assert refused.status_code in (401, 403, 404, 422)
