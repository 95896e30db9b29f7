"""Filters that people keep; the rows of the chain that speak of one record are found by an index."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0022_papers"
down_revision = "0021_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name and question of a filter are one sealed text."""
    op.execute("""
        create table saved_filter (
            tenant_id uuid not null references tenants (id), id uuid not null, membership_id uuid not null,
            content bytea not null, version integer not null default 1, primary key (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute("create index saved_filter_tenant_id_membership_id_idx on saved_filter (tenant_id, membership_id)")
    protect_tenant_table("saved_filter", may="select, insert, update (content, version), delete")
    op.execute("create index audit_log_record_ids_idx on audit_log using gin (record_ids)")
