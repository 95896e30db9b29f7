"""The commission's comprehensive assessment, and copies of it for organisations that support the family."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table, protect_two_party_table

revision = "0032_commission"
down_revision = "0031_paths"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A copy is never changed: it is the report as it was when it was given."""
    op.execute("""
        create table assessment (
            tenant_id uuid not null references tenants (id), id uuid not null,
            curator uuid not null, content bytea, family_answer text check (family_answer in ('signed', 'refused')),
            opened_at timestamptz not null, closed_at timestamptz, version int not null default 1,
            primary key (tenant_id, id),
            check ((closed_at is null) = (family_answer is null)),
            foreign key (tenant_id, curator) references membership (tenant_id, id))""")
    op.execute("create index assessment_curator_idx on assessment (tenant_id, curator)")
    protect_tenant_table(
        "assessment", may="select, insert, update (content, family_answer, closed_at, curator, version)"
    )
    op.execute("""
        create table assessment_copy (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), assessment_id uuid not null,
            content bytea not null, given_at timestamptz not null,
            primary key (tenant_id, id), unique (tenant_id, assessment_id, peer_tenant_id),
            foreign key (tenant_id, assessment_id) references assessment (tenant_id, id))""")
    op.execute("create index assessment_copy_peer_tenant_id_idx on assessment_copy (peer_tenant_id)")
    protect_two_party_table("assessment_copy")
