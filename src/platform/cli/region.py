"""The first organisation of a region: its operator. Everything else is made by the operator through the services."""

from uuid import UUID

import psycopg

from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants import keys


def found_operator(admin: psycopg.Connection) -> UUID:
    """The region operator's organisation, made as administrator when it is not there yet."""
    known = admin.execute("select id from tenants where kind = 'region_operator'").fetchone()
    if known is not None:
        return UUID(str(known[0]))
    tenant_id = new_id()
    made = keys.make(tenant_id)
    admin.execute(
        "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, recipient_key, created_at) "
        "values (%s, 'region_operator', 'operator', 'operator', %s, %s, %s, %s, %s)",
        (tenant_id, "Өңір операторы", "Оператор региона", "Region operator", made.recipient_public, clock.now()),
    )
    for one in made.wrapped:
        admin.execute(
            "insert into tenant_key (tenant_id, purpose, version, master, wrapped) select %s, %s, %s, id, %s "
            "from master_key where id = %s",
            (tenant_id, one.purpose, one.version, one.wrapped, one.master),
        )
    return tenant_id
