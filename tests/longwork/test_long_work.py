"""What is the same for every kind of long work (ADR 31)."""

import asyncio

import pytest

from src.platform.families.whole_school import KIND
from src.platform.longwork import kinds
from src.platform.longwork.errors import NotNowError
from src.platform.longwork.states import LIVING, TRANSITIONS, advance
from tests.support.families import child, class_of
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.longwork import audited, step, waiting
from tests.support.meetings import gone
from tests.support.people import Region, hire
from tests.support.queue import drain

_ACCOUNTS = "select count(*) from audit_log where action = 'family_account.given'"


def test_what_has_ended_is_not_cancelled_and_what_lives_does_not_go_on() -> None:
    for state in ("waiting", "running", "done", "failed", "cancelled"):
        for event in ("step", "finish", "fail", "cancel", "go_on"):
            if (state, event) in TRANSITIONS:
                assert (event == "go_on") != (state in LIVING)
            else:
                with pytest.raises(NotNowError):
                    advance(state, event)
    assert all(state != "done" for state, _event in TRANSITIONS)


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match=KIND.name):
        kinds.register(KIND)
    assert kinds.of(KIND.name) is KIND
    assert KIND.name not in kinds.shared_with(lambda _permission: True), "files are for who asked"
    assert kinds.shared_with(lambda _permission: False) == []


async def test_two_presses_at_once_are_one_work_and_an_older_one_does_not_go_on_beside_it(
    browser: Browser, region: Region, database: str
) -> None:
    await class_of(browser, region, database, "3А", child(900, "3А"))
    saule = await browser(region.saule)
    pressed = await asyncio.gather(*(saule.act("/class-papers/all") for _ in range(4)))
    assert {one.status_code for one in pressed} == {303}
    (work,) = {one.headers["location"] for one in pressed}
    assert len(waiting(database)) == 1
    assert len(audited(database, "long_work.begun", work)) == 1
    assert (await saule.act(f"{work}/cancel")).status_code == 303
    second = (await saule.act("/class-papers/all")).headers["location"]
    assert second != work
    assert (await saule.act(f"{work}/go-on")).status_code == 409
    assert (await saule.act(f"{second}/cancel")).status_code == 303
    await drain()
    for address in (work, second):
        assert (await saule.get(address)).json()["state"] == "cancelled"


async def test_s_23_who_has_left_gets_no_further_step(browser: Browser, region: Region, database: str) -> None:
    await class_of(browser, region, database, "4А", child(901, "4А"))
    other = await hire("saule", region.organisations["school12"], ("deputy_upbringing",))
    client, before = await browser(other), rows(database, _ACCOUNTS)
    work = (await client.act("/class-papers/all")).headers["location"].rpartition("/")[2]
    gone(database, other)
    await step(database)
    assert rows(database, "select state, done from long_work where id = %s", work) == [("failed", 0)]
    assert (rows(database, _ACCOUNTS), waiting(database)) == (before, [])
    assert audited(database, "long_work.failed", work) == [(None, {"kind": "papers_with_codes", "done": 0})]
    await drain()
