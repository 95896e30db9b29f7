"""Form E month by month, what a team meeting decided as it decided it, and protective tasks of colleagues."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table, protect_two_party_table

revision = "0024_form_e"
down_revision = "0023_families"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A confirmed form is a row that two organisations share and nobody may change; its first clock is woken here."""
    op.execute("""
        create table form_e_month (
            tenant_id uuid not null references tenants (id), id uuid not null,
            month int not null check (month % 100 between 1 and 12), starts_at timestamptz not null,
            ends_at timestamptz not null, state text not null check (state in ('open', 'confirmed', 'reopened')),
            revision int not null default 0 check (revision >= 0), version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, month), check (starts_at < ends_at),
            check (state = 'open' or revision > 0))""")
    protect_tenant_table("form_e_month", may="select, insert, update (state, revision, version)")
    op.execute("""
        create table form_e (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), month int not null,
            revision int not null check (revision > 0), numbers jsonb not null, own_note bytea, peer_note bytea,
            confirmed_at timestamptz not null, primary key (tenant_id, id), unique (tenant_id, month, revision),
            foreign key (tenant_id, month) references form_e_month (tenant_id, month),
            check ((own_note is null) = (peer_note is null)))""")
    op.execute("create index form_e_peer_tenant_id_idx on form_e (peer_tenant_id, month)")
    protect_two_party_table("form_e")
    op.execute("""
        create table form_e_turn (
            tenant_id uuid not null, id uuid not null, month_id uuid not null, revision int not null,
            kind text not null check (kind in ('confirmed', 'reopened')), at timestamptz not null, by_membership uuid not null,
            reason bytea, primary key (tenant_id, id), check ((kind = 'reopened') = (reason is not null)),
            foreign key (tenant_id, month_id) references form_e_month (tenant_id, id),
            foreign key (tenant_id, by_membership) references membership (tenant_id, id))""")
    op.execute("create index form_e_turn_month_id_idx on form_e_turn (tenant_id, month_id)")
    protect_tenant_table("form_e_turn", may="select, insert")
    op.execute("alter table team_meeting add column outcome text, add column levels jsonb")
    op.execute("create index team_meeting_held_at_idx on team_meeting (tenant_id, held_at)")
    op.execute("create index report_received_at_idx on report (tenant_id, received_at)")
    op.execute("""
        create table protective_task (
            tenant_id uuid not null, id uuid not null, incident_id uuid not null, membership_id uuid not null,
            instruction bytea not null, given_at timestamptz not null, done_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute("create index protective_task_incident_id_idx on protective_task (tenant_id, incident_id)")
    op.execute("create index protective_task_membership_id_idx on protective_task (tenant_id, membership_id)")
    protect_tenant_table("protective_task", may="select, insert, update (done_at, version)")
    op.execute("""
        insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at)
        select gen_random_uuid(), 'monthly.joined', '{}', id, id, now(), now() from tenants where kind = 'school'""")
