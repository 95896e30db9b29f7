"""Exact process counters, the only thing that the city reads of a school."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0009_oversight"
down_revision = "0008_referrals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; the city's role selects it whole and can select nothing else of a school."""
    op.execute("""
        create table oversight_process (
            tenant_id uuid not null references tenants (id), month int not null check (month between 202401 and 209912),
            clock text not null, met_in_time int not null, met_late int not null, missed int not null,
            primary key (tenant_id, month, clock))""")
    protect_tenant_table("oversight_process", may="select, insert, delete")
    op.execute("create policy oversight_process_city on oversight_process for select to qorgan_oversight using (true)")
    op.execute("grant select on oversight_process, platform_state to qorgan_oversight")
