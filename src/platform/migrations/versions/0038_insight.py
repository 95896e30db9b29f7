"""Reports to the parents' committee, as they were confirmed (R-024)."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0038_insight"
down_revision = "0037_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A confirmed report is a row that nobody may change or delete; a correction is a new row with its reason."""
    op.execute("""
        create table committee_report (
            tenant_id uuid not null references tenants (id), id uuid not null,
            month int not null check (month % 100 between 1 and 12), months int not null check (months in (1, 3)),
            revision int not null check (revision > 0), content jsonb not null, note bytea, reason bytea,
            confirmed_at timestamptz not null, by_membership uuid not null,
            primary key (tenant_id, id), unique (tenant_id, month, revision), check ((revision > 1) = (reason is not null)),
            foreign key (tenant_id, by_membership) references membership (tenant_id, id))""")
    protect_tenant_table("committee_report", may="select, insert")
