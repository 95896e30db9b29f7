"""Files of an incident over HTTP: taken by content, sealed, opened only with the classes of what they show."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from src.platform.attachments import service as attachments
from src.platform.kit import uploads
from src.platform.tenants import service as tenants
from tests.support import files
from tests.support.http import HTML, Browser, csrf_of
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import inside
from tests.support.pages import PageOf
from tests.support.people import PASSWORD, Region

CAPTION = "Жақтаумаркер: сол жақ"


@pytest.fixture(scope="module")
async def support(region: Region) -> Region:
    """Bota is a social pedagogue: a support person who reads victims and health, and nobody else."""
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    return region


async def investigated(browser: Browser, region: Region, *involved: str) -> str:
    """An incident under investigation by Aigerim; Bota supports the victim."""
    incident = await reported(browser, region)
    for number, involvement in enumerate(involved):
        child = await student(region, f"Сурет{'абв'[number]}ев", "Бала")
        assert (await name(browser, region, incident, child, involvement)).status_code == 303
    duties = {"investigators": [str(region.aigerim.membership_id)], "support": str(region.bota.membership_id)}
    assert (await act(browser, region.saule, region, incident, "screen", **duties)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    return incident


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def about_report(browser: Browser, region: Region, incident: str) -> str:
    return f"report:{(await view(browser, region.aigerim, incident))['reports'][0]['id']}"


async def attached(browser: Browser, region: Region, incident: str, content: bytes, **fields: str) -> str:
    """Attach a file as Aigerim; its id."""
    fields = {"about": await about_report(browser, region, incident), "caption": CAPTION, **fields}
    aigerim = await browser(region.aigerim)
    before = {one["id"] for one in (await view(browser, region.aigerim, incident))["files"]}
    answer = await files.sent(aigerim, incident, content, **fields)
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/incidents/{incident}"), answer.text
    (new,) = {one["id"] for one in (await view(browser, region.aigerim, incident))["files"]} - before
    return str(new)


async def read_for_identities(browser: Browser, region: Region, incident: str) -> None:
    assert (await act(browser, region.aigerim, region, incident, "read")).status_code == 303


def audited(database: str, action: str, file: str) -> list[Any]:
    return rows(
        database, "select classes, detail from audit_log where action = %s and %s = any (record_ids)", action, file
    )


@pytest.mark.parametrize(
    ("kind", "content"), [("jpeg", files.photo()), ("png", files.photo("PNG")), ("pdf", files.document())]
)
async def test_s_21_s_56_what_is_served_is_the_cleaned_copy_under_a_policy_of_its_own(
    browser: Browser, support: Region, database: str, kind: str, content: bytes
) -> None:
    incident = await investigated(browser, support, "victim")
    file = await attached(browser, support, incident, content)
    seen = (await view(browser, support.aigerim, incident))["files"][0]
    assert (seen["kind"], seen["caption"], seen["may_open"], seen["about"]) == (kind, CAPTION, True, "report")
    opened = await (await browser(support.aigerim)).act(f"/incidents/{incident}/files/{file}/open")
    assert opened.status_code == 200
    assert opened.content == (await attachments.check(content)).copy or kind == "pdf"
    assert b"QorganCam" not in opened.content
    headers = opened.headers
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert headers["content-disposition"].startswith('attachment; filename="')
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert headers["content-type"] == {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}[kind]
    assert len(audited(database, "incident.file_opened", file)) == 1
    assert audited(database, "incident.file_attached", file)[0][1] == {
        "about": "report",
        "kind": kind,
        "shows_child": True,
    }


async def test_s_56_the_store_holds_sealed_pieces_under_random_names_and_no_name_of_a_file(
    browser: Browser, support: Region, database: str
) -> None:
    incident, aigerim = await investigated(browser, support), await browser(support.aigerim)
    about = await about_report(browser, support, incident)
    large = files.noise()
    assert len(large) > 2_000_000
    for name_of_file in ("../../../etc/passwd", "Сейітова Әсел.jpg", 'a"; x.html', "C:\\x.exe", "\0.jpg"):
        answer = await files.sent(aigerim, incident, large, name=name_of_file, about=about)
        assert answer.status_code in (303, 409), (name_of_file, answer.text)
    assert len((await view(browser, support.aigerim, incident))["files"]) == 1
    pieces = rows(
        database,
        """select p.number, p.content from attachment a join attachment_part p on p.stored_as in (a.original, a.served)
           where a.subject_id = %s""",
        incident,
    )
    assert max(number for number, _ in pieces) >= 2
    stored = b"".join(bytes(content) for _, content in pieces)
    assert large[:64] not in stored
    assert b"IHDR" not in stored
    for word in ("passwd", "Сейітова", "x.html", "x.exe"):
        assert word not in str(rows(database, "select t::text from attachment t"))
    versions = rows(database, "select original, served from attachment where subject_id = %s", incident)[0]
    assert {one.version for one in versions} == {4}


@pytest.mark.parametrize("hostile", ["text", "heic", "cut", "photo and archive", "pixels", "locked", "empty"])
async def test_s_56_a_hostile_file_is_refused_in_words_and_the_caption_stays(
    browser: Browser, support: Region, database: str, hostile: str
) -> None:
    incident, aigerim = await investigated(browser, support), await browser(support.aigerim)
    content, reason = files.HOSTILE[hostile]
    fields = {"about": await about_report(browser, support, incident), "caption": CAPTION}
    told = await files.sent(aigerim, incident, content, **fields)
    assert (told.status_code, told.json()["fields"][0]["code"]) == (422, f"file_{reason}")
    assert CAPTION not in told.text
    page = await files.sent(aigerim, incident, content, html=True, **fields)
    assert page.status_code == 422
    assert CAPTION in page.text
    assert '<a href="#file">' in page.text
    assert rows(database, "select count(*) from attachment where subject_id = %s", incident) == [(0,)]


@pytest.mark.parametrize("size", [20_000_001, 200_000_000])
async def test_a_file_of_200_megabytes_is_answered_in_words_and_nothing_typed_is_lost(
    browser: Browser, support: Region, size: int
) -> None:
    incident, aigerim = await investigated(browser, support), await browser(support.aigerim)
    fields = {"about": await about_report(browser, support, incident), "caption": CAPTION}
    page = await files.sent(aigerim, incident, bytes(size), html=True, **fields)
    assert page.status_code == 422
    assert CAPTION in page.text
    assert "20 МБ" in page.text
    assert '<a href="#file">' in page.text


async def test_a_form_with_more_parts_than_any_of_ours_is_refused(browser: Browser, support: Region) -> None:
    incident, aigerim = await investigated(browser, support), await browser(support.aigerim)
    more = {f"field{number}": "x" for number in range(uploads.MOST_PARTS)}
    answer = await files.sent(aigerim, incident, files.photo(), **more)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.malformed")


async def test_without_a_file_or_a_place_for_it_the_form_says_what_is_missing(
    browser: Browser, support: Region
) -> None:
    incident, aigerim = await investigated(browser, support), await browser(support.aigerim)
    told = await aigerim.act(f"/incidents/{incident}/files", {"caption": "x"})
    assert {one["field"] for one in told.json()["fields"]} == {"about", "file"}
    for about in ("moon", "report:x", f"report:{incident}", "interview:", f"injuries:{incident}"):
        answer = await files.sent(aigerim, incident, files.photo(), about=about)
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "about"), about


async def test_the_same_file_twice_is_one(browser: Browser, support: Region, database: str) -> None:
    incident, other = await investigated(browser, support), await investigated(browser, support)
    for place, status in ((incident, 303), (incident, 409), (other, 303)):
        about = await about_report(browser, support, place)
        answer = await files.sent(await browser(support.aigerim), place, files.photo(colour=11), about=about)
        assert answer.status_code == status
    blinds = rows(
        database, "select content_blind from attachment where subject_id = any (%s::uuid[])", [incident, other]
    )
    assert len(set(blinds)) == 2  # two incidents do not tell that they hold the same picture


async def test_s_21_a_file_that_shows_a_child_needs_the_classes_of_everybody_in_the_incident(
    browser: Browser, support: Region, database: str
) -> None:
    incident = await investigated(browser, support, "victim", "alleged_offender")
    shows = await attached(browser, support, incident, files.photo(colour=1))
    shows_nobody = await attached(browser, support, incident, files.photo(colour=2), shows_nobody="yes")
    await read_for_identities(browser, support, incident)
    bota = await browser(support.bota)
    seen = {one["id"]: one for one in (await view(browser, support.bota, incident))["files"]}
    assert (seen[shows]["may_open"], set(seen[shows])) == (False, {"id", "added_at", "may_open"})
    assert (seen[shows_nobody]["may_open"], seen[shows_nobody]["caption"]) == (True, CAPTION)
    page = (await bota.page(f"/incidents/{incident}")).text
    assert f"/files/{shows}" not in page
    assert (await bota.act(f"/incidents/{incident}/files/{shows_nobody}/open")).status_code == 200
    hidden = await bota.act(f"/incidents/{incident}/files/{shows}/open")
    unknown = await bota.act(f"/incidents/{incident}/files/{incident}/open")
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert (await bota.page(f"/incidents/{incident}/files/{shows}")).status_code == 404
    assert audited(database, "incident.file_opened", shows) == []
    only_victim = await investigated(browser, support, "victim")
    file = await attached(browser, support, only_victim, files.photo(colour=3))
    assert not (await view(browser, support.bota, only_victim))["files"][0]["may_open"]  # nobody has read it yet
    await read_for_identities(browser, support, only_victim)
    assert (await bota.act(f"/incidents/{only_victim}/files/{file}/open")).status_code == 200


async def test_a_file_of_a_talk_needs_the_class_of_whoever_was_heard(browser: Browser, support: Region) -> None:
    incident = await investigated(browser, support, "victim", "alleged_offender")
    aigerim = await browser(support.aigerim)
    for person in (await view(browser, support.aigerim, incident))["people"]:
        talk = {"participation_id": person["id"], "held_at": "2026-11-20T10:00", "notes": "x"}
        assert (await aigerim.act(f"/incidents/{incident}/hear", talk)).status_code == 303
    talks = (await view(browser, support.aigerim, incident))["heard"]
    kept = {}
    for number, talk in enumerate(talks):
        about = {"about": f"interview:{talk['id']}", "shows_nobody": "yes"}
        kept[talk["code"]] = await attached(browser, support, incident, files.photo(colour=20 + number), **about)
    await read_for_identities(browser, support, incident)
    people = {one["involvement"]: one["code"] for one in (await view(browser, support.bota, incident))["people"]}
    seen = {one["id"]: one["may_open"] for one in (await view(browser, support.bota, incident))["files"]}
    assert seen == {kept[people["victim"]]: True, kept[people["alleged_offender"]]: False}


async def test_s_21_the_original_needs_a_right_of_its_own_and_a_purpose(
    browser: Browser, support: Region, database: str
) -> None:
    incident, content = await investigated(browser, support, "victim"), files.photo(colour=4)
    file = await attached(browser, support, incident, content)
    address = f"/incidents/{incident}/files/{file}/original"
    aigerim, saule = await browser(support.aigerim), await browser(support.saule)
    assert (await aigerim.act(address, {"purpose": "police"})).status_code == 403
    assert "/original" not in (await aigerim.page(f"/incidents/{incident}/files/{file}")).text
    asked = await saule.act(address, {}, html=True)
    assert (asked.status_code, '<a href="#purpose">' in asked.text) == (422, True)
    opened = await saule.act(address, {"purpose": "police"})
    assert (opened.status_code, opened.content) == (200, content)
    assert opened.headers["content-type"] == "application/octet-stream"
    with Image.open(BytesIO(opened.content)) as original:
        assert original.getexif().get_ifd(files.PLACE_KEPT_IN)
    assert [detail for _, detail in audited(database, "incident.original_opened", file)] == [{"purpose": "police"}]


async def test_r_034_a_file_is_withdrawn_with_a_reason_and_kept(
    browser: Browser, support: Region, database: str
) -> None:
    incident, content = await investigated(browser, support, "victim"), files.photo(colour=5)
    file = await attached(browser, support, incident, content)
    address = f"/incidents/{incident}/files/{file}"
    gulnar, aigerim, saule = [await browser(p) for p in (support.gulnar, support.aigerim, support.saule)]
    assert (await gulnar.act(f"{address}/withdraw", {"reason": "x"})).status_code == 403
    assert (await aigerim.act(f"{address}/withdraw", {"reason": " "})).status_code == 422
    assert (await aigerim.act(f"{address}/withdraw", {"reason": "Қатемаркер"})).status_code == 303
    assert (await aigerim.act(f"{address}/withdraw", {"reason": "тағы"})).status_code == 409
    assert (await aigerim.act(f"{address}/open")).status_code == 409
    seen = (await view(browser, support.aigerim, incident))["files"][0]
    assert (seen["may_open"], seen["withdrawn_reason"]) == (False, "Қатемаркер")
    assert (await saule.act(f"{address}/original", {"purpose": "check"})).content == content
    assert len(audited(database, "incident.file_withdrawn", file)) == 1
    assert "Қатемаркер" not in str(rows(database, "select t::text from attachment t"))


async def test_only_who_does_the_step_attaches_and_nobody_to_a_closed_incident(
    browser: Browser, support: Region, database: str
) -> None:
    incident = await investigated(browser, support, "victim")
    about = await about_report(browser, support, incident)
    for person, status in ((support.daulet, 403), (support.bota, 403), (support.erlan, 403), (support.marat, 403)):
        answer = await files.sent(await browser(person), incident, files.photo(), about=about)
        assert answer.status_code == status, person.name
        assert (await (await browser(person)).page(f"/incidents/{incident}/files")).status_code in (403, 404)
    rows_changed = "update incident set state = 'closed', closed_at = now() where id = %s returning id"
    assert rows(database, rows_changed, incident)
    answer = await files.sent(await browser(support.aigerim), incident, files.photo(), about=about)
    assert (answer.status_code, answer.json()["code"]) == (409, "incident.wrong_state")
    assert (await (await browser(support.aigerim)).page(f"/incidents/{incident}/files")).status_code == 404


async def test_the_name_in_a_caption_is_marked_like_any_other_text(browser: Browser, support: Region) -> None:
    incident = await investigated(browser, support, "victim")
    await attached(browser, support, incident, files.photo(colour=6), caption="Суретте Данагүл тұр", shows_nobody="yes")
    person = (await view(browser, support.aigerim, incident))["people"][0]
    done = await act(browser, support.aigerim, support, incident, "mark", surface="Данагүл", stands_for=person["id"])
    assert done.status_code == 303
    seen = (await view(browser, support.aigerim, incident))["files"][0]
    assert seen["caption"] == f"Суретте {person['code']} тұр"


async def test_decision_25_a_session_that_ended_keeps_the_caption_and_not_the_file(
    browser: Browser, support: Region, database: str
) -> None:
    incident = await investigated(browser, support)
    aigerim, content = await browser.fresh(support.aigerim), files.photo(colour=7)
    page = PageOf((await aigerim.page(f"/incidents/{incident}/files")).text)
    form = next(one for one in page.forms if one.action.endswith("/files") and one.takes_answers)
    fields = {**form.fields, "caption": CAPTION, "about": "injuries"}
    aigerim.cookies.delete("__Host-qorgan")
    asked = await aigerim.post(form.action, data=fields, files={"file": ("a.jpg", content)}, headers=HTML)
    assert (asked.status_code, asked.headers["location"].startswith("/sign-in?next=/kept/")) == (303, True)
    again = await aigerim.post("/sign-in", json={"sign_in": support.aigerim.sign_in, "password": PASSWORD})
    assert again.status_code == 303
    aigerim.csrf = await csrf_of(aigerim)
    await browser.proved(aigerim, support.aigerim.sign_in)
    back = await aigerim.page(asked.headers["location"].partition("next=")[2])
    assert back.headers["location"] == f"/incidents/{incident}/files"
    assert CAPTION in (await aigerim.page(f"/incidents/{incident}/files")).text
    assert rows(database, "select count(*) from attachment where subject_id = %s", incident) == [(0,)]
