"""Decisions 6: a row of two organisations is neither stolen, moved, deleted nor written for the other one of them.

Every table that declares itself `two_party` is tried; a new one is tried as soon as a world has a row in it.
"""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from src.platform.db.base import Base
from src.platform.db.context import TenantContext
from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.workdays.calendar import week_of
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.world import lived

pytestmark = pytest.mark.trust

ATTACKS = {
    "swap": "update {table} set tenant_id = peer_tenant_id, peer_tenant_id = tenant_id where id = %(id)s",
    "steal": "update {table} set tenant_id = ctx_tenant() where id = %(id)s",
    "hand on": "update {table} set peer_tenant_id = %(third)s where id = %(id)s",
    "rename": "update {table} set id = gen_random_uuid() where id = %(id)s",
    "delete": "delete from {table} where id = %(id)s",
    "empty": "truncate {table}",
    "trigger": "alter table {table} disable trigger all",
}


def tables() -> list[str]:
    return sorted(one.class_.__tablename__ for one in Base.registry.mappers if one.class_.__tenancy__ == "two_party")


def attacked(tenant: UUID, statement: sql.Composed, **values: Any) -> str:
    """Run a statement as the application in an organisation, in a transaction that is undone; how it was refused."""
    with psycopg.connect(settings().role_url("qorgan_app").replace("+psycopg", "")) as app:
        app.execute(
            "select set_config('qorgan.ctx', %s, true)", (TenantContext(tenant).signed(settings().key("context")),)
        )
        try:
            done = app.execute(statement, values).rowcount
        except psycopg.Error as refused:
            return refused.sqlstate or "refused"
        finally:
            app.rollback()
    return f"{done} rows"


async def test_decision_6_no_side_and_no_third_can_take_a_row_that_two_have(
    region: Region, browser: Browser, database: str
) -> None:
    await _lived(region, browser, database)
    third, done, tried = region.organisations["school45"], [], set()
    for table in tables():
        query = sql.SQL("select id, tenant_id, peer_tenant_id from {} limit 1").format(sql.Identifier(table))
        for row, author, peer in rows(database, query):
            tried.add(table)
            for who, tenant in (("author", author), ("peer", peer), ("third", third), ("nobody", uuid4())):
                for attack, text in ATTACKS.items():
                    statement = sql.SQL(text).format(table=sql.Identifier(table))
                    answer = attacked(tenant, statement, id=row, third=third)
                    if answer not in ("42501", "P0001", "23514", "0 rows"):
                        done.append((table, who, attack, answer))
                read = sql.SQL("select from {} where id = %(id)s").format(sql.Identifier(table))
                seen = attacked(tenant, read, id=row)
                assert seen == ("1 rows" if who in ("author", "peer") else "0 rows"), (table, who, seen)
            copy = sql.SQL("insert into {0} select (t).* from (select t from {0} t where id = %(id)s) x").format(
                sql.Identifier(table)
            )
            assert attacked(peer, copy, id=row) == "42501", table  # written in the name of the other
    assert done == []
    assert set(tables()) == tried


async def _lived(region: Region, browser: Browser, database: str) -> None:
    """The world of the tests, and what it lacks: a link, an opening, a danger that was told, an ending."""
    world = await lived(region, browser, database)
    path = world.fill("/referrals/{referral_id:uuid}")
    timur, aigerim = await browser(region.timur), await browser(region.aigerim)
    week = {"week": week_of(clock.local_date(clock.now()))}
    ((asked,),) = rows(database, "select id from referral where id <> %s", world.ids["referral_id"])
    assert (await aigerim.act(f"/referrals/{asked}/links", week)).status_code == 200
    assert (await timur.act(f"{path}/open")).status_code == 200
    assert (await timur.act(f"{path}/danger", {"text": "қорқады"})).status_code == 303
    await drain()
    ended = {"version": (await timur.get(path)).json()["version"], "ending": "completed", "text": "бітті"}
    assert (await timur.act(f"{path}/complete", ended)).status_code == 303
    await drain()
