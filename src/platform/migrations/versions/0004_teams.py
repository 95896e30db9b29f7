"""The security team of a school year, who sits in it, who is on duty."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0004_teams"
down_revision = "0003_vault_roster"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; one active team a school year is the database's word (R-001)."""
    op.execute("""
        create table security_team (
            tenant_id uuid not null references tenants (id), id uuid not null,
            school_year text not null check (school_year ~ '^[0-9]{4}/[0-9]{4}$'),
            order_no text not null, order_date date not null,
            status text not null check (status in ('draft', 'active', 'ended')),
            activated_at timestamptz, ended_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), check (status <> 'active' or activated_at is not null),
            check ((status = 'ended') = (ended_at is not null)))""")
    op.execute(
        "create unique index security_team_tenant_id_school_year_key on security_team (tenant_id, school_year) "
        "where status = 'active'"
    )
    op.execute(
        "create unique index security_team_tenant_id_school_year_draft_key on security_team (tenant_id, school_year) "
        "where status = 'draft'"
    )
    protect_tenant_table("security_team")
    op.execute("""
        create table security_team_member (
            tenant_id uuid not null, id uuid not null, team_id uuid not null, membership_id uuid not null,
            kind text not null check (kind in ('director', 'specialist', 'teacher', 'other')),
            trained_on date, is_leader boolean not null default false, is_deputy boolean not null default false,
            gives_role text not null generated always as (
                case when is_leader or is_deputy then 'team_coordinator' else 'team_member' end) stored,
            added_at timestamptz not null, ended_at timestamptz, primary key (tenant_id, id),
            check (not (is_leader and is_deputy)),
            foreign key (tenant_id, team_id) references security_team (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    for name, columns, condition in (
        ("membership_id_key", "team_id, membership_id", ""),
        ("leader_key", "team_id", "and is_leader"),
        ("deputy_key", "team_id", "and is_deputy"),
    ):
        op.execute(
            f"create unique index security_team_member_tenant_id_team_id_{name} on security_team_member (tenant_id, {columns}) "
            f"where ended_at is null {condition}"
        )
    protect_tenant_table("security_team_member")
    op.execute("""
        create table team_duty (
            tenant_id uuid not null, id uuid not null, membership_id uuid not null,
            from_at timestamptz not null, to_at timestamptz, primary key (tenant_id, id), check (to_at >= from_at),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute("create unique index team_duty_tenant_id_key on team_duty (tenant_id) where to_at is null")
    op.execute("create index team_duty_tenant_id_from_at_idx on team_duty (tenant_id, from_at)")
    protect_tenant_table("team_duty")
