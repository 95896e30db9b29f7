"""Meetings with an agenda, reopening, reconciliation, repeats, a deputy who acts, monitoring of victims."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0020_meetings"
down_revision = "0019_triage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a meeting decides stands in `team_meeting`, a row an incident; a sitting is the agenda that they stood on."""
    op.execute("""
        alter table incident add column rounds int not null default 0 check (rounds >= 0),
            add column lacks_coordinator boolean not null default false,
            add column staff_measures bytea, add column staff_measures_at timestamptz,
            add constraint incident_staff_measures_check check ((staff_measures is null) = (staff_measures_at is null))""")
    op.execute("""
        alter table participation add column secondary text
            check (secondary in ('proposed', 'mandatory', 'accepted', 'declined')),
            add column records int check (records > 0)""")
    op.execute("""
        create table team_sitting (
            tenant_id uuid not null references tenants (id), id uuid not null, planned_for timestamptz not null,
            primary key (tenant_id, id))""")
    op.execute("create index team_sitting_planned_for_idx on team_sitting (tenant_id, planned_for desc, id)")
    protect_tenant_table("team_sitting", may="select, insert")
    op.execute("""
        create table team_sitting_item (
            tenant_id uuid not null, id uuid not null, sitting_id uuid not null, incident_id uuid not null,
            invited uuid[] not null, attended uuid[] not null default '{}', held_at timestamptz, decided_at timestamptz,
            primary key (tenant_id, id), unique (tenant_id, sitting_id, incident_id),
            foreign key (tenant_id, sitting_id) references team_sitting (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id))""")
    op.execute("create index team_sitting_item_incident_id_idx on team_sitting_item (tenant_id, incident_id)")
    protect_tenant_table("team_sitting_item", may="select, insert, update (invited, attended, held_at, decided_at)")
    op.execute("""
        alter table team_meeting add column minutes bytea, add column sitting_id uuid,
            add foreign key (tenant_id, sitting_id) references team_sitting (tenant_id, id) not valid""")
    op.execute("grant update (minutes) on team_meeting to qorgan_app")
    op.execute("""
        create table incident_change (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null,
            kind text not null check (kind in ('reopened', 'investigator_replaced')), made_at timestamptz not null,
            reason bytea, primary key (tenant_id, id), check (kind <> 'reopened' or reason is not null),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id))""")
    op.execute("create index incident_change_incident_id_idx on incident_change (tenant_id, incident_id)")
    protect_tenant_table("incident_change", may="select, insert, update (reason)")
    op.execute("grant delete on incident_duty to qorgan_app")
    op.execute("""
        create table reconciliation (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, victim_id uuid not null,
            offender_id uuid not null, victim_agreed_at timestamptz not null, offender_agreed_at timestamptz not null,
            result bytea not null, recorded_at timestamptz not null, primary key (tenant_id, id),
            check (victim_id <> offender_id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, victim_id) references participation (tenant_id, id),
            foreign key (tenant_id, offender_id) references participation (tenant_id, id))""")
    op.execute("create index reconciliation_incident_id_idx on reconciliation (tenant_id, incident_id)")
    protect_tenant_table("reconciliation", may="select, insert, update (result)")
    op.execute("""
        alter table child_case add column monitored_since timestamptz, add column violence_stopped_at timestamptz,
            add constraint child_case_monitored_check check (violence_stopped_at >= monitored_since)""")
    op.execute("""
        create table monitoring_note (
            tenant_id uuid not null, id uuid not null, case_id uuid not null, noted_at timestamptz not null,
            author uuid not null, text bytea not null, stopped boolean not null default false,
            primary key (tenant_id, id), foreign key (tenant_id, case_id) references child_case (tenant_id, id),
            foreign key (tenant_id, author) references membership (tenant_id, id))""")
    op.execute("create index monitoring_note_case_id_idx on monitoring_note (tenant_id, case_id)")
    protect_tenant_table("monitoring_note", may="select, insert")
    op.execute("alter table notification add column withdrawn_at timestamptz")
