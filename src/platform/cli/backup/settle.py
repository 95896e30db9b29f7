"""What a region that comes back from a backup may not simply go on with.

What was withdrawn after the backup was taken is unknown now, so every way in that a piece of paper or a program holds
ends; passwords stay, because without them nobody could come back. What was about to leave may have left meanwhile.
"""

from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from src.platform.cli.backup.tables import Connection
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox.dead import ALARM

OUTWARD = ("notifications.send_mail", "notifications.send_digest", "notifications.send_code")
"""Actors with effects outside the database, which no restore takes back."""
FAILURE = "Restored"
_TELL = "notifications.restored"
_ENDED: dict[str, LiteralString] = {
    "invitations": """
        update invitation set revoked_at = %(at)s, version = version + 1
        where used_at is null and revoked_at is null""",
    "one-time links": """
        update report_link set revoked_at = %(at)s, version = version + 1
        where used_at is null and revoked_at is null""",
    "tokens of programs": "update api_token set revoked_at = %(at)s where revoked_at is null",
    "lost second factors that waited": """
        update second_factor_recovery set withdrawn_at = %(at)s, withdrawn_by = started_by, version = version + 1
        where confirmed_at is null and withdrawn_at is null""",
    "calendar feeds": "update calendar_feed set revoked_at = %(at)s where revoked_at is null",
}
_HOLD = """
    update outbox set dead_at = clock_timestamp(), lease_until = null, failure = %(failure)s
    where done_at is null and dead_at is null and actor = any (%(outward)s)"""
_AGAIN = """
    update outbox set attempts = 0, lease_until = null, next_at = clock_timestamp()
    where done_at is null and dead_at is null"""
_SAY = """
    insert into outbox (id, actor, args, tenant_id, target_tenant, created_at)
    values (%(id)s, %(actor)s, '{}', %(tenant)s, %(tenant)s, %(at)s)"""
_RING = """
    insert into outbox (id, actor, args, tenant_id, target_tenant, created_at)
    select %(id)s, %(actor)s, '{}', id, id, %(at)s from tenants where kind = 'region_operator'"""
_NOTE = "select audit_append(%(at)s, null, null, 'region.restored', 'region', '{}', '{}', %(detail)s)"


def down(connection: Connection, taken_at: datetime) -> dict[str, int]:
    """End what must end, hold what may have left, tell every organisation; how many of each."""
    at = clock.real_now()
    shift = connection.execute("select clock_offset from platform_state").fetchone() or (at - at,)
    done = {what: connection.execute(query, {"at": at}).rowcount for what, query in _ENDED.items()}
    held = {"failure": FAILURE, "outward": list(OUTWARD)}
    done["e-mails held for a person of the region"] = connection.execute(_HOLD, held).rowcount
    if done["e-mails held for a person of the region"]:
        connection.execute(_RING, {"id": new_id(), "actor": ALARM, "at": at + shift[0]})  # S-48
    done["jobs that run again"] = connection.execute(_AGAIN).rowcount
    detail = Jsonb({"taken_at": taken_at.isoformat()})
    for (tenant_id,) in connection.execute("select id from tenants order by id").fetchall():
        row = {"id": new_id(), "actor": _TELL, "tenant": tenant_id, "at": at + shift[0]}
        connection.execute(_SAY, row)
        connection.execute("select ctx_enter(%s, '00000000-0000-0000-0000-000000000000')", [tenant_id])
        connection.execute(_NOTE, {"at": at + shift[0], "detail": detail})
    connection.execute("select set_config('qorgan.ctx', '', true)")
    return done
