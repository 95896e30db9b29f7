"""S-36 as a state machine over HTTP: a record opens exactly while somebody's glass is broken, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from tests.grants.machine import Asked, Stage, expected_of_decision, expected_of_withdrawal, play
from tests.support.clocks import real_time_again
from tests.support.grants import incident_with
from tests.support.http import Browser
from tests.support.incidents import name, rows
from tests.support.meetings import gone
from tests.support.people import Region, hire

ASKERS = ("alone", "deputy", "gulnar")
EVERYBODY = (*ASKERS, "daulet", "saule", "bota")


@pytest.fixture(scope="module")
async def stage(region: Region, browser: Browser, database: str) -> AsyncIterator[Stage]:
    """One incident; a member of the team is accused in it, and a teacher without incidents looks on."""
    school = region.organisations["school12"]
    hired = {
        "alone": await hire("erlan", school, ("psychologist",)),
        "deputy": await hire("timur", school, ("deputy_upbringing",)),
    }
    incident, number, _ = await incident_with(browser, region)
    await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    people = hired | {one: region.people[one] for one in ("gulnar", "daulet", "saule", "bota")}
    deciders = frozenset({"alone", "deputy", "daulet", "saule"})
    with real_time_again(database):
        Glass.incident, Glass.number = incident, number
        Glass.stage = Stage(browser, database, people, deciders, asyncio.get_running_loop())
        yield Glass.stage
    gone(database, *hired.values())


class Glass(RuleBasedStateMachine):
    stage: ClassVar[Stage]
    incident: ClassVar[str]
    number: ClassVar[str]
    requests = Bundle("requests")

    @initialize(target=requests, who=st.sampled_from(("alone", "deputy")))
    def long_after(self, who: str) -> Any:
        """What was broken before is closed; one glass is broken from the first step on."""
        self.stage.later(timedelta(hours=80))
        self.asked: list[Asked] = []
        first = self.asks(who, 12)
        self.decide(first, "saule", "agree")
        return first

    @rule(target=requests, who=st.sampled_from(ASKERS), hours=st.sampled_from((1, 24)))
    def somebody_asks(self, who: str, hours: int) -> Any:
        return self.asks(who, hours)

    def asks(self, who: str, hours: int) -> Any:
        sent = {"record": self.number, "purpose": "danger_now", "reason": "Ешкім жоқ", "hours": hours}
        waiting = sum(one.asker == who and one.state(self.stage.now()) in ("asked", "half") for one in self.asked)
        answer = self.stage.act(who, "/glass", sent)
        if waiting >= 10:
            assert answer.status_code == 409
            return None
        assert answer.status_code == 303, answer.text
        asked = Asked(answer.headers["location"], who, 1, hours, self.stage.now(), who != "gulnar")
        self.asked.append(asked)
        return asked

    @rule(one=requests, who=st.sampled_from(EVERYBODY), verb=st.sampled_from(("agree", "agree", "refuse")))
    def somebody_decides(self, one: Any, who: str, verb: str) -> None:
        self.decide(one, who, verb)

    def decide(self, asked: Any, who: str, verb: str) -> None:
        if asked is None:
            return
        wanted = expected_of_decision(asked, who, verb, self.stage, asked.state(self.stage.now()))
        answer = self.stage.act(who, f"{asked.path}/{verb}", {"version": asked.version})
        assert answer.status_code == wanted, (who, verb, asked, answer.text)
        if wanted == 303:
            asked.version += 1
            if verb == "refuse":
                asked.closed = "refused"
            else:
                asked.since = self.stage.now()

    @rule(one=requests, who=st.sampled_from(EVERYBODY))
    def withdraw(self, one: Any, who: str) -> None:
        if one is None:
            return
        wanted = expected_of_withdrawal(one, who, self.stage, one.state(self.stage.now()))
        answer = self.stage.act(who, f"{one.path}/withdraw", {"version": one.version})
        assert answer.status_code == wanted, (who, one, answer.text)
        if wanted == 303:
            one.version, one.closed = one.version + 1, "withdrawn"

    @rule(who=st.sampled_from(ASKERS))
    def look(self, who: str) -> None:
        now = self.stage.now()
        is_open = any(one.asker == who and one.resolved and one.state(now) == "open" for one in self.asked)
        answer = self.stage.look(who, f"/incidents/{self.incident}")
        assert answer.status_code == (200 if is_open else 404), (who, self.asked, answer.text)
        self.stage.count("seen" if is_open else "hidden")

    @rule(by=st.sampled_from((1, 11, 23)))
    def time_passes(self, by: int) -> None:
        self.stage.later(timedelta(hours=by))


async def tried(stage: Stage, database: str, examples: int, steps: int, *, derandomize: bool) -> None:
    await play(Glass, examples, steps, derandomize=derandomize)
    wrong = "select count(*) from access_grant where asked_by = first_by or ends_at - starts_at > interval '24 hours'"
    assert rows(database, wrong) == [(0,)]
    assert stage.done["seen"]
    assert stage.done["hidden"]


async def test_s_36_no_order_of_steps_opens_a_record_longer_than_its_glass(stage: Stage, database: str) -> None:
    await tried(stage, database, 8, 14, derandomize=True)


@pytest.mark.long
async def test_s_36_nor_do_many_orders(stage: Stage, database: str) -> None:
    await tried(stage, database, 100, 40, derandomize=False)
