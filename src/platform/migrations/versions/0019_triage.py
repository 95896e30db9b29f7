"""Triage with its consequences: linked reports, forwarding of serious signs, the psychologist's contact, parents."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0019_triage"
down_revision = "0018_doors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An emptied incident points to the one that has its reports; nothing of it is deleted (R-034)."""
    op.execute("alter table incident drop constraint incident_state_check")
    # the columns are new and empty; validating a key would read the table, which nobody may without an organisation
    op.execute("""
        alter table incident add column linked_into uuid, add column sexual_words_only boolean,
            add column counsellor uuid,
            add column psych_contact_at timestamptz, add column psych_contact_by uuid,
            add foreign key (tenant_id, counsellor) references membership (tenant_id, id) not valid,
            add constraint incident_state_check check (state in ('reported', 'screened', 'under_investigation',
                'investigated', 'classified', 'closed', 'linked')),
            add foreign key (tenant_id, linked_into) references incident (tenant_id, id) not valid,
            add foreign key (tenant_id, psych_contact_by) references membership (tenant_id, id) not valid,
            add check ((linked_into is not null) = (state = 'linked')), add check (linked_into <> id),
            add check ((psych_contact_at is null) = (psych_contact_by is null))""")
    op.execute("create index incident_linked_into_idx on incident (tenant_id, linked_into)")
    op.execute("""
        alter table participation add column parents_informed_at timestamptz,
            add column parents_informed text check (parents_informed in ('parents', 'other_representative',
                'guardianship_body')),
            add column parents_not_informed bytea,
            add check ((parents_informed_at is null) = (parents_informed is null))""")
    op.execute("""
        create table incident_link (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, into_id uuid not null,
            linked_at timestamptz not null, linked_by uuid not null,
            reports uuid[] not null, people uuid[] not null, tokens uuid[] not null, before jsonb not null,
            is_final boolean not null, undone_at timestamptz, primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, into_id) references incident (tenant_id, id),
            foreign key (tenant_id, linked_by) references membership (tenant_id, id),
            check (incident_id <> into_id))""")
    op.execute(
        "create unique index incident_link_one_idx on incident_link (tenant_id, incident_id) where undone_at is null"
    )
    protect_tenant_table("incident_link")
    op.execute("""
        create table forwarding (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null,
            signs text[] not null, targets text[] not null default '{}'
                check (targets <@ array['commission', 'police', 'medical', 'prosecutor']),
            forwarded_at timestamptz, by_membership uuid not null,
            reason bytea, asked_at timestamptz, agreed_by uuid, agreed_at timestamptz,
            primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, by_membership) references membership (tenant_id, id),
            foreign key (tenant_id, agreed_by) references membership (tenant_id, id),
            check ((forwarded_at is null) = (targets = '{}')),
            check ((forwarded_at is null) = (reason is not null and asked_at is not null)),
            check ((agreed_by is null) = (agreed_at is null)), check (agreed_by <> by_membership))""")
    op.execute("create index forwarding_incident_id_idx on forwarding (tenant_id, incident_id)")
    protect_tenant_table("forwarding")
