"""A child of a residential institution, of whom nothing goes back there; a criminal offence that calls the council."""

from alembic import op

revision = "0031_paths"
down_revision = "0030_form_d_whole"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where a child lives is unknown until somebody says it; who owes the council's session reads what they need."""
    op.execute("alter table participation add column residential boolean")
    op.execute("grant update (incident_id, participation_id) on family_notice to qorgan_app")  # they follow a link
    # the columns are new and empty; validating a key would read the table, which nobody may without an organisation
    op.execute("""
        alter table incident add column criminal_offence boolean not null default false,
            add column council_caller uuid, add column council_planned_for date,
            add column council_called_at timestamptz, add column council_called_by uuid,
            add foreign key (tenant_id, council_caller) references membership (tenant_id, id) not valid,
            add foreign key (tenant_id, council_called_by) references membership (tenant_id, id) not valid,
            add check ((council_called_at is null) = (council_called_by is null)),
            add check ((council_called_at is null) = (council_planned_for is null))""")
