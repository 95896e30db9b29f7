"""Stub to be filled: 0007_casework."""

revision = "0007_casework"
down_revision = "0006_incidents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
