"""A worker of every kind of partner holds a referral: page, link and program open what the policy opens, no more."""

from dataclasses import replace
from uuid import UUID

import pytest

from src.platform.access import catalogue, scopes
from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.referrals.schemas import PARTNER_KINDS
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.workdays.calendar import week_of
from tests.canary.test_the_canary import BESIDES, IN_THE_SCHOOL, NAMES, OF_HEALTH
from tests.support import world as planted
from tests.support.http import HTML, Browser, Client
from tests.support.inside import inside
from tests.support.people import Person, Region, hire
from tests.support.programs import ALL, made, program
from tests.support.queue import drain
from tests.support.referrals import WEEKLY, looked_and_sent
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

MARKS = [*NAMES, *IN_THE_SCHOOL, OF_HEALTH, *BESIDES]
REASON = "Жолдамамаркер: сабақтан қалады"
DONE = "Есепмаркер: екі рет келді"
OF_VICTIM = {planted.VICTIM.family_name, planted.VICTIM.given_name, planted.VICTIM.patronymic}
ALONE = frozenset({"commission", "ngo"})
"""These two live in every world already, with referrals of their own (`tests.support.world`)."""


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.fixture(scope="module")
async def workers(region: Region, browser: Browser, world: World) -> dict[str, tuple[Person, World]]:
    """Kind of organisation -> somebody who works there and the world with the referral that they hold.

    The child is referred to all of them in one press. Who heads a kind that no child is referred to holds nothing.
    """
    kinds = sorted(kind for kind, roles in catalogue.catalogue(settings().policy_dir).items() if _is_partner(roles))
    people = {kind: await _worker(region, kind, number) for number, kind in enumerate(kinds) if kind not in ALONE}
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "partner_kinds_without_agreement", sorted(PARTNER_KINDS))
    asked = [(kind, f"{one.tenant_id}.counselling") for kind, one in people.items() if kind in PARTNER_KINDS]
    body = {"recipients": " ".join(key for _, key in asked), "reason": REASON, "read_for_identities": True}
    aigerim, case = await browser(region.aigerim), world.ids["case_id"]
    sent = await looked_and_sent(aigerim, f"/cases/{case}/refer", {**body, "consent": True})
    assert sent.status_code == 303, sent.text
    await drain()
    found = {kind: (one, world) for kind, one in people.items()}
    for kind, _ in asked:
        (row,) = (await (await browser(people[kind])).get("/inbox?box=new")).json()["rows"]
        found[kind] = (people[kind], replace(world, ids=world.ids | {"referral_id": UUID(row["id"])}))
    return found


def _is_partner(roles: catalogue.Roles) -> bool:
    return roles.heads == catalogue.catalogue(settings().policy_dir)["ngo"].heads


async def _worker(region: Region, kind: str, number: int) -> Person:
    code = f"body{number}"
    new = NewOrganisation(kind=kind, code=code, slug=code, name_kk="Ұйым", name_ru="Орган", name_en="Body")
    async with inside(region.operator) as work:
        place = await tenants.provision(work, new)
    return await hire("timur", place, catalogue.catalogue(settings().policy_dir)[kind].heads)


async def crawled(client: Client, world: World) -> str:
    """All that somebody gets by reading; a page besides where there is one."""
    found = []
    for method, path, _ in routes():
        if method != "GET":
            continue
        answers = [await client.get(world.fill(path))]
        if answers[0].status_code == 200:
            answers.append(await client.get(world.fill(path), headers=HTML))
        found += [one.text + str(one.headers) + str(one.url) for one in answers]
    return "".join(found)


def leaked(text: str, marks: list[str] | set[str]) -> list[str]:
    return [mark for mark in marks if mark in text]


async def test_s_16_every_kind_of_partner_reads_no_planted_word_on_pages_and_its_slice_by_one_press(
    browser: Browser, workers: dict[str, tuple[Person, World]]
) -> None:
    assert set(workers) | ALONE >= PARTNER_KINDS
    for kind, (person, mine) in workers.items():
        client, own = await browser(person), mine.fill("/referrals/{referral_id:uuid}")
        holds = kind in PARTNER_KINDS
        assert (await client.get(own)).status_code == (200 if holds else 404), kind
        assert leaked(await crawled(client, mine), [*MARKS, REASON]) == [], kind
        opened = await client.act(f"{own}/open")
        assert (REASON in opened.text) == holds, kind
        assert set(leaked(opened.text, MARKS)) == ((OF_VICTIM | {planted.VICTIM.phone[2:]}) if holds else set()), kind
        assert leaked((await client.page(own)).text, [*MARKS, REASON]) == [], kind  # not even after the press


async def test_decision_21_behind_the_link_of_every_kind_of_partner_stand_a_code_and_a_service(
    browser: Browser, region: Region, workers: dict[str, tuple[Person, World]]
) -> None:
    aigerim, visitor = await browser(region.aigerim), browser.visitor()
    week = week_of(clock.local_date(clock.now()))
    for kind in sorted(workers.keys() & PARTNER_KINDS):
        path = workers[kind][1].fill("/referrals/{referral_id:uuid}")
        paper = await aigerim.act(f"{path}/links", {"week": week})
        assert paper.status_code == 200, (kind, paper.text)
        sent = {**WEEKLY, "code": paper.json()["code"], "week": week, "work_done": DONE}
        answers = [
            await visitor.post("/weekly", json={"code": sent["code"]}),
            await visitor.post("/weekly", data={"code": sent["code"]}, headers=HTML),
            await visitor.post("/weekly/report", data={**sent, "attended_count": "9"}, headers=HTML),
            await visitor.post("/weekly/report", data=sent, headers=HTML),
            await visitor.post("/weekly", data={"code": sent["code"]}, headers=HTML),
        ]
        assert [one.status_code for one in answers] == [200, 200, 422, 200, 404], kind
        said = "".join(one.text + str(one.headers) for one in answers)
        assert answers[0].json()["child"] in said, kind
        assert leaked(said, [*MARKS, REASON]) == [], kind


async def test_s_16_a_token_of_every_scope_reads_no_planted_word_at_any_kind_of_partner(
    browser: Browser, region: Region, workers: dict[str, tuple[Person, World]], world: World
) -> None:
    holders = {**workers, "commission": (region.zhanna, world), "ngo": (region.timur, world)}
    for kind, (person, mine) in holders.items():
        client = program(browser, (await made(await browser(person), ALL))["token"])
        said, reached = "", set()
        for method, path, handler in routes():
            if handler.name not in scopes.operations_of(ALL) or method != "GET":
                continue
            answer = await client.get(mine.fill(path))
            reached |= {path} if answer.status_code == 200 else set()
            said += answer.text + str(answer.headers)
        opened = await client.post(mine.fill("/referrals/{referral_id:uuid}/open"), json={})
        assert opened.status_code == 403, kind
        assert leaked(said + opened.text, [*NAMES, *IN_THE_SCHOOL, OF_HEALTH, planted.REASON, REASON]) == [], kind
        assert len(reached) == (5 if kind in PARTNER_KINDS - {"commission"} else 2), (kind, reached)
