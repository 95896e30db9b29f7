"""Form D of the incidents of a list, as long work: cut as the page is, for who asked, and never more than they may now."""

import asyncio
import io
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from src.platform.kit.ids import new_id
from src.platform.outbox.run import run_job
from src.platform.worker.modules import load_actors
from tests.support.http import Browser, Client
from tests.support.incidents import name, reported, rows, student
from tests.support.longwork import audited, step, waiting
from tests.support.meetings import gone
from tests.support.people import Region, hire
from tests.support.queue import drain

FAMILY = "Қағазбайқызы"
TOLD = ("Бірінші: асханада итерді", "Екінші: сөмкесін тартып алды", "Үшінші: мазақтады")
PRINTED = "select record_ids[1], actor_id from audit_log where action = 'incident.printed' order by seq"


@pytest.fixture(scope="module")
async def three(region: Region, browser: Browser, database: str) -> list[str]:
    """Three incidents, the latest first; a child is named in the oldest."""
    made = [await reported(browser, region, description=text) for text in TOLD]
    await name(browser, region, made[0], await student(region, FAMILY, "Әсел"), "victim")
    return made[::-1]


async def asked(client: Client, query: str = "", language: str = "kk", *, html: bool = False) -> Any:
    return await client.act(f"/incidents/papers{query}", {"language": language}, html=html)


def papers(content: bytes) -> dict[str, str]:
    """The text of each paper of an archive, on one line."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            one: " ".join(
                " ".join(page.extract_text() for page in PdfReader(io.BytesIO(archive.read(one))).pages).split()
            )
            for one in archive.namelist()
        }


def numbers(database: str, ids: list[str]) -> list[str]:
    found = dict(rows(database, "select id::text, number from incident"))
    return [f"form-d-{found[one]}.pdf" for one in ids]


async def test_s_15_r_063_papers_are_the_list_cut_as_the_page_with_codes_and_a_row_for_each(
    region: Region, browser: Browser, database: str, three: list[str]
) -> None:
    saule = await browser(region.saule)
    page = (await saule.page("/incidents?state=reported")).text
    assert 'action="/incidents/papers?state=reported"' in page
    begun = await asked(saule, html=True)
    work = begun.headers["location"]
    assert (begun.status_code, (await saule.get(work)).json()["total"]) == (303, 3)
    assert "Дайын оқиғалар: 0 / 3" in (await saule.page(work)).text
    await drain()
    assert (await saule.get(work)).json()["state"] == "done"
    taken = await saule.act(f"{work}/files")
    found = papers(taken.content)
    assert taken.headers["content-disposition"] == 'attachment; filename="form-d.zip"'
    assert list(found) == numbers(database, three)
    assert [text in paper for text, paper in zip(TOLD[::-1], found.values(), strict=True)] == [True] * 3
    assert all("Saparova Saule" in paper and "қауіпсіздік" in paper.lower() for paper in found.values())
    assert not any(FAMILY in paper for paper in found.values())
    single = await saule.act(f"/incidents/{three[2]}/form-d", {"language": "kk"})
    alone = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(single.content)).pages).split())
    assert without_time(alone) == without_time(found[numbers(database, three)[2]])
    made = rows(database, PRINTED)[-4:-1]
    assert [(str(record), actor) for record, actor in made] == [(one, region.saule.user_id) for one in three]
    handed = "select record_ids, detail from audit_log where action = 'long_work.taken' and record_ids[1] = %s"
    ((ids, detail),) = rows(database, handed, work.rpartition("/")[2])
    assert ([str(one) for one in ids[1:]], detail) == (three, {"kind": "form_d_papers", "files": 3})
    for stranger in (region.daulet, region.aigerim, region.erlan, region.timur):
        client = await browser(stranger)
        unknown = await client.act(f"/work/{new_id()}/files")
        assert (await client.act(f"{work}/files")).content == unknown.content
        assert (await client.get(work)).status_code == 404


def without_time(paper: str) -> str:
    """A paper without the mark across it, which names the minute."""
    return " ".join(word for word in paper.split() if ":" not in word)


async def test_s_17_the_filter_narrows_the_papers_and_nobody_gets_another_list(
    region: Region, browser: Browser, database: str, three: list[str]
) -> None:
    number = numbers(database, three)[1].removeprefix("form-d-").removesuffix(".pdf")
    saule = await browser(region.saule)
    work = (await asked(saule, f"?code={number}", "ru")).headers["location"]
    await drain()
    (paper,) = papers((await saule.act(f"{work}/files")).content).values()
    assert "Форма сообщения об инциденте" in paper
    assert TOLD[1] in paper
    before = rows(database, "select count(*) from long_work")
    for person, status in ((region.marat, 403), (region.asel, 403), (region.timur, 403), (region.alua, 403)):
        answer = await asked(await browser(person))
        assert answer.status_code == status, (person.name, answer.text)
    for query in ("?code=99999999", "?state=nonsense", "?other=1", "?school_class=nonsense"):
        refused = await asked(saule, query)
        assert refused.status_code == 422, query
    assert (await saule.act("/incidents/papers", {})).status_code == 422
    assert (await saule.act("/incidents/papers", {"language": "en"})).status_code == 422
    assert rows(database, "select count(*) from long_work") == before
    coordinator = await hire("saule", region.organisations["school45"], ("team_coordinator",))
    assert (await asked(await browser(coordinator))).status_code == 422, "nothing to print there"
    gone(database, coordinator)


async def test_decision_d_so_many_papers_are_made_in_one_go_and_more_are_refused_in_words(
    region: Region, browser: Browser, database: str, three: list[str]
) -> None:
    tenant = region.organisations["school12"]
    setting = (
        "insert into tenant_setting (tenant_id, name, value) values (%s, 'form_d_papers_most', '2') returning name"
    )
    rows(database, setting, tenant)
    saule = await browser(region.saule)
    answer = await asked(saule, html=True)
    assert (answer.status_code, "2 оқиғадан көбі сәйкес келеді" in answer.text) == (422, True)
    rows(database, "delete from tenant_setting where name = 'form_d_papers_most' returning name")


async def test_s_43_two_presses_are_one_work_which_is_cancelled_and_goes_on(
    region: Region, browser: Browser, database: str, three: list[str]
) -> None:
    aigerim = await browser(region.aigerim)
    pressed = await asyncio.gather(*(asked(aigerim) for _ in range(3)))
    (work,) = {one.headers["location"] for one in pressed}
    other = (await asked(aigerim, language="ru")).headers["location"]
    assert other != work
    assert (await aigerim.act(f"{other}/cancel")).status_code == 303
    await drain_one(database)
    assert (await aigerim.get(work)).json()["done"] == 1
    assert (await aigerim.act(f"{work}/cancel")).status_code == 303
    await drain()
    view = (await aigerim.get(work)).json()
    assert (view["state"], view["done"], view["may_go_on"]) == ("cancelled", 1, True)
    assert list(papers((await aigerim.act(f"{work}/files")).content)) == numbers(database, three)[:1]
    assert (await aigerim.act(f"{work}/go-on")).status_code == 303
    await step(database)
    await drain()
    assert list(papers((await aigerim.act(f"{work}/files")).content)) == numbers(database, three)
    assert len(audited(database, "long_work.done", work)) == 1


async def drain_one(database: str) -> None:
    """One step of the work that was asked for first."""
    load_actors()
    await run_job(waiting(database)[0])
