"""What somebody opened outside their own work on one day, from the audit chain; an hourly look at every school (ADR 39)."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0047_browsing"
down_revision = "0046_recovery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Ids only; the first look remembers where the chain stands and tells of nothing before."""
    op.execute("""
        create table browsing_day (
            tenant_id uuid not null references tenants (id), id uuid not null, user_id uuid not null references users (id),
            day date not null, records uuid[] not null, searches int not null, told_at timestamptz,
            primary key (tenant_id, id), unique (tenant_id, user_id, day))""")
    protect_tenant_table("browsing_day", may="select, insert, delete, update (records, searches, told_at)")
    op.execute("""
        insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at)
        select gen_random_uuid(), 'readership.look', '{"since": 0}', id, id, now(), now() from tenants
         where kind = 'school'""")
