"""Stub to be filled: 0009_oversight."""

revision = "0009_oversight"
down_revision = "0008_referrals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
