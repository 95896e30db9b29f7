"""Reading the catalogue for broken promises of isolation; the same check runs in tests and at start-up (S-1 … S-10)."""

from collections.abc import Iterable
from typing import Any, LiteralString

import psycopg
import structlog
from sqlalchemy import MetaData

from src.platform.kit.settings import settings

_log = structlog.get_logger(__name__)
_APP_ROLES = ("qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight")
_DEFINERS = (
    "audit_append",
    "begin_feed",
    "begin_job",
    "begin_joining",
    "begin_link",
    "begin_public",
    "begin_request",
    "begin_token",
    "ctx_enter",
    "ctx_is_operator",
    "ctx_part",
    "ctx_sign",
    "ctx_tenant",
    "erase",
    "fail_job",
    "finish_job",
    "invite_first",
    "only_head",
    "oversight_districts",
    "oversight_medians",
    "oversight_pace_summed",
    "oversight_partners",
    "oversight_process_summed",
    "oversight_summed_anew",
    "queue_again",
    "queue_close",
    "queue_state",
    "receipt_report",
    "region_changed",
    "spend_token",
    "tenant_provision",
)
_UNRESTRICTED = (
    "oversight_process to qorgan_oversight",
    "oversight_agreement to qorgan_oversight",
    "audit_head to qorgan_relay",
    "erasure to qorgan_relay",
)
"""Who reads a table of organisations whole: the city its counters, the relay the heads it signs checkpoints of."""
_PLATFORM_WITH_TENANT = (
    "outbox",
    "wake_at",
    "user_tenant",
    "user_session",
    "invitation_code",
    "report_link_code",
    "calendar_feed_code",
    "service_catalogue",  # read by everybody; its own policies let each organisation write its row alone
    "api_token_code",
)

_NOT_IN_A_BACKUP = ("ctx_key", "user_session")

_OWN: LiteralString = "(tenant_id = ( SELECT ctx_tenant() AS ctx_tenant))"
_EITHER: LiteralString = (
    "((( SELECT ctx_tenant() AS ctx_tenant) = tenant_id) OR (( SELECT ctx_tenant() AS ctx_tenant) = peer_tenant_id))"
)
_TENANT_TABLES: LiteralString = """
    with tenant_table as (
        select c.* from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (%(platform)s)),
    granted as (
        select c.oid, c.relname, c.relkind, c.relispartition, x.grantee, x.privilege_type
        from pg_class c, aclexplode(c.relacl) x
        where c.relnamespace = 'public'::regnamespace and x.grantee::regrole::text = any (%(roles)s))
    """

_CHECKS: dict[str, LiteralString] = {
    "row-level security is not forced (S-1)": """
        select relname from tenant_table where not (relrowsecurity and relforcerowsecurity)""",
    "no restrictive policy of the organisation (S-1)": """
        select c.relname from tenant_table c where not exists (
            select from pg_policy p
            where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*'
              and pg_get_expr(p.polqual, p.polrelid) = any (%(keeps)s)
              and pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid)
              and p.polroles::regrole[]::text[] @> array['qorgan_app'])""",
    "a role reads organisations without a restrictive policy (S-1)": """
        select distinct c.relname || ' to ' || g.grantee::regrole from tenant_table c join granted g using (oid)
        where g.grantee::regrole::text not in ('qorgan_app', 'qorgan_worker')
          and c.relname || ' to ' || g.grantee::regrole <> all (%(unrestricted)s)""",
    "the application role has powers (S-2)": """
        select rolname from pg_roles
        where rolname = any (%(roles)s) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)""",
    "the application role holds another role (S-2)": """
        select m.member::regrole || ' holds ' || m.roleid::regrole from pg_auth_members m
        where m.member::regrole::text = any (%(roles)s)
          and (m.member::regrole::text, m.roleid::regrole::text) <> ('qorgan_worker', 'qorgan_app')""",
    "the application role owns a relation (S-2)": """
        select c.relname from pg_class c where c.relowner::regrole::text = any (%(roles)s)""",
    "the application role may create in the schema (S-2)": """
        select r.rolname from pg_roles r
        where r.rolname = any (%(roles)s) and has_schema_privilege(r.oid, 'public', 'create')""",
    "TRUNCATE, REFERENCES or TRIGGER is granted (S-2)": """
        select relname || ' to ' || grantee::regrole from granted
        where privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')""",
    "everybody holds a right on a table (S-2)": """
        select c.relname from pg_class c, aclexplode(c.relacl) x
        where c.relnamespace = 'public'::regnamespace and x.grantee = 0""",
    "a counter of the whole region is open (S-2)": """
        select r.rolname || ' reads ' || c.oid::regclass from pg_roles r, pg_class c
        where r.rolname = any (%(roles)s) and has_table_privilege(r.oid, c.oid, 'select')
          and (c.relname in ('pg_stat_activity', 'pg_stat_user_tables', 'pg_stat_all_tables')
               or (c.relkind = 'S' and c.relnamespace = 'public'::regnamespace))""",
    "a foreign key between organisations' tables is not composite (S-7)": """
        select k.conname from pg_constraint k
        join pg_attribute a on a.attrelid = k.confrelid and a.attname = 'tenant_id'
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
            select from unnest(k.conkey, k.confkey) as pair (here, there)
            join pg_attribute x on x.attrelid = k.conrelid and x.attnum = pair.here
            where pair.there = a.attnum and x.attname in ('tenant_id', 'peer_tenant_id'))""",
    "a foreign key deletes or changes rows by itself (S-7, decisions 9)": """
        select conname from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
          and (confdeltype <> 'a' or confupdtype <> 'a')""",
    "a unique index does not lead with the organisation (S-8)": """
        select i.indexrelid::regclass::text from pg_index i join tenant_table c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where (i.indisunique or i.indisexclusion) and i.indkey[0] <> a.attnum""",
    "a view runs as its owner, or a materialised view exists (S-9)": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace
          and (c.relkind = 'm' or (c.relkind = 'v'
               and not coalesce(c.reloptions @> array['security_invoker=true'], false)))""",
    "a partition is granted (S-9)": "select relname from granted where relispartition",
    "a definer function is not in the reviewed list, or its search path is open (S-9)": """
        select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname not in ('pg_catalog', 'information_schema') and p.prosecdef
          and (p.proname <> all (%(definers)s)
               or not exists (select from unnest(p.proconfig) x
                              where x = 'search_path=pg_catalog, public, pg_temp'))""",
    "everybody may run a definer function (S-9)": """
        select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
          and (p.proacl is null or exists (select from aclexplode(p.proacl) x where x.grantee = 0))""",
    "a table is not in the backup (S-51)": """
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (%(unbacked)s)
          and not has_table_privilege('qorgan_backup', c.oid, 'select')""",
    "the backup role may do more than read (S-51)": """
        select c.relname || ' ' || x.privilege_type from pg_class c, aclexplode(c.relacl) x
        where c.relnamespace = 'public'::regnamespace and x.grantee = 'qorgan_backup'::regrole
          and (x.privilege_type <> 'SELECT' or c.relname = any (%(unbacked)s))
        union all
        select 'holds ' || m.roleid::regrole from pg_auth_members m where m.member = 'qorgan_backup'::regrole
        union all
        select 'has powers' from pg_roles
        where rolname = 'qorgan_backup' and (rolsuper or rolcreaterole or rolcreatedb)""",
    "a policy calls a volatile function (S-10)": """
        select distinct p.proname from pg_proc p
        where p.provolatile = 'v' and (p.proname in ('ctx_part', 'ctx_sign') or exists (
            select from pg_depend d where d.classid = 'pg_policy'::regclass
              and d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid))""",
}


class UnsafeDatabaseError(RuntimeError):
    """The database does not keep its promises of isolation; names tables and functions, nothing else."""


def refuse_unsafe(role: str, metadata: MetaData) -> None:
    """The start of a process that works as `role`. Raises UnsafeDatabaseError."""
    with psycopg.connect(settings().role_url(role).replace("+psycopg", "")) as connection:
        found = offences(connection, metadata)
    if found:
        _log.critical("database_is_unsafe", offences=found)
        raise UnsafeDatabaseError("; ".join(found))


def offences(connection: psycopg.Connection[Any], metadata: MetaData) -> list[str]:
    """Every broken promise as one line; an empty list is the only good answer."""
    given = {
        "roles": list(_APP_ROLES),
        "definers": list(_DEFINERS),
        "platform": list(_PLATFORM_WITH_TENANT),
        "keeps": [_OWN, _EITHER],
        "unrestricted": list(_UNRESTRICTED),
        "unbacked": list(_NOT_IN_A_BACKUP),
    }
    found = [
        f"{promise}: {row[0]}"
        for promise, query in _CHECKS.items()
        for row in connection.execute(_TENANT_TABLES + query, given).fetchall()
    ]
    return [*found, *_outdated(connection.info.server_version), *_undeclared(metadata)]


def _outdated(version: int) -> Iterable[str]:
    major, minor = divmod(version, 10_000)
    known = settings().oldest_postgresql
    if minor < known.get(major, 0) or major < min(known):
        yield f"PostgreSQL has a known hole (S-59): {major}.{minor}"


def _undeclared(metadata: MetaData) -> Iterable[str]:
    for table in metadata.tables.values():
        if "tenant_id" not in table.columns or table.name in _PLATFORM_WITH_TENANT:
            continue
        if next(iter(table.primary_key.columns)).name != "tenant_id":
            yield f"the primary key does not lead with the organisation (S-7): {table.name}"
