"""The statements that make a table safe: one helper for every kind of tenancy (S-1, decisions 5 and 6)."""

from collections.abc import Iterable

from alembic import op

APP = "qorgan_app"
_BOUND = f"{APP}, qorgan_owner"


def protect_tenant_table(table: str, *, may: str = "select, insert, update") -> None:
    """Force row-level security on a table of one organisation and grant the application `may`."""
    _force(table)
    op.execute(
        f"create policy {table}_tenant on {table} as restrictive for all to {_BOUND} "
        "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
    )
    _grant(table, may)


def protect_two_party_table(table: str, *, updatable: Iterable[str] = ()) -> None:
    """Force row-level security on a row that exactly two organisations share.

    Both read; only the author inserts; the application may update only the named columns, never the two
    organisations, and nobody deletes: with one permissive OR policy the recipient could steal the row.
    """
    _force(table)
    either = "(select ctx_tenant()) in (tenant_id, peer_tenant_id)"
    op.execute(
        f"create policy {table}_parties on {table} as restrictive for all to {_BOUND} "
        f"using ({either}) with check ({either})"
    )
    op.execute(
        f"create policy {table}_author on {table} as restrictive for insert to {_BOUND} "
        "with check (tenant_id = (select ctx_tenant()))"
    )
    _grant(table, "select, insert")
    if columns := ", ".join(updatable):
        op.execute(f"grant update ({columns}) on {table} to {APP}")


def protect_platform_table(table: str, *, may: str) -> None:
    """Grant the application `may` on a table that belongs to the region; nothing is granted by default."""
    if may:
        _grant(table, may)


def definer_function(name: str, signature: str, body: str, *, execute: Iterable[str] = (APP,)) -> None:
    """Create a SECURITY DEFINER function with a pinned search path that only the named roles may run (S-9)."""
    op.execute(body)
    op.execute(f"alter function {name}({signature}) security definer set search_path = pg_catalog, public, pg_temp")
    op.execute(f"revoke all on function {name}({signature}) from public")
    for role in execute:
        op.execute(f"grant execute on function {name}({signature}) to {role}")


def _force(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy {table}_open on {table} as permissive for all to {_BOUND} using (true) with check (true)"
    )


def _grant(table: str, may: str) -> None:
    op.execute(f"grant {may} on {table} to {APP}")
