"""Stub to be filled: 0003_vault_roster."""

revision = "0003_vault_roster"
down_revision = "0002_workdays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
