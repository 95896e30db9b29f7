"""Stub to be filled: 0004_teams."""

revision = "0004_teams"
down_revision = "0003_vault_roster"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
