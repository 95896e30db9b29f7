"""Bring a database to the present schema: roles first (as its administrator), then migrations (as the owner)."""

from pathlib import Path

import psycopg
import structlog
from alembic import command
from alembic.config import Config
from psycopg import sql

from src.platform.db.context import hmac_pads
from src.platform.kit.settings import Settings, settings

_log = structlog.get_logger(__name__)
ROLES = ("qorgan_owner", "qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight", "qorgan_backup")


def main(*, is_test: bool = False, to: str = "head") -> None:
    """Create or update roles, schema and context key. Safe to run at every start.

    `is_test` marks a fresh database as one whose domain clock may be moved (decisions 3); `to` is an older migration
    only while a backup of that time is restored.
    """
    with psycopg.connect(settings().database_url, autocommit=True) as admin:
        _roles(admin, settings())
        _schema_rights(admin)
        _quiet_log(admin)
    command.upgrade(config(), to)
    with psycopg.connect(settings().database_url, autocommit=True) as admin:
        _context_key(admin, settings().key("context"))
        if is_test:
            admin.execute("update platform_state set is_test = true")


def config() -> Config:
    """Alembic's configuration; there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def _roles(admin: psycopg.Connection, conf: Settings) -> None:
    for role in ROLES:
        known = admin.execute("select from pg_roles where rolname = %s", (role,)).fetchone() is not None
        admin.execute(
            sql.SQL("{} role {} login nosuperuser nocreatedb nocreaterole {} password {}").format(
                sql.SQL("alter" if known else "create"),
                sql.Identifier(role),
                sql.SQL("bypassrls" if role == "qorgan_backup" else "nobypassrls"),
                sql.Literal(conf.role_password(role)),
            )
        )
    admin.execute("grant qorgan_app to qorgan_worker")
    # S-51: it reads, and where it would not read everything it is told so instead of getting the rows of one.
    admin.execute("alter role qorgan_backup set default_transaction_read_only = on")
    admin.execute("alter role qorgan_backup set row_security = off")


def _schema_rights(admin: psycopg.Connection) -> None:
    admin.execute("revoke all on schema public from public")
    admin.execute("grant usage, create on schema public to qorgan_owner")
    admin.execute("grant usage on schema public to qorgan_app, qorgan_relay, qorgan_oversight, qorgan_backup")
    for view in ("pg_stat_activity", "pg_stat_user_tables", "pg_stat_all_tables"):
        admin.execute(sql.SQL("revoke select on pg_catalog.{} from public").format(sql.Identifier(view)))


def _quiet_log(admin: psycopg.Connection) -> None:
    """Keep messages of errors out of the server's log: that of a failed cast holds the value itself (S-59)."""
    for role in ROLES:
        try:
            admin.execute(sql.SQL("alter role {} set log_min_messages = 'log'").format(sql.Identifier(role)))
        except psycopg.errors.InsufficientPrivilege:
            _log.warning("postgresql_log_holds_values")  # README tells what its administrator sets instead
            return


def _context_key(admin: psycopg.Connection, key: bytes) -> None:
    inner, outer = hmac_pads(key)
    admin.execute(
        "insert into ctx_key values ('current', %s, %s) on conflict (kid) do update "
        "set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
        (inner, outer),
    )
