"""Transfers of working days by act."""

from alembic import op

from src.platform.migrations.ddl import protect_platform_table

revision = "0002_workdays"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the region's override table."""
    op.execute("""
        create table calendar_override (
            day date not null, week_type text not null check (week_type in ('five', 'six', 'both')),
            kind text not null check (kind in ('holiday', 'working')), act text not null, note text not null default '',
            primary key (day, week_type))""")
    op.execute("alter table calendar_override enable row level security")
    op.execute("alter table calendar_override force row level security")
    op.execute("create policy calendar_override_read on calendar_override for select using (true)")
    op.execute(
        "create policy calendar_override_write on calendar_override for insert with check ((select ctx_is_operator()))"
    )
    protect_platform_table("calendar_override", may="select, insert")
