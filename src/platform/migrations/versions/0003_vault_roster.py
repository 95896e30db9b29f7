"""People, sealed."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0003_vault_roster"
down_revision = "0002_workdays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the vault's tables."""
    op.execute("""
        create table person (
            tenant_id uuid not null references tenants (id), id uuid not null,
            kind text not null check (kind in ('student', 'staff', 'guardian', 'other')),
            identity bytea not null, iin_blind bytea, created_at timestamptz not null, version int not null default 1,
            primary key (tenant_id, id))""")
    op.execute(
        "create unique index person_tenant_id_iin_blind_key on person (tenant_id, iin_blind) "
        "where iin_blind is not null"
    )
    protect_tenant_table("person")
    op.execute("""
        create table person_name_blind (
            tenant_id uuid not null, blind bytea not null, person_id uuid not null,
            primary key (tenant_id, blind, person_id),
            foreign key (tenant_id, person_id) references person (tenant_id, id))""")
    protect_tenant_table("person_name_blind", may="select, insert, delete")
    op.execute("""
        create table person_tie (
            tenant_id uuid not null references tenants (id), child_blind bytea not null, adult_blind bytea not null,
            relation text not null, primary key (tenant_id, child_blind, adult_blind))""")
    op.execute("create index person_tie_adult_blind_idx on person_tie (tenant_id, adult_blind)")
    protect_tenant_table("person_tie", may="select, insert, delete")
