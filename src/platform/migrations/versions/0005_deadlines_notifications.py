"""Obligations and messages."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0005_deadlines_notifications"
down_revision = "0004_teams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.execute("""
        create table obligation (
            tenant_id uuid not null references tenants (id), id uuid not null, code text not null,
            subject_kind text not null, subject_id uuid not null, period text not null default '',
            started_at timestamptz not null, target_at timestamptz not null, due_at timestamptz not null,
            met_at timestamptz, overdue_at timestamptz, cancelled_at timestamptz, calendar_version text not null,
            responsible uuid, reminded_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, code, subject_id, period),
            foreign key (tenant_id, responsible) references membership (tenant_id, id),
            check (target_at <= due_at))""")
    op.execute(
        "create index obligation_due_at_idx on obligation (tenant_id, due_at) "
        "where met_at is null and cancelled_at is null"
    )
    protect_tenant_table("obligation")
    op.execute("""
        create table notification (
            tenant_id uuid not null references tenants (id), id uuid not null, membership_id uuid not null,
            kind text not null, subject_kind text not null, subject_id uuid not null,
            created_at timestamptz not null, read_at timestamptz, primary key (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute(
        "create index notification_membership_id_idx on notification (tenant_id, membership_id, created_at desc)"
    )
    protect_tenant_table("notification")
