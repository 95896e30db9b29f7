"""Forms that were sent, so that a second click does nothing twice."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0010_sent_form"
down_revision = "0009_oversight"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table. It holds neither a person nor a time of day: a report must not be told by its form (S-18)."""
    op.execute("""
        create table sent_form (
            tenant_id uuid not null references tenants (id), blind bytea not null, day date not null, location text,
            primary key (tenant_id, blind))""")
    op.execute("create index sent_form_day_idx on sent_form (tenant_id, day)")
    protect_tenant_table("sent_form", may="select, insert, update (location), delete")
