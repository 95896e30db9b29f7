"""Accounts of students and parents, what a parent is told of an incident, and which student told an employee."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0023_families"
down_revision = "0022_papers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A membership of a family is nobody's colleague; a person has one living account of a family at most."""
    op.execute("alter table membership add column family boolean not null default false")
    op.execute(
        "create unique index membership_tenant_id_person_id_key on membership (tenant_id, person_id) "
        "where family and ended_at is null"
    )
    op.execute("alter table report add column told_by bytea")
    op.execute("""
        create table family_notice (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, participation_id uuid not null,
            told_at timestamptz not null, measures bytea, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, participation_id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id))""")
    op.execute("create index family_notice_incident_id_idx on family_notice (tenant_id, incident_id)")
    protect_tenant_table("family_notice", may="select, insert, update (told_at, measures, version)")
