"""The promises of a database as lines to compare: what protects rows, who may do what, what every object is."""

from collections.abc import Mapping
from typing import LiteralString

from src.platform.cli.backup.tables import Connection

# Rights of an owner on what is its own say nothing, and servers of several versions know several of them.
_PARTS: dict[str, LiteralString] = {
    "row-level security and FORCE": """
        select concat_ws(' ', relname, 'enabled', relrowsecurity, 'forced', relforcerowsecurity,
                         'owner', relowner::regrole)
        from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')""",
    "policies": """
        select concat_ws(' ', tablename, policyname, permissive, roles, cmd, 'using', qual, 'check', with_check)
        from pg_policies where schemaname = 'public'""",
    "grants": """
        select concat_ws(' ', c.relname, a.attname, x.privilege_type, 'to', coalesce(r.rolname, 'everybody'))
        from pg_class c
        cross join lateral (
            select null::name as attname, c.relacl as acl union all
            select attname, attacl from pg_attribute where attrelid = c.oid and attacl is not null) a
        cross join lateral aclexplode(a.acl) x left join pg_roles r on r.oid = x.grantee
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S', 'v') and x.grantee <> c.relowner
        union all
        select concat_ws(' ', p.oid::regprocedure, x.privilege_type, 'to', coalesce(r.rolname, 'everybody'))
        from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
        left join pg_roles r on r.oid = x.grantee
        where p.pronamespace = 'public'::regnamespace and x.grantee <> p.proowner""",
    "columns": """
        select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                         pg_get_expr(d.adbin, d.adrelid))
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')""",
    "constraints": """
        select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
        from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'""",
    "indexes": "select indexdef from pg_indexes where schemaname = 'public'",
    "functions": """
        select concat_ws(' ', oid::regprocedure, proowner::regrole, prosecdef, provolatile, proconfig, md5(prosrc))
        from pg_proc where pronamespace = 'public'::regnamespace""",
    "triggers": """
        select concat_ws(' ', tgrelid::regclass, pg_get_triggerdef(oid), tgenabled)
        from pg_trigger where not tgisinternal""",
    "roles": """
        select concat_ws(' ', rolname, 'superuser', rolsuper, 'bypassrls', rolbypassrls, 'createrole', rolcreaterole)
        from pg_roles where rolname like 'qorgan\\_%'""",
}


def read(connection: Connection) -> dict[str, list[str]]:
    """Every part as its sorted lines."""
    return {part: sorted(line for (line,) in connection.execute(query).fetchall()) for part, query in _PARTS.items()}


def differences(wanted: Mapping[str, list[str]], found: Mapping[str, list[str]]) -> list[str]:
    """Every line that only one of the two has, in words."""
    told = []
    for part, lines in wanted.items():
        have = set(found.get(part, ()))
        told += [f"{part}: MISSING {line}" for line in lines if line not in have]
        told += [f"{part}: UNKNOWN {line}" for line in sorted(have - set(lines))]
    return told
