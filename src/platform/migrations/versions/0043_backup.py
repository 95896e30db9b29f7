"""The backup role reads every table whole and writes none; the key of the context and sessions are not in a backup."""

from alembic import op

revision = "0043_backup"
down_revision = "0042_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Grant reading on what is there and on what later migrations make (S-51)."""
    op.execute("grant select on all tables in schema public to qorgan_backup")
    op.execute("revoke all on ctx_key, user_session from qorgan_backup")
    op.execute("alter default privileges in schema public grant select on tables to qorgan_backup")
