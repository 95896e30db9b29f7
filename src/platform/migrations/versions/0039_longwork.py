"""Long work: how far it is, and the sealed files that it makes."""

from alembic import op

from src.platform.migrations.ddl import APP, protect_tenant_table

revision = "0039_longwork"
down_revision = "0038_insight"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is living is there once: two presses at once begin one piece of work."""
    op.execute("""
        create table long_work (
            tenant_id uuid not null references tenants (id), id uuid not null, membership_id uuid not null,
            kind text not null, subject_id uuid not null, number int not null, plan uuid[] not null,
            state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
            turn int not null, done int not null check (done between 0 and total), total int not null,
            failure text, created_at timestamptz not null, changed_at timestamptz not null, finished_at timestamptz,
            expires_at timestamptz, seen_at timestamptz, primary key (tenant_id, id),
            check ((state in ('waiting', 'running')) = (finished_at is null)),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute(
        "create unique index long_work_living_key on long_work (tenant_id, kind, subject_id, number) "
        "where state in ('waiting', 'running')"
    )
    op.execute("create index long_work_membership_id_idx on long_work (tenant_id, membership_id)")
    protect_tenant_table("long_work")
    op.execute("""
        create table long_work_part (
            tenant_id uuid not null, id uuid not null, work_id uuid not null, number int not null, name text not null,
            content bytea not null, primary key (tenant_id, id), unique (tenant_id, work_id, number),
            foreign key (tenant_id, work_id) references long_work (tenant_id, id))""")
    protect_tenant_table("long_work_part", may="select, insert, delete")
    op.execute(f"grant update (expires_at) on class_list_draft to {APP}")
