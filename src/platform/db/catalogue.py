"""Reading the catalogue for broken promises of isolation; the same check runs in tests and at start-up (S-1 … S-10)."""

from collections.abc import Iterable
from typing import Any, LiteralString

import psycopg
from sqlalchemy import MetaData

_APP_ROLES = ("qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight")
_DEFINERS = (
    "audit_append",
    "begin_job",
    "begin_public",
    "begin_request",
    "ctx_enter",
    "ctx_is_operator",
    "ctx_part",
    "ctx_sign",
    "ctx_tenant",
    "fail_job",
    "finish_job",
    "tenant_provision",
)
_PLATFORM_WITH_TENANT = ("outbox", "wake_at", "user_tenant", "user_session")

_CHECKS: dict[str, LiteralString] = {
    "row-level security is not forced (S-1)": """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> all (%(platform)s)
          and not (c.relrowsecurity and c.relforcerowsecurity)""",
    "no restrictive policy of the organisation (S-1)": """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> all (%(platform)s)
          and not exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive
              and p.polcmd = '*' and pg_get_expr(p.polqual, p.polrelid) like '%%ctx_tenant()%%')""",
    "the application role has powers (S-2)": """
        select rolname from pg_roles where rolname = any (%(roles)s) and (rolsuper or rolbypassrls or rolcreaterole)""",
    "the application role owns a relation (S-2)": """
        select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = any (%(roles)s)""",
    "TRUNCATE, REFERENCES or TRIGGER is granted (S-2)": """
        select table_name || ' to ' || grantee from information_schema.role_table_grants
        where grantee = any (%(roles)s) and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')""",
    "a foreign key between organisations' tables is not composite (S-7)": """
        select k.conname from pg_constraint k
        join pg_attribute a on a.attrelid = k.confrelid and a.attname = 'tenant_id'
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
            select from pg_attribute x where x.attrelid = k.conrelid and x.attnum = any (k.conkey)
              and x.attname in ('tenant_id', 'peer_tenant_id'))""",
    "a unique index does not lead with the organisation (S-8)": """
        select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where i.indisunique and c.relnamespace = 'public'::regnamespace and c.relname <> all (%(platform)s)
          and i.indkey[0] <> a.attnum""",
    "a view runs as its owner, or a materialised view exists (S-9)": """
        select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace
          and (c.relkind = 'm' or (c.relkind = 'v'
               and not coalesce(c.reloptions @> array['security_invoker=true'], false)))""",
    "a definer function is not in the reviewed list, or its search path is open (S-9)": """
        select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
          and (p.proname <> all (%(definers)s)
               or not exists (select from unnest(p.proconfig) x where x like 'search_path=%%'))""",
    "everybody may run a definer function (S-9)": """
        select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
          and (p.proacl is null or exists (select from aclexplode(p.proacl) x where x.grantee = 0))""",
    "a policy calls a volatile function (S-10)": """
        select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
          and p.proname in ('ctx_tenant', 'ctx_part', 'ctx_sign', 'ctx_is_operator') and p.provolatile = 'v'""",
}


def offences(connection: psycopg.Connection[Any], metadata: MetaData) -> list[str]:
    """Every broken promise as one line; an empty list is the only good answer."""
    given = {"roles": list(_APP_ROLES), "definers": list(_DEFINERS), "platform": list(_PLATFORM_WITH_TENANT)}
    found = [
        f"{promise}: {row[0]}"
        for promise, query in _CHECKS.items()
        for row in connection.execute(query, given).fetchall()
    ]
    return found + list(_undeclared(metadata))


def _undeclared(metadata: MetaData) -> Iterable[str]:
    for table in metadata.tables.values():
        if "tenant_id" not in table.columns or table.name in _PLATFORM_WITH_TENANT:
            continue
        if next(iter(table.primary_key.columns)).name != "tenant_id":
            yield f"the primary key does not lead with the organisation (S-7): {table.name}"
