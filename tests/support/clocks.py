"""Steps with clocks that several tests need, over HTTP by the named people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Person
from tests.support.queue import set_clock

NO = {"harmed": "no", "harm_danger": "no"}
QUARTERS = [
    {"number": 1, "first": "2026-09-01", "last": "2026-10-25"},
    {"number": 2, "first": "2026-11-02", "last": "2026-12-28"},
    {"number": 3, "first": "2027-01-08", "last": "2027-03-18"},
    {"number": 4, "first": "2027-03-30", "last": "2027-05-25"},
]


def moment(day: date | str, hour: int = 10, minute: int = 0) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL_ZONE)


@contextmanager
def real_time_again(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


def clock_id(database: str, subject: str, code: str, period: str = "") -> str:
    query = "select id from obligation where subject_id = %s and code = %s and period = %s order by id desc limit 1"
    return str(rows(database, query, subject, code, period)[0][0])


async def shown(browser: Browser, person: Person, clock: str) -> Any:
    answer = await (await browser(person)).get(f"/clocks/{clock}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def on_clock(browser: Browser, person: Person, clock: str, verb: str, **body: Any) -> Any:
    version = body.pop("version", None) or (await shown(browser, person, clock))["version"]
    return await (await browser(person)).act(f"/clocks/{clock}/{verb}", {"version": version, **body})


def audited(database: str, action: str, clock: str) -> list[Any]:
    query = "select actor_id, detail->>'code' from audit_log where action = %s and %s = any (record_ids)"
    return rows(database, query, action, clock)


def entered(database: str) -> None:
    """Somebody enters the school year of the fixture."""
    with psycopg.connect(database) as admin:
        row = ("2026-2027", Jsonb(QUARTERS), "fixture")
        admin.execute("insert into school_year (code, quarters, act) values (%s, %s, %s) on conflict do nothing", row)
