"""The doorbell rings for rows only: a relay that found nothing due must not wake itself."""

from alembic import op

revision = "0011_quiet_doorbell"
down_revision = "0010_sent_form"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A trigger of statements fires for an insert of no rows too."""
    op.execute("""
        create or replace function outbox_ring() returns trigger language plpgsql as $$
        begin
            if exists (select from added) then perform pg_notify('qorgan_outbox', ''); end if;
            return null;
        end $$""")
    op.execute("drop trigger outbox_ring on outbox")
    op.execute(
        "create trigger outbox_ring after insert on outbox referencing new table as added "
        "for each statement execute function outbox_ring()"
    )
