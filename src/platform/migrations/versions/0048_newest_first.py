"""Lists that show the newest first find them in an index and sort nothing, however many years stand behind (ADR 38)."""

from alembic import op

revision = "0048_newest_first"
down_revision = "0047_browsing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The order of the lists of incidents, cases and sent referrals, to the last column."""
    op.execute("drop index incident_reported_at_idx")
    op.execute("create index incident_reported_at_idx on incident (tenant_id, reported_at desc, id desc)")
    op.execute("create index child_case_opened_at_idx on child_case (tenant_id, opened_at desc, id desc)")
    op.execute("create index referral_sent_at_idx on referral (tenant_id, sent_at desc, id desc)")
