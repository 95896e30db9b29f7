"""Which reasons the commission was told of that a school cannot handle an incident alone."""

from alembic import op

revision = "0013_commission_told"
down_revision = "0012_checkpoints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each reason is told once."""
    op.execute("alter table incident add column commission_told text[] not null default '{}'")
