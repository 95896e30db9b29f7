"""S-14 as a state machine over HTTP: no order of steps opens a name without the others' word, or after its end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from tests.grants.machine import Asked, Stage, expected_of_decision, expected_of_withdrawal, play
from tests.support.clocks import real_time_again
from tests.support.grants import ASKED, incident_with, proved, reporter_code
from tests.support.http import Browser
from tests.support.incidents import name, rows
from tests.support.people import Region

NAMES = {"victim": "Құпияев Жасырын", "reporter": "Muratov Marat"}
ASKERS = ("marat", "bota", "aigerim", "gulnar")
EVERYBODY = (*ASKERS, "daulet", "saule", "erlan")


@pytest.fixture(scope="module")
async def stage(region: Region, browser: Browser, database: str) -> AsyncIterator[Stage]:
    """One incident; a member of the team is accused in it, and a colleague of another school looks on."""
    incident, number, code = await incident_with(browser, region)
    codes = {"number": number, "victim": code, "reporter": await reporter_code(browser, region, incident)}
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    for one in EVERYBODY:
        await proved(browser, region.people[one], database)
    people = {one: region.people[one] for one in EVERYBODY}
    deciders = frozenset({"daulet", "saule", "aigerim"})
    with real_time_again(database):
        Names.stage, Names.codes = Stage(browser, database, people, deciders, asyncio.get_running_loop()), codes
        yield Names.stage


class Names(RuleBasedStateMachine):
    stage: ClassVar[Stage]
    codes: ClassVar[dict[str, str]]
    requests = Bundle("requests")

    @initialize(target=requests, who=st.sampled_from(("marat", "bota")), whom=st.sampled_from(sorted(NAMES)))
    def long_after(self, who: str, whom: str) -> Any:
        """What was asked before is over; one request is there from the first step on."""
        self.stage.later(timedelta(hours=80))
        self.asked: list[Asked] = []
        first = self.asks(who, whom, 24)
        self.one_more_agrees(first)
        return first

    @rule(
        target=requests,
        who=st.sampled_from(ASKERS),
        whom=st.sampled_from(sorted(NAMES)),
        hours=st.sampled_from((1, 24, 72)),
    )
    def somebody_asks(self, who: str, whom: str, hours: int) -> Any:
        return self.asks(who, whom, hours)

    def asks(self, who: str, whom: str, hours: int) -> Any:
        sent = {**ASKED, "number": self.codes["number"], "code": self.codes[whom], "hours": hours}
        waiting = sum(one.asker == who and one.state(self.stage.now()) in ("asked", "half") for one in self.asked)
        answer = self.stage.act(who, "/grants", sent)
        if waiting >= 10:
            assert answer.status_code == 409
            return None
        assert answer.status_code == 303, answer.text
        asked = Asked(
            answer.headers["location"], who, 2 if whom == "reporter" else 1, hours, self.stage.now(), who != "gulnar"
        )
        self.asked.append(asked)
        return asked, whom

    @rule(one=requests, who=st.sampled_from(EVERYBODY), verb=st.sampled_from(("agree", "agree", "refuse")))
    def somebody_decides(self, one: Any, who: str, verb: str) -> None:
        self.decide(one, who, verb)

    def decide(self, one: Any, who: str, verb: str) -> None:
        if one is None:
            return
        asked: Asked = one[0]
        wanted = expected_of_decision(asked, who, verb, self.stage, asked.state(self.stage.now()))
        answer = self.stage.act(who, f"{asked.path}/{verb}", {"version": asked.version})
        assert answer.status_code == wanted, (who, verb, asked, answer.text)
        if wanted != 303:
            return
        asked.version += 1
        if verb == "refuse":
            asked.closed = "refused"
            return
        asked.agreed.append(who)
        if len(asked.agreed) == asked.needed:
            asked.since = self.stage.now()
            self.stage.count("opened")

    @rule(one=requests)
    def another_agrees(self, one: Any) -> None:
        self.one_more_agrees(one)

    def one_more_agrees(self, one: Any) -> None:
        """Somebody who may: most orders that chance makes never open anything."""
        if one is None:
            return
        others = self.stage.deciders - {one[0].asker, *one[0].agreed}
        if others:
            self.decide(one, min(others), "agree")

    @rule(one=requests, who=st.sampled_from(EVERYBODY))
    def withdraw(self, one: Any, who: str) -> None:
        if one is None:
            return
        asked: Asked = one[0]
        wanted = expected_of_withdrawal(asked, who, self.stage, asked.state(self.stage.now()))
        answer = self.stage.act(who, f"{asked.path}/withdraw", {"version": asked.version})
        assert answer.status_code == wanted, (who, asked, answer.text)
        if wanted == 303:
            asked.version, asked.closed = asked.version + 1, "withdrawn"

    @rule(one=requests, by_asker=st.booleans(), who=st.sampled_from(EVERYBODY))
    def use(self, one: Any, by_asker: bool, who: str) -> None:
        if one is None:
            return
        asked, whom = one
        who = asked.asker if by_asker else who
        is_open = asked.state(self.stage.now()) == "open"
        answer = self.stage.act(who, f"{asked.path}/use", {})
        seen = who == asked.asker or (who in self.stage.deciders and asked.resolved)
        wanted = (200 if is_open else 403) if who == asked.asker else 403 if seen else 404
        assert answer.status_code == wanted, (who, asked, answer.text)
        assert (NAMES[whom] in answer.text) == (wanted == 200)
        self.stage.count("used" if wanted == 200 else "refused")

    @rule(by=st.sampled_from((1, 23, 48)))
    def time_passes(self, by: int) -> None:
        self.stage.later(timedelta(hours=by))


async def tried(stage: Stage, database: str, examples: int, steps: int) -> None:
    opened = rows(database, "select count(*) from audit_log where action = 'identity.read'")[0][0]
    await play(Names, examples, steps)
    used = stage.done.get("used", 0)
    assert rows(database, "select count(*) from audit_log where action = 'grant.used'") == [(used,)]
    assert rows(database, "select count(*) from audit_log where action = 'identity.read'") == [(opened + used,)]
    wrong = "select count(*) from access_grant where asked_by in (first_by, second_by) or first_by = second_by or ends_at - starts_at > interval '72 hours'"
    assert rows(database, wrong) == [(0,)]
    assert used
    assert stage.done["opened"]
    assert stage.done["refused"]


async def test_s_14_no_order_of_steps_opens_more_than_was_agreed(stage: Stage, database: str) -> None:
    await tried(stage, database, examples=10, steps=14)


@pytest.mark.long
async def test_s_14_nor_do_many_orders(stage: Stage, database: str) -> None:
    stage.done.clear()
    await play(Names, 100, 40, derandomize=False)
    assert stage.done["used"]
