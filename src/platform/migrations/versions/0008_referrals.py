"""Stub to be filled: 0008_referrals."""

revision = "0008_referrals"
down_revision = "0007_casework"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
