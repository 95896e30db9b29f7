"""Files beside a record, and injuries by region of the body."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0021_attachments"
down_revision = "0020_meetings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing here is deleted. A file's pieces stand under a random name and are written once."""
    op.execute("""
        create table attachment (
            tenant_id uuid not null references tenants (id), id uuid not null, subject_kind text not null,
            subject_id uuid not null, about_kind text not null, about_id uuid,
            kind text not null check (kind in ('jpeg', 'png', 'pdf')), size int not null check (size > 0), caption bytea,
            shows_child boolean not null, content_blind bytea not null, original uuid not null, served uuid not null,
            added_at timestamptz not null, withdrawn_at timestamptz, withdrawn_reason bytea, primary key (tenant_id, id),
            unique (tenant_id, subject_kind, subject_id, content_blind),
            check ((withdrawn_at is null) = (withdrawn_reason is null)))""")
    op.execute("create index attachment_subject_id_idx on attachment (tenant_id, subject_id)")
    protect_tenant_table(
        "attachment", may="select, insert, update (subject_id, caption, withdrawn_at, withdrawn_reason)"
    )
    op.execute("""
        create table attachment_part (
            tenant_id uuid not null references tenants (id), stored_as uuid not null, number int not null,
            content bytea not null, primary key (tenant_id, stored_as, number))""")
    op.execute("alter table attachment_part alter column content set storage external")
    protect_tenant_table("attachment_part", may="select, insert")
    op.execute("""
        create table injury (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, record_id uuid not null,
            participation_id uuid, region bytea not null, note bytea, noted_at timestamptz not null,
            noted_by uuid not null, primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id),
            foreign key (tenant_id, noted_by) references membership (tenant_id, id))""")
    op.execute("create index injury_incident_id_idx on injury (tenant_id, incident_id)")
    protect_tenant_table("injury", may="select, insert, update (incident_id, participation_id, note)")
