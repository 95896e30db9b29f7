"""Reports, incidents, participations, interviews, meetings."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0006_incidents"
down_revision = "0005_deadlines_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of process (a)."""
    op.execute("""
        create table incident (
            tenant_id uuid not null references tenants (id), id uuid not null,
            number text not null check (number ~ '^[0-9]{6}$'),
            state text not null check (state in ('reported', 'screened', 'under_investigation', 'investigated',
                                                 'classified', 'closed')),
            urgency text not null check (urgency in ('urgent', 'standard')), urgency_answered boolean not null,
            happened_on date, place text, problem_behaviours text[] not null default '{}',
            violence_types text[] not null default '{}', serious_signs text[] not null default '{}',
            repetition text check (repetition in ('single_first', 'isolated', 'repeated')),
            residential_child boolean not null default false, harmed boolean, harm_danger boolean,
            self_harm_sign boolean, sent_to_medical boolean, injured_count int check (injured_count >= 0), injuries bytea,
            reported_at timestamptz not null, screened_at timestamptz, investigation_started_at timestamptz,
            investigation_ended_at timestamptz, classified_at timestamptz, closed_at timestamptz,
            outcome text check (outcome in ('confirmed_violence', 'confirmed_problem_behaviour', 'not_confirmed')),
            findings bytea, safety_measures bytea, identities_read_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, number),
            check (screened_at >= reported_at), check (investigation_ended_at >= investigation_started_at))""")
    op.execute("create index incident_reported_at_idx on incident (tenant_id, reported_at desc, id)")
    protect_tenant_table("incident")
    op.execute("""
        create table report (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, received_at timestamptz not null,
            channel text not null check (channel in ('staff', 'student', 'parent', 'public', 'partner')),
            description bytea not null, who bytea, happened bytea,
            place text, harmed text not null check (harmed in ('yes', 'no', 'unknown')),
            harm_danger text not null check (harm_danger in ('yes', 'no', 'unknown')),
            reporter_sealed bytea, reporter_blind bytea, reporter_status text not null,
            primary key (tenant_id, id), foreign key (tenant_id, incident_id) references incident (tenant_id, id))""")
    op.execute("create index report_incident_id_idx on report (tenant_id, incident_id)")
    op.execute("create index report_reporter_blind_idx on report (tenant_id, reporter_blind)")
    protect_tenant_table("report")
    op.execute("""
        create table participation (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null,
            involvement text not null check (involvement in ('alleged_offender', 'victim', 'both', 'witness')),
            kind text not null check (kind in ('student', 'employee', 'other_adult')),
            link bytea not null, link_blind bytea not null,
            risk_level text check (risk_level in ('not_at_risk', 'at_risk', 'high_risk')),
            added_at timestamptz not null, version int not null default 1, primary key (tenant_id, id),
            unique (tenant_id, incident_id, link_blind),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id))""")
    op.execute("create index participation_link_blind_idx on participation (tenant_id, link_blind)")
    protect_tenant_table("participation")
    op.execute("""
        create table incident_duty (
            tenant_id uuid not null, incident_id uuid not null, membership_id uuid not null,
            duty text not null check (duty in ('investigator', 'support_person')),
            primary key (tenant_id, incident_id, membership_id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    protect_tenant_table("incident_duty")
    op.execute("""
        create table interview (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null,
            participation_id uuid, report_id uuid, held_at timestamptz, notes bytea,
            waiver text check (waiver in ('left_to_police', 'child_not_fit', 'refused', 'not_reachable', 'anonymous')),
            primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id),
            foreign key (tenant_id, report_id) references report (tenant_id, id),
            check (num_nonnulls(participation_id, report_id) = 1),
            check (waiver is not null or (held_at is not null and notes is not null)))""")
    op.execute("create index interview_incident_id_idx on interview (tenant_id, incident_id)")
    protect_tenant_table("interview")
    op.execute("""
        create table team_meeting (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, held_at timestamptz not null,
            mode text not null default 'consensus' check (mode in ('consensus', 'vote')),
            invited uuid[] not null, attended uuid[] not null, primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id))""")
    protect_tenant_table("team_meeting", may="select, insert")
    op.execute("""
        create table narrative_token (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null,
            participation_id uuid, report_id uuid, surface bytea not null, undone_at timestamptz,
            primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id),
            foreign key (tenant_id, report_id) references report (tenant_id, id),
            check (num_nonnulls(participation_id, report_id) = 1))""")
    op.execute("create index narrative_token_incident_id_idx on narrative_token (tenant_id, incident_id)")
    protect_tenant_table("narrative_token")
