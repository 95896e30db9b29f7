"""Lists find their order in an index without ids: with them it passed for a way to one row of a large school (ADR 38)."""

from alembic import op

revision = "0049_by_time_only"
down_revision = "0048_newest_first"
branch_labels = None
depends_on = None

_INDEXES = (
    ("incident_reported_at_idx", "incident (tenant_id, reported_at desc)"),
    ("child_case_opened_at_idx", "child_case (tenant_id, opened_at desc)"),
    ("referral_sent_at_idx", "referral (tenant_id, sent_at desc)"),
    ("team_sitting_planned_for_idx", "team_sitting (tenant_id, planned_for desc)"),
    ("referral_log_entry_peer_tenant_id_idx", "referral_log_entry (peer_tenant_id, entered_at)"),
    ("city_letter_tenant_id_idx", "city_letter (tenant_id, sent_at desc)"),
    ("city_letter_peer_tenant_id_idx", "city_letter (peer_tenant_id, sent_at desc)"),
)


def upgrade() -> None:
    """Rows of one moment are put in order when they are read; there are few."""
    for name, columns in _INDEXES:
        op.execute(f"drop index {name}")
        op.execute(f"create index {name} on {columns}")
