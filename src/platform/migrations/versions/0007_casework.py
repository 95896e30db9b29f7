"""A case of a child, with its own manager."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0007_casework"
down_revision = "0006_incidents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        create table child_case (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, participation_id uuid not null,
            side text not null check (side in ('victim', 'offender', 'both')),
            link bytea not null, link_blind bytea not null,
            state text not null check (state in ('opened', 'active', 'completed')),
            manager uuid, opened_at timestamptz not null, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, participation_id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id),
            foreign key (tenant_id, manager) references membership (tenant_id, id),
            check (state = 'opened' or manager is not null))""")
    op.execute("create index child_case_incident_id_idx on child_case (tenant_id, incident_id)")
    op.execute("create index child_case_manager_idx on child_case (tenant_id, manager)")
    protect_tenant_table("child_case")
