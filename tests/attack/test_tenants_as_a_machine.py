"""S-11: whatever three schools, a partner, the commission and the city do in whatever order, no word crosses over."""

import asyncio
import secrets
from collections.abc import Coroutine, Iterator
from difflib import unified_diff
from typing import Any, ClassVar

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from psycopg import sql

from src.platform.cli.local.servers import LocalServers
from src.platform.doors import tokens
from src.platform.kit import clock
from src.platform.workdays.calendar import week_of
from tests.attack.machine import STAFF, WORD, Incident, Referral, Stage
from tests.support import doors
from tests.support.eyes import differing, seen_by
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.mail import proved
from tests.support.meetings import HELD
from tests.support.people import Person, Region, hire
from tests.support.post import PostOffice, working
from tests.support.queue import dead_or_failed, drain
from tests.support.referrals import HELP, WEEKLY, agreed, looked_and_sent
from tests.support.twins import twin
from tests.web.test_every_route import filled, routes

RUNS, STEPS = 60, 30
SCHOOLS = ("alma", "orik", "zhuzim")
CALM = {"harmed": "no", "harm_danger": "no"}
school, other = st.sampled_from(SCHOOLS), st.sampled_from(SCHOOLS)
choice = st.integers(0, 1_000_000)
EVERYBODY = [
    *((one, name) for one in SCHOOLS for name in STAFF),
    ("alma", "timur"),
    ("alma", "zhanna"),
    ("alma", "asel"),
]


class Tenants(RuleBasedStateMachine):
    """One region that goes on living from run to run; each run adds steps in another order."""

    stage: ClassVar[Stage]
    loop: ClassVar[asyncio.AbstractEventLoop]
    incidents: ClassVar[list[Incident]]
    referrals: ClassVar[list[Referral]]
    heads: ClassVar[dict[str, Person]]
    faults: ClassVar[list[Exception]]
    slugs: ClassVar[dict[str, str]]
    is_whole: ClassVar[bool]
    begun: ClassVar[int] = 0

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop).result(600)
        except Exception as fault:
            Tenants.faults.append(fault)
            raise

    @initialize()
    def begin(self) -> None:
        Tenants.begun += 1
        self.implicated = not self.is_whole or Tenants.begun % 3 > 0
        doors.forget_uses(self.stage.database)

    def _one(self, key: str, number: int) -> Incident | None:
        known = [one for one in self.incidents if one.school == key][-6:]
        return known[number % len(known)] if known else None

    @rule(key=school)
    def report(self, key: str) -> None:
        self.wait(self._report(key))

    async def _report(self, key: str) -> Incident:
        marat = await self.stage.client(key, "marat")
        told = {"description": f"ұрды {self.stage.word(key)}", "who": self.stage.word(key), **CALM}
        assert (await marat.act("/report", told)).status_code == 303
        query = "select id, number from incident where tenant_id = %s order by reported_at desc, id desc limit 1"
        ((found, number),) = rows(self.stage.database, query, self.stage.tenant(key))
        made = Incident(key, str(found), number=str(number))
        self.incidents.append(made)
        return made

    @rule(key=school)
    def report_without_an_account(self, key: str) -> None:
        self.wait(self._door(key))

    async def _door(self, key: str) -> None:
        door = f"/s/{self.slugs[key]}"
        answer = await doors.tell(self.stage.browser.visitor(), self.stage.word(key), door=door)
        assert answer.status_code == 200, answer.text
        elsewhere = next(one for one in SCHOOLS if one != key)
        receipts = [
            await doors.receipt(self.stage.browser.visitor(), code, door=f"/s/{self.slugs[elsewhere]}")
            for code in (answer.json()["code"], tokens.code_of(secrets.token_bytes(16)))
        ]
        assert receipts[0].status_code == receipts[1].status_code == 422, [one.text for one in receipts]
        assert receipts[0].content == receipts[1].content

    @rule(key=school, number=choice)
    def go_on(self, key: str, number: int) -> None:
        if (one := self._one(key, number)) is not None:
            self.wait(self._next_step(one))

    async def _next_step(self, one: Incident) -> None:
        steps = (self._name, self._triage, self._screen, self._start, self._hear, self._finish, self._classify)
        if one.step < len(steps):
            answer = await steps[one.step](one)
            assert answer.status_code == 303, (one, answer.text)
            one.step += 1

    async def _version(self, one: Incident) -> int:
        saule = await self.stage.client(one.school, "saule")
        return int((await saule.get(f"/incidents/{one.id}")).json()["version"])

    async def _act(self, one: Incident, who: str, verb: str, **body: Any) -> Any:
        client = await self.stage.client(one.school, who)
        return await client.act(f"/incidents/{one.id}/{verb}", {"version": await self._version(one), **body})

    async def _name(self, one: Incident) -> Any:
        child, one.names = await self.stage.child(one.school)
        client = await self.stage.client(one.school, "aigerim")
        named = {"person_id": child, "involvement": "victim", "kind": "student"}
        return await client.act(f"/incidents/{one.id}/people", named)

    async def _triage(self, one: Incident) -> Any:
        return await self._act(one, "saule", "triage", harmed=False, harm_danger=False, place="toilet")

    async def _screen(self, one: Incident) -> Any:
        who = [str(self.stage.schools[one.school].aigerim.membership_id)]
        return await self._act(one, "saule", "screen", investigators=who)

    async def _start(self, one: Incident) -> Any:
        return await self._act(one, "aigerim", "start")

    async def _hear(self, one: Incident) -> Any:
        client, answer = await self.stage.client(one.school, "aigerim"), None
        for person in (await client.get(f"/incidents/{one.id}")).json()["to_hear"]:
            talk = {person["field"]: person["id"], "held_at": HELD, "notes": self.stage.word(one.school)}
            answer = await client.act(f"/incidents/{one.id}/hear", talk)
            assert answer.status_code == 303, answer.text
        return answer

    async def _finish(self, one: Incident) -> Any:
        return await self._act(one, "aigerim", "finish", findings=self.stage.word(one.school))

    async def _classify(self, one: Incident) -> Any:
        team = [str(self.stage.schools[one.school].people[who].membership_id) for who in ("saule", "aigerim", "gulnar")]
        client = await self.stage.client(one.school, "aigerim")
        people = (await client.get(f"/incidents/{one.id}")).json()["people"]
        decided = {"attended": team, "outcome": "confirmed_violence", "held_at": HELD}
        texts = {"safety_measures": self.stage.word(one.school), "minutes": self.stage.word(one.school)}
        levels = {f"level-{person['id']}": "at_risk" for person in people}
        answer = await self._act(one, "saule", "classify", **decided, **texts, **levels)
        await drain()
        found = rows(self.stage.database, "select id from child_case where incident_id = %s", one.id)
        if found:
            one.case = str(found[0][0])
            manager = {"version": 1, "manager": str(self.stage.schools[one.school].aigerim.membership_id)}
            saule = await self.stage.client(one.school, "saule")
            assert (await saule.act(f"/cases/{one.case}/manager", manager)).status_code == 303
        return answer

    @rule(key=school, number=choice)
    def ask_and_answer(self, key: str, number: int) -> None:
        if (one := self._one(key, number)) is not None:
            self.wait(self._ask(one))

    async def _ask(self, one: Incident) -> None:
        aigerim, marat = [await self.stage.client(one.school, who) for who in ("aigerim", "marat")]
        reports = (await aigerim.get(f"/incidents/{one.id}")).json().get("reports") or []
        if not reports:
            return
        asked = {"report_id": reports[0]["id"], "text": self.stage.word(one.school)}
        if (await aigerim.act(f"/incidents/{one.id}/ask", asked)).status_code != 303:
            return
        told = {"report_id": reports[0]["id"], "text": self.stage.word(one.school)}
        assert (await marat.act("/my-reports/answer", told)).status_code in (303, 404, 409, 422)

    @rule(key=school, number=choice, foreign=other, another=choice)
    def link(self, key: str, number: int, foreign: str, another: int) -> None:
        """Inside a school it may work; with the number of another school's incident it answers as with none."""
        one, two = self._one(key, number), self._one(foreign, another)
        if one is None or two is None or one is two:
            return
        if key == foreign:
            answer = self.wait(self._act(one, "gulnar", "link", into=two.number))
            one.step = 99 if answer.status_code == 303 else one.step
            return
        answers = [self.wait(self._act(one, "gulnar", "link", into=into)) for into in (two.number, "000000")]
        known = {row.number for row in self.incidents if row.school == key}
        if two.number not in known:
            assert [answers[0].status_code, answers[0].content] == [answers[1].status_code, answers[1].content]

    @rule(key=school, number=choice, partner=st.sampled_from(["umit", "commission"]))
    def refer(self, key: str, number: int, partner: str) -> None:
        ready = [one for one in self.incidents if one.school == key and one.case]
        if ready:
            self.wait(self._refer(ready[number % len(ready)], partner))

    async def _refer(self, one: Incident, partner: str) -> None:
        reason, manager = self.stage.word(one.school, partner), await self.stage.client(one.school, "aigerim")
        self.stage.tell(one.names[1], partner)
        if partner == "commission":
            self.stage.tell(one.names[0], partner)
        place = self.stage.schools[one.school].organisations[partner]
        body = {"recipients": f"{place}.counselling", "reason": reason, "read_for_identities": True, "consent": True}
        more = HELP if partner == "commission" else {}
        answer = await looked_and_sent(manager, f"/cases/{one.case}/refer", body | more)
        if answer.status_code == 303:
            await drain()
            self.referrals.append(Referral(one.school, answer.headers["location"], partner))

    @rule(number=choice)
    def partner_works(self, number: int) -> None:
        if self.referrals:
            self.wait(self._partner_works(self.referrals[number % len(self.referrals)]))

    async def _partner_works(self, one: Referral) -> None:
        who = await self.stage.client(one.school, "timur" if one.partner == "umit" else "zhanna")
        if not one.accepted:
            answer = await who.act(f"{one.path}/accept", {"version": 1})
            assert answer.status_code == 303, answer.text
            one.accepted = True
        elif one.partner == "umit" and one.weeks == 0:
            week = week_of(clock.local_date(clock.now()))
            work = self.stage.word("umit", one.school)
            reported = await who.act(f"{one.path}/weeks", {**WEEKLY, "week": week, "work_done": work})
            assert reported.status_code == 303, reported.text
            assert (await who.act(f"{one.path}/notes", {"text": self.stage.word("umit")})).status_code == 303
            one.weeks = 1
        else:
            opened = await who.act(f"{one.path}/open")
            assert opened.status_code == 200, opened.text
        await drain()

    @rule(key=school)
    def letter(self, key: str) -> None:
        self.wait(self._letter(key))

    async def _letter(self, key: str) -> None:
        asel, daulet = [await self.stage.client(key, who) for who in ("asel", "daulet")]
        told = {"school": str(self.stage.tenant(key)), "subject": "meetings", "text": self.stage.word("city", key)}
        sent = await asel.act("/letters/new", told | {"read": True})
        assert sent.status_code == 303, sent.text
        body = {"version": 1, "text": self.stage.word(key, "city"), "read": True}
        answered = await daulet.act(f"{sent.headers['location']}/answer", body)
        assert answered.status_code == 303, answered.text
        await drain()

    @rule(who=st.sampled_from(EVERYBODY), number=choice, foreign=other)
    def look_around(self, who: tuple[str, str], number: int, foreign: str) -> None:
        """Somebody opens pages and lists, with ids of whatever school."""
        self.wait(self._look(who, number, foreign))

    async def _look(self, who: tuple[str, str], number: int, foreign: str) -> None:
        client, reads = await self.stage.client(*who), _reads()
        one = self._one(foreign, number)
        for step in range(12):
            path = reads[(number + step * 37) % len(reads)]
            answer = await client.get(filled(path, one.id if one else number), headers=HTML if step % 2 else {})
            assert answer.status_code < 500, path
        for path in LISTS:
            assert (await client.get(path)).status_code < 500, path

    @rule(who=st.sampled_from(EVERYBODY), number=choice, foreign=other)
    def search(self, who: tuple[str, str], number: int, foreign: str) -> None:
        """A name of another school is found by nobody, and nothing is handed back that was not typed."""
        one = self._one(foreign, number)
        if one is None or not one.names or foreign == who[0]:
            return
        client = self.wait(self.stage.client(*who))
        answer = self.wait(client.act("/people", {"text": one.names[0]}))
        assert answer.status_code in (200, 403), answer.text
        assert answer.status_code == 403 or answer.json()["found"] == []

    @rule(who=st.sampled_from(EVERYBODY), number=choice, foreign=other, names=st.booleans())
    def export(self, who: tuple[str, str], number: int, foreign: str, names: bool) -> None:
        self.wait(self._export(who, self._one(foreign, number), "yes" if names else "no", number))

    async def _export(self, who: tuple[str, str], one: Incident | None, names: str, number: int) -> None:
        client = await self.stage.client(*who)
        if one is not None:
            form = await client.act(f"/incidents/{one.id}/form-d", {"language": "kk", "names": names})
            assert form.status_code in ((200, 403, 404, 422) if one.school == who[0] else (403, 404)), form.text
            assert (await client.act(f"/incidents/{one.id}/names")).status_code < 500
        if number % 3 == 0:
            for path in ("/city/xlsx", "/city/partners/xlsx"):
                assert (await client.act(path)).status_code in (200, 403, 422), path
        if self.referrals:
            referral = self.referrals[number % len(self.referrals)]
            assert (await client.act(f"{referral.path}/form-k", {"language": "kk"})).status_code < 500
            assert (await client.act(f"{referral.path}/open")).status_code in (200, 403, 404, 409)

    @rule(key=school, steps=st.integers(2, 6))
    def a_head_is_accused(self, key: str, steps: int) -> None:
        """What is hidden from its head leaves the head's world as it was, to the byte (X1); in every third run, it is long."""
        if not self.implicated:
            self.implicated = True
            self.wait(self._accused(key, steps))

    async def _accused(self, key: str, steps: int) -> None:
        head, browser = self.heads[key], self.stage.browser
        await drain()
        await seen_by(browser, head, key, pages=False)  # what is new to them is read
        await drain()
        never = "00000000-0000-7000-8000-000000000000"
        before = await seen_by(browser, head, never)
        one = await self._report(key)
        aigerim = await self.stage.client(key, "aigerim")
        named = {"person_id": str(head.person_id), "involvement": "alleged_offender", "kind": "employee"}
        assert (await aigerim.act(f"/incidents/{one.id}/people", named)).status_code == 303
        for _ in range(steps):
            await self._next_step(one)
        await drain()
        after = await seen_by(browser, head, one.id)
        one.step = 99  # its persons are decided about elsewhere
        apart = sorted(differing(before, after))
        told = [*unified_diff(before[apart[0]][1].split(","), after[apart[0]][1].split(","), n=1)] if apart else []
        assert (apart, told[:40]) == ([], [])

    def teardown(self) -> None:
        assert self.stage.leaks == []


LISTS = ("/incidents", "/cases", "/referrals", "/messages", "/my-reports", "/obligations", "/inbox", "/letters", "/")


def _reads() -> list[str]:
    return [path for method, path, handler in routes() if method == "GET" and handler.opt.get("permission")]


@pytest.fixture(scope="module")
def post(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    with working(tmp_path_factory.mktemp("post")) as office:
        yield office


@pytest.fixture(scope="module")
async def stage(region: Region, browser: Browser, database: str, post: PostOffice) -> Stage:
    schools = {"alma": region, "orik": await twin(region, "orik"), "zhuzim": await twin(region, "zhuzim")}
    made = Stage(schools, browser, database)
    Tenants.slugs = {"alma": "mek12", "orik": "orik", "zhuzim": "zhuzim"}
    Tenants.heads = {}
    for key, seen in schools.items():
        await doors.opened(browser, seen)
        await agreed(browser, seen, fields=("given_name",))
        Tenants.heads[key] = await hire("erlan", made.tenant(key), ("school_director", "team_coordinator"))
        await proved(browser, post, seen.aigerim)
        await seen_by(browser, Tenants.heads[key], key, pages=False)
    for person in (region.timur, region.zhanna):
        await proved(browser, post, person)
    await made.people()
    return made


def stored(database: str, servers: LocalServers, printed: str) -> dict[str, str]:
    """Everything that lies somewhere: tables, Valkey, what was printed, the log of the server."""
    with psycopg.connect(database) as admin:
        query = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        whole = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        found = {
            name: str(admin.execute(whole.format(sql.Identifier(name))).fetchone())
            for (name,) in admin.execute(query).fetchall()
        }
    queue = redis.Redis.from_url(servers.redis_url)
    found["valkey"] = str([(key, queue.dump(key)) for key in queue.keys()])  # noqa: SIM118  # a client, not a dict
    found["printed"], found["log"] = printed, (servers.folder / "postgres.log").read_text()
    return found


async def play(stage: Stage, *, runs: int, steps: int) -> None:
    Tenants.stage, Tenants.loop = stage, asyncio.get_running_loop()
    Tenants.faults = []
    Tenants.incidents, Tenants.referrals, Tenants.is_whole = [], [], runs == RUNS
    calm = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a region cannot be put back for a shorter example
    )
    run = asyncio.to_thread(run_state_machine_as_test, Tenants, settings=calm)
    (said,) = await asyncio.gather(run, return_exceptions=True)
    if isinstance(said, BaseException):  # a region goes on living: what failed is told as it was, not played again
        raise next(iter(Tenants.faults), said) from None
    await drain()


@pytest.mark.parametrize(
    ("runs", "steps"),
    [pytest.param(5, 15, marks=pytest.mark.crawl), pytest.param(RUNS, STEPS, marks=pytest.mark.trust)],
)
async def test_s_11_whatever_happens_in_whatever_order_no_word_of_a_school_crosses_over(
    stage: Stage,
    post: PostOffice,
    database: str,
    servers: LocalServers,
    capfd: pytest.CaptureFixture[str],
    runs: int,
    steps: int,
) -> None:
    for key in SCHOOLS:
        await read_at_home(stage, key)
    await play(stage, runs=runs, steps=steps)
    assert stage.leaks == []
    assert dead_or_failed(database) == []
    for place, text in stored(database, servers, "".join(capfd.readouterr())).items():
        assert WORD.findall(text) == [], place
    letters = [f"{one.mail} {one.text}" for one in post.letters]
    assert [one for one in letters if WORD.search(one)] == []
    assert stage.answers > runs * 10


async def read_at_home(stage: Stage, key: str) -> None:
    """A word is there to be seen by its own school, so that a watch that sees nothing is noticed."""
    marat, saule, seen = await stage.client(key, "marat"), await stage.client(key, "saule"), stage.seen
    assert (await marat.act("/report", {"description": stage.word(key), **CALM})).status_code == 303
    (newest, *_) = (await saule.get("/incidents")).json()["rows"]
    assert (await saule.get(f"/incidents/{newest['id']}")).status_code == 200
    assert stage.seen > seen


@pytest.mark.crawl
async def test_s_11_the_watch_itself_bites(stage: Stage) -> None:
    """A word that another school is handed, in a page, an address or a spreadsheet, is seen."""
    spoken = stage.word("alma")
    client = await stage.client("orik", "marat")
    await client.get(f"/incidents/filters?x={spoken}", follow_redirects=False)
    assert [leak[0] for leak in stage.leaks] == ["orik"]
    own = await stage.client("alma", "marat")
    await own.get(f"/report?x={spoken}")
    assert len(stage.leaks) == 1
    stage.leaks.clear()
