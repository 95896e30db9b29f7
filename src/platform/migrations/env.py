"""Alembic environment: runs as the owner of the schema, with time limits, one migration a transaction."""

from alembic import context
from sqlalchemy import create_engine, text

from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata


def run() -> None:
    """Apply or compare migrations over one connection of the owner role."""
    engine = create_engine(settings().role_url("qorgan_owner"), hide_parameters=True)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            connection.execute(text("set local lock_timeout = '5s'"))
            connection.execute(text("set local statement_timeout = '10min'"))
            connection.execute(text("select pg_advisory_xact_lock(4711)"))
            context.run_migrations()
    engine.dispose()


run()
