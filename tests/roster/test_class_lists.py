"""Class lists from a file: checked in words, confirmed, loaded once; what was typed leaves no trace elsewhere."""

import io
import time
import zipfile
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.class_lists import HEADERS, as_csv, as_xlsx, iin, load, student, upload
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows
from tests.support.inside import as_person
from tests.support.people import Region
from tests.support.queue import drain, set_clock

CANARIES = ("Құпиятегі", "Жасырын", "000000000000")


async def test_a_list_is_checked_confirmed_and_loaded(browser: Browser, region: Region) -> None:
    saule = await browser(region.saule)
    content = as_xlsx(*(student(n, school_class="0Ә" if n % 2 else "0 «а»") for n in range(10, 20)))
    checked = await upload(saule, content)
    assert checked.status_code == 303
    review = (await saule.get(checked.headers["location"])).json()
    assert (review["added"], review["changed"], review["same"]) == (10, 0, 0)
    assert review["new_classes"] == ["0А", "0Ә"]
    assert "0А, 0Ә" in (await saule.page(checked.headers["location"])).text
    assert (await saule.act(f"{checked.headers['location']}/load")).status_code == 303
    classes = {row["label"]: row for row in (await saule.get("/classes")).json()["rows"]}
    assert classes["0А"]["students"] == classes["0Ә"]["students"] == 5
    assert ">0Ә</a>" in (await saule.page("/classes")).text
    assert 'enctype="multipart/form-data"' in (await saule.page("/class-lists")).text
    page = await saule.page(f"/classes/{classes['0Ә']['id']}")
    assert page.text.count("<li>Тегінов") == 5


async def test_a_second_import_changes_nothing(browser: Browser, region: Region, database: str) -> None:
    saule = await browser(region.saule)
    guardian = {"guardian": "Тегінова Гүлім Аянқызы", "phone": "8 701 555 44 33", "relation": "анасы"}
    content = as_csv(*(student(n, school_class="3Б", **guardian) for n in range(20, 25)))
    await load(saule, content)
    before = _everything(database)
    checked = await upload(saule, content)
    review = (await saule.get(checked.headers["location"])).json()
    assert (review["added"], review["changed"], review["same"], review["new_classes"]) == (0, 0, 5, [])
    await saule.act(f"{checked.headers['location']}/load")
    assert _everything(database) == before
    shared = rows(database, "select count(*) from person_tie group by adult_id having count(*) > 1")
    assert shared == [(5,)]


async def test_a_changed_row_moves_the_child_and_keeps_what_the_file_does_not_say(
    browser: Browser, region: Region, database: str
) -> None:
    saule = await browser(region.saule)
    await load(saule, as_xlsx(student(30, school_class="12Ю", patronymic="Ерланұлы")))
    moved = as_xlsx(student(30, school_class="12Я", given="Аянбек"))
    checked = await upload(saule, moved)
    assert (await saule.get(checked.headers["location"])).json()["changed"] == 1
    await saule.act(f"{checked.headers['location']}/load")
    classes = {row["label"]: row for row in (await saule.get("/classes")).json()["rows"]}
    assert (classes["12Ю"]["students"], classes["12Я"]["students"]) == (0, 1)
    assert (await saule.get(f"/classes/{classes['12Я']['id']}")).json()["students"] == ["Тегінова Аянбек Ерланұлы"]
    found = (await saule.act("/people", {"text": "аянбек"})).json()["found"]
    assert [(one["name"], one["class_label"]) for one in found] == [("Тегінова Аянбек Ерланұлы", "12Я")]


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), (",", "utf-8"), (";", "cp1251")])
async def test_csv_of_either_delimiter_and_encoding(
    browser: Browser, region: Region, delimiter: str, encoding: str
) -> None:
    headers = ("Класс", "Фамилия", "Имя", "Отчество", "ИИН", "ФИО представителя", "Телефон представителя", "лишнее")
    content = as_csv(student(40, school_class="5В")[:5], headers=headers, delimiter=delimiter, encoding=encoding)
    assert (await upload(await browser(region.saule), content)).status_code == 303


async def test_s_57_every_mistake_of_every_row_is_named_in_words_and_no_value_is_echoed(
    browser: Browser, region: Region, database: str
) -> None:
    daulet, drafts = await browser(region.daulet), rows(database, "select count(*) from class_list_draft")
    before = _everything(database)
    content = as_xlsx(
        student(50, school_class="13Я", family="Құпиятегі-1", iin="000000000000"),
        student(51, guardian="Жасырын", phone="қызғылт", relation="Жасырын"),
        student(52, iin="12345", given=""),
        student(53),
        student(53, guardian="Жасырын Ана"),
        student(54, given="=1+1"),
    )
    answer = await upload(daulet, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "class_list.bad_rows")
    fields = {one["field"] for one in answer.json()["fields"]}
    assert fields == {
        "row-2-class",
        "row-2-family_name",
        "row-2-iin",
        "row-3-guardian_name",
        "row-3-guardian_phone",
        "row-3-guardian_relation",
        "row-4-iin",
        "row-4-given_name",
        "row-6-iin",
        "row-6-guardian_phone",
        "row-6-guardian_relation",
        "row-7-given_name",
    }
    assert "2-жол, «Сынып»" in answer.text
    page = await upload(daulet, content, html=True)
    assert page.status_code == 422
    assert page.text.count('id="row-') == len(fields)
    for shown in (answer.text, page.text):
        assert [mark for mark in (*CANARIES, "12345", "қызғылт", iin(53)) if mark in shown] == []
    assert _everything(database) == before
    assert rows(database, "select count(*) from class_list_draft") == drafts


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_mistakes_speak_the_readers_language(browser: Browser, region: Region, language: str) -> None:
    daulet = await browser(region.daulet)
    await daulet.act(f"/language/{language}")
    answer = await upload(daulet, as_xlsx(student(55, iin="1")))
    missing = await upload(daulet, as_xlsx(["1А"], headers=["Сынып"]))
    await daulet.act("/language/kk")
    words = {"ru": ("Строка 2, «ИИН»", "Фамилия"), "en": ("Row 2, “IIN”", "Family name")}[language]
    assert words[0] in answer.text
    assert words[1] in missing.text
    assert len(missing.json()["fields"]) == 3


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


def _laughs() -> bytes:
    book = io.BytesIO(as_xlsx(student(1)))
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.endswith("sheet1.xml"):
                text = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><worksheet><c>&a11;</c></worksheet>'.encode()
            new.writestr(part, text)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04" + b"x" * 100,
        b"\xd0\xcf\x11\xe0" + b"x" * 100,
        "Сынып;Тегі".encode("utf-16"),
        as_xlsx(student(1))[:-200],
        _bomb(),
        _laughs(),
        as_xlsx(),
        as_csv(),
        as_csv(*[["7Б"]] * 5_001),
        b"x" * 5_000_001,
    ],
    ids=["none", "png", "torn", "xls", "utf16", "cut", "bomb", "laughs", "bare", "bare-csv", "rows", "bytes"],
)
async def test_s_56_what_is_no_class_list_is_refused_in_words(browser: Browser, region: Region, content: bytes) -> None:
    started = time.monotonic()
    answer = await upload(await browser(region.saule), content)
    assert (answer.status_code, answer.json()["code"]) == (422, "class_list.unreadable")
    assert [one["field"] for one in answer.json()["fields"]] == ["file"]
    assert time.monotonic() - started < 5


async def test_numbers_and_dates_that_a_spreadsheet_understood_its_way_are_read(
    browser: Browser, region: Region
) -> None:
    row: list[Any] = student(60, school_class="6Д")
    row[4] = int(iin(60, born=5))
    headers = [*HEADERS, "Туған күні", "Жынысы"]
    content = as_xlsx([*row, datetime(2014, 5, 1), "ер"], headers=headers)  # noqa: DTZ001
    assert len(str(row[4])) == 11
    assert (await upload(await browser(region.saule), content)).status_code == 303


async def test_a_parent_who_works_here_is_one_person_and_in_conflict(browser: Browser, region: Region) -> None:
    async with as_person(region.saule) as work:
        nurse = await vault.add_person(
            work, "staff", Identity(family_name="Ғаниева", given_name="Гүлнар", phone="+77017778899")
        )
    row = student(70, family="Ғаниев", guardian="Ғаниева Гүлнар", phone="8 (701) 777-88-99", relation="Мать")
    await load(await browser(region.saule), as_xlsx(row))
    async with as_person(region.saule) as work:
        child = (await vault.recognise(work, [Identity(family_name="", given_name="", iin=iin(70))]))[0]
        assert child is not None
        ties = await vault_ties.of_children(work, [child.person_id])
    assert [(one.adult_id, one.relation) for one in ties] == [(nurse, "mother")]


async def test_r_064_a_tie_from_the_list_takes_the_parents_access_away(browser: Browser, region: Region) -> None:
    async with as_person(region.gulnar) as work:
        facts = await vault.facts(work)
    assert facts["children"] == facts["relatives"] == []
    row = student(71, family="Ганиев", guardian="Ганиев Болат", phone="87010000902", relation="әкесі")
    await load(await browser(region.saule), as_xlsx(row))
    async with as_person(region.saule) as work:
        child = (await vault.recognise(work, [Identity(family_name="", given_name="", iin=iin(71))]))[0]
        assert child is not None
        await vault_ties.tie(work, child.person_id, region.gulnar.person_id, "mother")
        father = next(
            one.adult_id for one in await vault_ties.of_children(work, [child.person_id]) if one.relation == "father"
        )
        family = set(await vault.blinds_of(work, child.person_id, father))
    async with as_person(region.gulnar) as work:
        facts = await vault.facts(work)
    assert facts["children"] == [await _blind(region, child.person_id)]
    assert set(facts["relatives"]) == family  # type: ignore[call-overload]
    incident = await reported(browser, region)
    await name(browser, region, incident, str(child.person_id), "alleged_offender")
    assert (await (await browser(region.gulnar)).get(f"/incidents/{incident}")).status_code == 404


async def _blind(region: Region, person_id: UUID) -> bytes:
    async with as_person(region.saule) as work:
        return (await vault.blinds_of(work, person_id))[0]


async def test_a_number_of_an_adult_is_named_as_a_mistake(browser: Browser, region: Region) -> None:
    async with as_person(region.saule) as work:
        await vault.add_person(work, "staff", Identity(family_name="Ересек", given_name="Адам", iin=iin(80)))
    answer = await upload(await browser(region.saule), as_xlsx(student(80), student(81)))
    assert [one["field"] for one in answer.json()["fields"]] == ["row-2-iin"]
    assert answer.json()["fields"][0]["code"] == "taken"


async def test_an_upload_waits_sealed_for_its_owner_and_is_forgotten_after_an_hour(
    browser: Browser, region: Region, database: str
) -> None:
    saule, daulet = await browser(region.saule), await browser(region.daulet)
    draft = (await upload(saule, as_xlsx(student(90, family="Құпиятегі")))).headers["location"]
    dump = str(rows(database, "select d::text from class_list_draft d"))
    assert "Құпиятегі" not in dump
    assert "Құпиятегі".encode().hex() not in dump
    for method in ("GET", "POST"):
        for path in (draft, f"/class-lists/{new_id()}"):
            target = path if method == "GET" else f"{path}/load"
            answer = await daulet.request(method, target, headers={"X-CSRF-Token": daulet.csrf})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(minutes=61))
    late = await saule.act(f"{draft}/load")
    await drain()
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert late.status_code == 404
    assert rows(database, "select count(*) from class_list_draft where id = %s", draft.rpartition("/")[2]) == [(0,)]


async def test_a_draft_loads_once_and_a_thrown_away_one_never(browser: Browser, region: Region) -> None:
    saule = await browser(region.saule)
    draft = (await upload(saule, as_xlsx(student(91)))).headers["location"]
    assert [(await saule.act(f"{draft}/load")).status_code for _ in range(2)] == [303, 404]
    draft = (await upload(saule, as_xlsx(student(92)))).headers["location"]
    assert (await saule.act(f"{draft}/discard")).status_code == 303
    assert (await saule.act(f"{draft}/load")).status_code == 404


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_the_empty_list_filled_in_is_a_class_list(browser: Browser, region: Region, language: str) -> None:
    saule = await browser(region.saule)
    await saule.act(f"/language/{language}")
    answer = await saule.get("/class-lists/empty")
    assert answer.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    relation = {"kk": "Қорғаншы", "ru": "опекун", "en": "Trustee"}[language]
    line = ("8Г", "Әлиев", "Ержан", "", "01.09.2012", "", iin(93), "Әлиев Асан", "+77015550011", relation)
    for place, value in enumerate(line, start=1):
        book.active.cell(2, place).value = value
    out = io.BytesIO()
    book.save(out)
    checked = await upload(saule, out.getvalue())
    await saule.act("/language/kk")
    assert checked.status_code == 303, checked.text


async def test_only_who_may_import_gets_in(browser: Browser, region: Region) -> None:
    for person in (region.aigerim, region.marat, region.zhanna, region.asel):
        answer = await upload(await browser(person), as_xlsx(student(1)))
        assert answer.status_code == 403, person.name


async def test_1200_students_with_guardians_are_loaded_in_ten_seconds_and_again_in_no_change(
    browser: Browser, region: Region, database: str
) -> None:
    daulet = await browser(region.daulet)
    content = as_xlsx(
        *(
            student(
                n,
                school_class=f"{1 + n % 11}{'АБВГ'[n % 4]}",
                guardian=f"Өкілов {'абвгдежзик'[n % 10]}{'абвгдежзик'[n // 10 % 10]} Асанұлы",
                phone=f"+7701{n:07d}",
                relation="әкесі",
            )
            for n in range(1_000, 2_200)
        )
    )
    started = time.monotonic()
    await load(daulet, content)
    assert time.monotonic() - started < 10
    before = _everything(database)
    await load(daulet, content)
    assert _everything(database) == before


async def test_s_13_a_dump_holds_nothing_of_a_loaded_list(browser: Browser, region: Region, database: str) -> None:
    row = student(95, family="Құпиятегі", guardian="Құпиятегі Анасы", phone="+77019998877", relation="анасы")
    await load(await browser(region.saule), as_xlsx(row))
    tables = [r[0] for r in rows(database, "select tablename from pg_tables where schemaname = 'public'")]
    dump = "".join(r[0] for table in tables for r in rows(database, f"select t::text from {table} t"))  # noqa: S608
    for canary in ("Құпиятегі", "77019998877", "9998877", iin(95)):
        assert canary not in dump
        assert canary.encode().hex() not in dump


def _everything(database: str) -> list[Any]:
    return [
        sorted(rows(database, f"select {what} from {table}"))  # noqa: S608
        for table, what in (
            ("person", "id::text, version, encode(identity, 'hex')"),
            ("person_name_blind", "person_id::text, encode(blind, 'hex')"),
            ("person_tie", "child_id::text, adult_id::text, relation"),
            ("school_class", "id::text, grade, letter, version"),
            ("enrolment", "id::text, class_id::text, coalesce(ended_on::text, '')"),
        )
    ]
