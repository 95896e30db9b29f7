"""The relay takes the checkpoints of the audit chains: it sees their heads and nothing of their rows."""

from alembic import op

revision = "0012_checkpoints"
down_revision = "0011_quiet_doorbell"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A head is a length and a hash."""
    op.execute("create policy audit_head_relay on audit_head for select to qorgan_relay using (true)")
    op.execute("grant select on audit_head to qorgan_relay")
    op.execute("grant select, insert on audit_checkpoint to qorgan_relay")
