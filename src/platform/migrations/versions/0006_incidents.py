"""Stub to be filled: 0006_incidents."""

revision = "0006_incidents"
down_revision = "0005_deadlines_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
