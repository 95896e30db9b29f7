"""Agreements, referrals and weekly reports: rows that a school and a partner share."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table, protect_two_party_table

revision = "0008_referrals"
down_revision = "0007_casework"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the trigger that knows whose column is whose (decisions 6)."""
    op.execute("""
        create table agreement (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), service_types text[] not null,
            contract_fields text[] not null, valid_from date not null, valid_to date not null,
            signed_by_school_at timestamptz not null, signed_by_partner_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), check (valid_from <= valid_to), check (cardinality(service_types) > 0))""")
    op.execute("create index agreement_peer_tenant_id_idx on agreement (peer_tenant_id)")
    protect_two_party_table("agreement", updatable=["signed_by_partner_at", "version"])
    op.execute("""
        create table referral (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), service_type text not null,
            state text not null check (state in ('sent', 'accepted', 'declined', 'recalled', 'completed')),
            sealed_slice bytea, sent_at timestamptz not null, answered_at timestamptz, ended_at timestamptz,
            decline_reason text check (decline_reason in ('no_capacity', 'not_our_service', 'cannot_reach')),
            version int not null default 1, primary key (tenant_id, id),
            check (state <> 'declined' or decline_reason is not null),
            check (state <> 'recalled' or sealed_slice is null))""")
    op.execute("create index referral_peer_tenant_id_idx on referral (peer_tenant_id)")
    protect_two_party_table(
        "referral", updatable=["state", "sealed_slice", "answered_at", "ended_at", "decline_reason", "version"]
    )
    op.execute("""
        create table referral_case (
            tenant_id uuid not null, referral_id uuid not null, case_id uuid not null, incident_id uuid not null,
            manager uuid not null, primary key (tenant_id, referral_id),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id),
            foreign key (tenant_id, case_id) references child_case (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, manager) references membership (tenant_id, id))""")
    protect_tenant_table("referral_case")
    op.execute("""
        create table weekly_report (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), referral_id uuid not null,
            week text not null check (week ~ '^[0-9]{4}-W[0-9]{2}$'),
            sessions_count int not null check (sessions_count >= 0),
            attended_count int not null check (attended_count between 0 and sessions_count),
            progress text not null check (progress in ('worse', 'none', 'slight', 'good')),
            danger_flag boolean not null, attended_team_meeting boolean not null, own_text bytea not null,
            peer_text bytea not null, submitted_at timestamptz not null, primary key (tenant_id, id),
            unique (tenant_id, referral_id, week),
            foreign key (peer_tenant_id, referral_id) references referral (tenant_id, id))""")
    op.execute("create index weekly_report_peer_tenant_id_idx on weekly_report (peer_tenant_id, referral_id)")
    protect_two_party_table("weekly_report")
    _whose_column()


def _whose_column() -> None:
    op.execute("""
        create function referral_whose_column() returns trigger language plpgsql as $$
        declare partner boolean := (select ctx_tenant()) = old.peer_tenant_id;
        begin
            if partner and (new.sealed_slice is distinct from old.sealed_slice or (old.state, new.state) not in
                (('sent', 'accepted'), ('sent', 'declined'), ('accepted', 'completed'))) then
                raise insufficient_privilege using message = 'not the column of the partner';
            end if;
            if not partner and ((old.state, new.state) <> ('sent', 'recalled') or new.sealed_slice is not null
                or new.answered_at is distinct from old.answered_at
                or new.decline_reason is distinct from old.decline_reason) then
                raise insufficient_privilege using message = 'not the column of the school';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger referral_whose_column before update on referral for each row "
        "execute function referral_whose_column()"
    )
    op.execute("""
        create function agreement_whose_column() returns trigger language plpgsql as $$
        begin
            if (select ctx_tenant()) <> old.peer_tenant_id or old.signed_by_partner_at is not null then
                raise insufficient_privilege using message = 'only the partner signs, and once';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger agreement_whose_column before update on agreement for each row "
        "execute function agreement_whose_column()"
    )
