"""S-27: how long an answer takes tells neither whether somebody is known nor whether they are blocked.

Measured in CPU time of the process (decisions 28): that of the machine around it would hide what it should show.
"""

import time
from statistics import median

import psycopg
import pytest

from tests.support.http import Browser
from tests.support.people import Region, hire

pytestmark = pytest.mark.trust

TRIES, MOST_APART = 200, 0.010


async def test_s_27_unknown_wrong_blocked_paper_and_slowed_down_answer_alike_and_as_fast(
    region: Region, browser: Browser, database: str
) -> None:
    people = [await hire("erlan", region.organisations["school45"], ("subject_teacher",)) for _ in range(3)]
    known, blocked, paper = people
    with psycopg.connect(database) as admin:
        admin.execute("update users set blocked_at = now() where id = %s", (blocked.user_id,))
        admin.execute(
            "update users set password_hash = %s where id = %s", (f"paper$9999999999${'0' * 64}", paper.user_id)
        )
    names = {
        "unknown": "nobody@qorgan.test",
        "wrong": known.sign_in,
        "blocked": blocked.sign_in,
        "paper": paper.sign_in,
    }
    took: dict[str, list[float]] = {one: [] for one in names}
    bodies, visitor = set(), browser.visitor()
    for _ in range(TRIES):  # interleaved: all meet the same machine
        for one, name in names.items():
            with psycopg.connect(database) as admin:
                admin.execute("delete from sign_in_attempt")
            began = time.process_time()
            answer = await visitor.post("/sign-in", json={"sign_in": name, "password": "wrong horse battery"})
            took[one].append(time.process_time() - began)
            bodies.add((answer.status_code, answer.content, str(sorted(answer.headers.items()))))
    assert len(bodies) == 1
    assert next(iter(bodies))[0] == 422
    times = {one: median(all_of) for one, all_of in took.items()}
    assert max(times.values()) - min(times.values()) < MOST_APART, times
