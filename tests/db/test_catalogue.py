"""Every promise of the catalogue is broken once: the check finds it, and no process starts on such a database."""

import psycopg
import pytest

from src.platform.db.catalogue import offences, refuse_unsafe
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from tests.support.commands import qorgan

LEAKY = "create function leak() returns bigint language sql security definer set search_path = {path} as 'select 1'"
BROKEN = {
    "S-1 not forced": ("alter table incident no force row level security", "row-level security is not forced"),
    "S-1 not enabled": ("alter table incident disable row level security", "row-level security is not forced"),
    "S-1 a new table": ("create table stray (tenant_id uuid, id uuid)", "no restrictive policy"),
    "S-1 no policy": ("drop policy incident_tenant on incident", "no restrictive policy"),
    "S-1 a policy that lets everything by": (
        "alter policy incident_tenant on incident using (tenant_id = (select ctx_tenant()) or true)",
        "no restrictive policy",
    ),
    "S-1 a policy that reads right and writes anywhere": (
        "alter policy incident_tenant on incident with check (true)",
        "no restrictive policy",
    ),
    "S-1 a policy for another role": (
        "alter policy incident_tenant on incident to qorgan_relay",
        "no restrictive policy",
    ),
    "S-1 the city reads reports": ("grant select on report to qorgan_oversight", "report to qorgan_oversight"),
    "S-2 powers": ("alter role qorgan_app createdb", "has powers"),
    "S-2 another role": ("grant pg_read_all_data to qorgan_relay", "qorgan_relay holds pg_read_all_data"),
    "S-2 ownership": ("alter table notification owner to qorgan_app", "owns a relation"),
    "S-2 a schema": ("grant create on schema public to qorgan_app", "create in the schema"),
    "S-2 truncate": ("grant truncate on report to qorgan_worker", "report to qorgan_worker"),
    "S-2 everybody": ("grant select on district to public", "everybody holds a right"),
    "S-2 counters": ("grant select on pg_stat_activity to qorgan_app", "reads pg_stat_activity"),
    "S-2 sequences": ("create sequence counted; grant select on counted to qorgan_app", "reads counted"),
    "S-7 a simple key": (
        "alter table report add unique (id); alter table incident add first_report uuid references report (id)",
        "not composite",
    ),
    "S-7 a cascade": (
        (
            "alter table report add constraint gone foreign key (tenant_id, incident_id) "
            "references incident (tenant_id, id) on delete cascade"
        ),
        "by itself",
    ),
    "S-8 a region-wide number": ("create unique index stray_number on incident (number)", "stray_number"),
    "S-9 a view": ("create view everything as select * from incident", "runs as its owner"),
    "S-9 a materialised view": ("create materialized view everything as select 1 as one", "materialised view"),
    "S-9 a partition": (
        (
            "create table whole (tenant_id uuid) partition by list (tenant_id); "
            "create table part partition of whole default; grant select on part to qorgan_app"
        ),
        "a partition is granted",
    ),
    "S-9 an unknown definer": (LEAKY.format(path="pg_catalog, public, pg_temp"), "not in the reviewed list"),
    "S-9 an open path": ("alter function ctx_tenant() reset search_path", "its search path is open"),
    "S-9 a definer for everybody": ("grant execute on function ctx_sign to public", "everybody may run"),
    "S-10 a volatile helper": ("alter function ctx_tenant() volatile", "volatile"),
    "S-10 a volatile helper below": ("alter function ctx_part(int) volatile", "volatile"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_s_1_s_2_s_7_s_8_s_9_s_10_a_broken_promise_is_found(database: str, name: str) -> None:
    statement, said = BROKEN[name]
    with psycopg.connect(database) as admin:
        assert offences(admin, metadata) == []
        admin.execute(statement)  # type: ignore[call-overload]
        found = offences(admin, metadata)
        admin.rollback()
    assert any(said in one for one in found), found


@pytest.mark.parametrize("role", ["qorgan_app", "qorgan_worker", "qorgan_relay"])
def test_s_1_the_role_of_a_process_sees_every_offence_itself(database: str, role: str) -> None:
    url = settings().role_url(role).replace("+psycopg", "")
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("grant truncate on report to qorgan_oversight")
    with psycopg.connect(url) as connection:
        found = offences(connection, metadata)
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("revoke truncate on report from qorgan_oversight")
    assert [one.partition(": ")[2] for one in found] == ["report to qorgan_oversight"] * 2
    refuse_unsafe(role, metadata)


@pytest.mark.parametrize("process", ["web", "worker", "relay"])
async def test_s_1_no_process_starts_on_an_unsafe_database(database: str, process: str) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("drop policy incident_tenant on incident")
        ended = await qorgan(process)
        admin.execute(
            "create policy incident_tenant on incident as restrictive for all to qorgan_app, qorgan_owner "
            "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
        )
    assert ended.returncode != 0
    assert '"offences": ["no restrictive policy of the organisation (S-1): incident"]' in ended.stderr
    assert settings().role_password("qorgan_app") not in ended.stderr


@pytest.mark.parametrize("oldest", ['{"18": 99}', '{"99": 0}'])
async def test_s_59_no_process_starts_on_a_postgresql_with_a_known_hole(
    database: str, monkeypatch: pytest.MonkeyPatch, oldest: str
) -> None:
    with psycopg.connect(database) as admin:
        assert offences(admin, metadata) == []
    monkeypatch.setenv("QORGAN_OLDEST_POSTGRESQL", oldest)
    ended = await qorgan("web")
    assert ended.returncode != 0
    assert '"offences": ["PostgreSQL has a known hole (S-59): 18.' in ended.stderr
