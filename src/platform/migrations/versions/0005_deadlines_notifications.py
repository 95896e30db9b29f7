"""Stub to be filled: 0005_deadlines_notifications."""

revision = "0005_deadlines_notifications"
down_revision = "0004_teams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
