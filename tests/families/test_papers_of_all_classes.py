"""Papers with codes for all classes at once, as long work: a class a step, nothing lost and nothing doubled (ADR 31)."""

import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy.exc import OperationalError

from src.platform.documents import service as documents
from src.platform.documents.errors import PaperError
from src.platform.documents.schemas import SlipSheet
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.outbox.run import run_job
from tests.support.families import child, class_of, sign_in
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.longwork import audited as done_to
from tests.support.longwork import step, waiting
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

MOTHER = {"guardian": "Тегінова Айша", "phone": "+77015550001"}


@pytest.fixture(scope="module")
async def classes(browser: Browser, region: Region, database: str) -> list[str]:
    """Three classes; a mother has a child in two of them. Bota teaches all three."""
    first = child(701, "3А", **MOTHER), child(702, "3А", given="Дана")
    second = child(703, "4А", given="Ерасыл", **MOTHER)
    return [
        await class_of(browser, region, database, "3А", *first),
        await class_of(browser, region, database, "4А", second),
        await class_of(browser, region, database, "5А", child(704, "5А", given="Мадина")),
    ]


def papers(content: bytes) -> dict[str, str]:
    """The text of each paper in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(archive.read(name))).pages)
            for name in archive.namelist()
        }


def accounts(database: str) -> int:
    """Accounts of families that were given, beside those of the named people."""
    given = (
        "select coalesce(sum(cardinality(record_ids) - 1), 0)::int from audit_log where action = 'family_account.given'"
    )
    return int(rows(database, given)[0][0])


async def a_step_fails(daulet: Client, work: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accounts of a class are made when its paper fails: nothing of it is left, and the next try begins it anew."""
    before = rows(database, "select count(*) from membership")

    async def without_paper(_sheet: SlipSheet) -> bytes:
        raise PaperError

    async def without_database(_sheet: SlipSheet) -> bytes:
        raise OperationalError("", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(documents, "slips", without_database)
        call = await step(database)
        assert waiting(database) == [call], "the outbox tries again"
        patched.setattr(documents, "slips", without_paper)
        await step(database)
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], view["failure"]) == ("failed", 1, "Біздің тарапта қате болды")
    assert (rows(database, "select count(*) from membership"), waiting(database)) == (before, [])
    assert len(done_to(database, "long_work.failed", work)) == 1
    assert "Біздің тарапта қате болды" in (await daulet.page(work)).text
    assert (await daulet.act(f"{work}/cancel")).status_code == 409
    assert (await daulet.act(f"{work}/go-on")).status_code == 303


async def test_s_43_s_44_papers_of_all_classes_are_made_in_steps_cancelled_and_continued(
    browser: Browser, region: Region, database: str, classes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    daulet = await browser(region.daulet)
    for person in (region.marat, region.asel, region.alua, region.timur):
        assert (await (await browser(person)).act("/class-papers/all")).status_code == 403
    assert rows(database, "select count(*) from long_work") == [(0,)]
    begun = await daulet.act("/class-papers/all", html=True)
    work = begun.headers["location"]
    assert (begun.status_code, work.startswith("/work/")) == (303, True)
    assert (await daulet.act("/class-papers/all")).headers["location"] == work, "two presses are one work"
    (call,) = waiting(database)
    assert [actor for actor, _ in done_to(database, "long_work.begun", work)] == [region.daulet.user_id]

    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], view["total"], view["goes_on"]) == ("waiting", 0, 3, True)
    page = (await daulet.page(work)).text
    shown = (
        'max="3" value="0"',
        "Дайын сыныптар: 0 / 3",
        "Қайта қарау",
        f'hx-get="{work}"',
        "text/html",
        f"{work}/cancel",
    )
    assert [one for one in shown if one not in page] == []
    assert work in (await daulet.page("/work")).text
    assert "/work" in (await daulet.page("/account")).text
    await nobody_else_sees_it(browser, region, work)
    assert (await daulet.act(f"{work}/files")).json()["code"] == "long_work.none_left"
    assert (await daulet.act(f"{work}/go-on")).status_code == 409

    assert await step(database) == call
    assert await run_job(call) is False, "the same call again"
    async with inside(region.organisations["school12"]) as unit:
        stale = await outbox.emit(unit, "longwork.step", {"work": view_id(work), "turn": 0})
    await run_job(stale)
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], accounts(database)) == ("running", 1, 3)
    await cancelled_between_steps(daulet, work, database)
    assert (await daulet.act(f"{work}/go-on")).status_code == 303
    assert (await daulet.act(f"{work}/go-on")).status_code == 409
    await a_step_fails(daulet, work, database, monkeypatch)
    await drain()
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"], view["failure"]) == ("done", 3, "")
    taken = await daulet.act(f"{work}/files")
    texts = papers(taken.content)
    assert list(texts) == ["3А.pdf", "4А.pdf", "5А.pdf"]
    assert "".join(texts.values()).count("Тегінова Айша") == 1, "one paper for a mother of children in two classes"
    nothing_is_doubled(database)
    assert [(await daulet.act(f"{work}/{verb}")).status_code for verb in ("cancel", "go-on")] == [409, 409]
    assert [len(done_to(database, f"long_work.{verb}", work)) for verb in ("continued", "done", "taken")] == [2, 1, 2]
    _client, answer = await sign_in(browser, *codes_of(texts["5А.pdf"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?next=/"), "the code lets in"
    await who_has_nothing_to_print_is_told(browser, region, database)
    await files_are_taken_away(daulet, work, database)


async def cancelled_between_steps(daulet: Client, work: str, database: str) -> None:
    """What was made stays, and can be taken; no other step has an effect."""
    assert "Иә, тоқтату" in (await daulet.page(f"{work}/cancel")).text
    assert (await daulet.act(f"{work}/cancel", html=True)).headers["location"] == work
    again = await daulet.act(f"{work}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "long_work.not_now")
    await step(database)  # the call that was under way finds nothing to do
    assert (await daulet.get(work)).json()["done"] == 1
    assert (accounts(database), waiting(database)) == (3, [])
    taken = await daulet.act(f"{work}/files")
    assert (taken.status_code, list(papers(taken.content))) == (200, ["3А.pdf"])
    assert "Тегінова Айша" in papers(taken.content)["3А.pdf"]


async def nobody_else_sees_it(browser: Browser, region: Region, work: str) -> None:
    unknown = f"/work/{new_id()}"
    for person in (region.saule, region.erlan, region.asel):
        client = await browser(person)
        for verb in ("", "/cancel"):
            assert (await client.get(work + verb)).content == (await client.get(unknown + verb)).content
        for verb in ("cancel", "go-on", "files"):
            assert (await client.act(f"{work}/{verb}")).status_code == 404


async def who_has_nothing_to_print_is_told(browser: Browser, region: Region, database: str) -> None:
    """Everybody has an account: the work ends without files, and who did not look gets a message."""
    bota = await browser(region.bota)
    work = (await bota.act("/class-papers/all")).headers["location"]
    await drain()
    (view,) = (await bota.get("/work")).json()["rows"]
    assert (view["id"], view["state"], view["files_until"]) == (work.rpartition("/")[2], "done", None), "hers alone"
    assert "басып шығаратын ештеңе жоқ" in view["said"]
    set_clock(database, clock.now() + timedelta(minutes=2))
    await drain()
    told = "select membership_id, kind from notification where subject_kind = 'long_work'"
    assert rows(database, told) == [(region.bota.membership_id, "work_ended")], "Daulet has seen that his ended"
    assert "ұзақ жұмыс аяқталды" in (await bota.page("/messages")).text
    assert (await bota.act(f"{work}/files")).status_code == 409


def nothing_is_doubled(database: str) -> None:
    people = rows(database, "select person_id from membership where person_id in (select person_id from enrolment)")
    assert (len(people), len(set(people)), accounts(database)) == (4, 4, 5)
    assert dead_or_failed(database) == []


async def files_are_taken_away(daulet: Client, work: str, database: str) -> None:
    assert "Файлдарды алу" in (await daulet.page(work)).text
    set_clock(database, clock.now() + timedelta(hours=25))
    await drain()
    assert rows(database, "select count(*) from long_work_part") == [(0,)]
    gone = await daulet.act(f"{work}/files")
    assert (gone.status_code, gone.json()["code"]) == (409, "long_work.none_left")
    assert (await daulet.get(work)).json()["files_until"] is None
    assert [detail for _actor, detail in done_to(database, "long_work.files_gone", work)] == [{"files": 3}]


def codes_of(paper: str) -> tuple[str, str]:
    """The sign-in name and the code of the first person on a paper."""
    name = re.search(r"mek12 \S+", paper)
    code = re.search(r"\b\w{4}-\w{4}-\w{4}\b", paper)
    assert name is not None, paper
    assert code is not None, paper
    return name[0], code[0]


def view_id(work: str) -> UUID:
    return UUID(work.rpartition("/")[2])
