"""The database keeps organisations apart; each promise of security.md is tried, not read."""

import asyncio
import hmac
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from src.platform.cli.local.servers import LocalServers
from src.platform.db import session as db_session
from src.platform.db.binding import Inside, Platform
from src.platform.db.catalogue import offences
from src.platform.db.context import TenantContext
from src.platform.db.engine import sessions
from src.platform.db.unit import unit
from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from src.platform.tenants.models import Membership
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.inside import inside
from tests.support.people import Region


def test_s_1_s_2_s_7_s_8_s_9_s_10_the_catalogue_has_no_offender(database: str) -> None:
    with psycopg.connect(settings().role_url("qorgan_app").replace("+psycopg", "")) as app:
        assert offences(app, metadata) == []


def test_s_1_an_unprotected_table_is_found(database: str) -> None:
    with psycopg.connect(database) as admin:
        admin.execute("create table stray (tenant_id uuid, id uuid, name text unique)")
        admin.execute("alter table membership no force row level security")
        found = " ".join(offences(admin, metadata))
        admin.rollback()
    assert "stray" in found
    assert "membership" in found


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from pg_stat_activity",
        "truncate membership",
        "alter table membership disable row level security",
        "update audit_log set action = 'x'",
        "delete from audit_log",
        "insert into audit_head values (gen_random_uuid(), 1, '')",
        "select * from ctx_key",
        "select ctx_sign('x')",
        "select * from outbox",
        "select * from begin_job(gen_random_uuid())",
    ],
)
def test_s_2_s_39_the_application_role_may_not(database: str, statement: str) -> None:
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    context = TenantContext(uuid4()).signed(settings().key("context"))  # without one everything is refused anyway
    with psycopg.connect(url) as app:
        app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)  # type: ignore[call-overload]


async def test_s_3_a_session_that_is_bound_to_nothing_raises_before_any_sql(region: Region) -> None:
    async with sessions()() as session:
        with pytest.raises(db_session.UnboundError):
            await session.execute(select(Membership))


async def test_s_3_the_region_binding_refuses_rows_of_organisations(region: Region) -> None:
    async with sessions()() as session:
        db_session.bind(session, Platform())
        with pytest.raises(db_session.UnboundError):
            await session.execute(select(Membership))
        with pytest.raises(DBAPIError) as refused:
            await session.execute(text("select * from membership"))
    assert refused.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


@pytest.mark.parametrize("forge", ["signature", "expired", "prolonged", "other_tenant", "garbage", "empty"])
async def test_s_5_a_forged_context_is_refused_by_the_database(region: Region, forge: str) -> None:
    good = TenantContext(region.organisations["school12"]).signed(settings().key("context"))
    tenant, user, expiry, digest = good.split("|")
    other_key = TenantContext(region.organisations["school12"])
    past = f"{tenant}|{user}|{int((clock.real_now() - timedelta(seconds=5)).timestamp())}"
    late = hmac.digest(settings().key("context"), past.encode(), sha256).hex()  # ours, and too old
    contexts = {
        "signature": f"{tenant}|{user}|{expiry}|{'0' * 64}",
        "expired": f"{past}|{late}",
        "prolonged": f"{tenant}|{user}|{int(expiry) + 3600}|{digest}",
        "other_tenant": f"{region.organisations['school45']}|{user}|{expiry}|{digest}",
        "garbage": other_key.signed(b"\0" * 32),
        "empty": "",
    }
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as app:
        await app.execute("select set_config('qorgan.ctx', %s, true)", (contexts[forge],))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await app.execute("select * from membership")


async def test_s_6_the_organisation_cannot_change_inside_a_transaction(region: Region) -> None:
    async with inside(region.organisations["school12"]) as work:
        with pytest.raises(db_session.RebindError):
            db_session.bind(work.session, Inside(TenantContext(region.organisations["school45"])))


async def test_s_4_interleaved_organisations_never_see_each_other(region: Region) -> None:
    schools = [region.organisations["school12"], region.organisations["school45"]]

    async def look(school: object) -> bool:
        async with unit(Inside(TenantContext(school))) as work:  # type: ignore[arg-type]
            rows = (await work.session.scalars(select(Membership.tenant_id))).all()
            return bool(rows) and set(rows) == {school}

    seen = await asyncio.gather(*(look(schools[n % 2]) for n in range(200)))
    assert all(seen)


async def test_s_7_a_parent_of_another_organisation_answers_like_a_random_one(region: Region) -> None:
    async with inside(region.organisations["school45"]) as work:
        foreign = await vault.add_person(work, "student", Identity(family_name="Бөтен", given_name="Бала"))
    states = []
    for person in (foreign, uuid4()):
        with pytest.raises(DBAPIError) as refused:
            async with inside(region.organisations["school12"]) as work:
                await work.session.execute(
                    text("insert into person_name_blind values (:t, 'x', :p)"),
                    {"t": region.organisations["school12"], "p": person},
                )
        states.append(refused.value.orig.sqlstate)  # type: ignore[union-attr]
    assert states[0] == states[1] == "23503"


async def test_s_59_a_failed_cast_leaves_no_value_in_the_log_of_the_server(
    region: Region, servers: LocalServers
) -> None:
    log = servers.folder / "postgres.log"
    async with inside(region.organisations["school12"]) as work:
        connection = await work.session.connection()
        with pytest.raises(DBAPIError):
            await connection.exec_driver_sql("select cast(%(name)s as int)", {"name": "canary-of-a-cast"})
        await work.session.rollback()
    assert log.exists()
    assert "canary-of-a-cast" not in log.read_text()
