"""A quarter is counted anew, school by school: the same numbers, or the right ones where an event was lost (ADR 31)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import classified, rows
from tests.support.longwork import audited, step, waiting
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

QUARTER = 20264
_CHILDREN = "select * from oversight_children order by 1, 2, 3, 4"
_CLOCKS = "select * from oversight_process where month between 202610 and 202612 order by 1, 2, 3"
_NEXT = "select id, target_tenant from outbox where actor = 'oversight.recount' and done_at is null"


@pytest.fixture(autouse=True)
async def as_it_was(database: str) -> AsyncIterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


def kept(database: str) -> tuple[list[Any], list[Any]]:
    return rows(database, _CHILDREN), rows(database, _CLOCKS)


async def test_r_066_a_quarter_counted_anew_has_the_same_numbers_and_heals_what_was_lost(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 11, 21, 12, tzinfo=LOCAL_ZONE))
    asel, daulet = await browser(region.asel), await browser(region.daulet)
    await classified(browser, region, {"victim": "at_risk"})
    refused = await asel.act("/statistics/recount", {"quarter": QUARTER})
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "too_early")
    set_clock(database, datetime(2027, 2, 15, 12, tzinfo=LOCAL_ZONE))
    await drain()
    before = kept(database)
    assert all(before)
    assert (await daulet.act("/statistics/recount", {"quarter": QUARTER})).status_code == 403
    work = (await asel.act("/statistics/recount", {"quarter": QUARTER})).headers["location"]
    assert (await asel.act("/statistics/recount", {"quarter": QUARTER})).headers["location"] == work
    await step(database)
    view = (await asel.get(work)).json()
    assert (view["state"], view["done"], view["total"]) == ("running", 0, 2)
    assert "Санаған мектептер: 0 / 2" in (await asel.page(work)).text
    ((_call, school),) = rows(database, _NEXT)
    assert school in (region.organisations["school12"], region.organisations["school45"])
    assert (await asel.act(f"{work}/cancel")).status_code == 303
    await drain()  # the school counts all the same, and the work does not go on
    view = (await asel.get(work)).json()
    assert (view["state"], view["done"], waiting(database)) == ("cancelled", 0, [])
    assert kept(database) == before

    rows(database, "delete from oversight_children returning 1")
    rows(database, "update oversight_process set missed = missed + 1 where month = 202611 returning 1")
    assert (await asel.act(f"{work}/go-on")).status_code == 303
    await drain()
    view = (await asel.get(work)).json()
    assert (view["state"], view["done"]) == ("done", 2)
    assert kept(database) == before
    assert dead_or_failed(database) == []
    assert [actor for actor, _detail in audited(database, "long_work.done", work)] == [region.asel.user_id]
    told = "select tenant_id, detail from audit_log where action = 'oversight.recounted'"
    schools = [tenant for tenant, detail in rows(database, told) if detail == {"quarter": QUARTER}]
    assert set(schools) == {region.organisations["school12"], region.organisations["school45"]}
    assert len(schools) == 3, "one of them twice: the first time of it did not count"
    made = (await asel.act("/statistics", {"quarter": QUARTER})).headers["location"]
    await drain()
    assert (await asel.get(made)).json()["state"] == "done"
    assert (await asel.act("/statistics/recount", {"quarter": QUARTER})).status_code == 409
