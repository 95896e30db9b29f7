"""The first organisation of a region: its operator. Everything else is made by the operator through the services."""

from uuid import UUID

import psycopg

from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.tenants import keys


def found_operator(admin: psycopg.Connection) -> UUID:
    """The region operator's organisation, made as administrator when it is not there yet."""
    known = admin.execute("select id from tenants where kind = 'region_operator'").fetchone()
    if known is not None:
        return UUID(str(known[0]))
    tenant_id = new_id()
    made = keys.make(tenant_id, settings().key("master"))
    admin.execute(
        "insert into tenants (id, kind, code, slug, name_kk, name_ru, name_en, recipient_key, created_at) "
        "values (%s, 'region_operator', 'operator', 'operator', %s, %s, %s, %s, %s)",
        (tenant_id, "Өңір операторы", "Оператор региона", "Region operator", made.recipient_public, clock.now()),
    )
    for purpose, wrapped in made.wrapped.items():
        admin.execute(
            "insert into tenant_key values (%s, %s, %s, %s)", (tenant_id, purpose, keys.FIRST_VERSION, wrapped)
        )
    return tenant_id
