"""Stub to be filled: 0002_workdays."""

revision = "0002_workdays"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
