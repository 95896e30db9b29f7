"""What is typed and not sent: drafts of forms, and forms of sessions that ended."""

from alembic import op

from src.platform.migrations.ddl import protect_platform_table, protect_tenant_table

revision = "0014_drafts"
down_revision = "0013_commission_told"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No column tells a person, a record or a time of day.

    A stash belongs to no organisation: its request had no session, so no context, and its key is not here.
    """
    op.execute("""
        create table form_draft (
            tenant_id uuid not null references tenants (id), id uuid not null, form bytea not null, content bytea,
            page bytea not null, expires_at timestamptz not null, primary key (tenant_id, id))""")
    op.execute("create index form_draft_tenant_id_form_idx on form_draft (tenant_id, form)")
    protect_tenant_table("form_draft", may="select, insert, update (content, page, expires_at), delete")
    op.execute("create table stash (id uuid primary key, content bytea not null, expires_at timestamptz not null)")
    protect_platform_table("stash", may="select, insert, update (content, expires_at), delete")
