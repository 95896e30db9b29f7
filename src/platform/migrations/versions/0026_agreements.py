"""Agreements with their whole life; what a referral came from, who opened it, who is its contact and answers for it."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table, protect_two_party_table

revision = "0026_agreements"
down_revision = "0025_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A referral needs no case, cannot be recalled once it was opened; an agreement is drafted, signed and ended."""
    _referrals()
    _agreements()


def _referrals() -> None:
    op.execute("""
        alter table referral_case alter column case_id drop not null,
            add column participation_id uuid, add column form_k bytea,
            add column instead_of uuid,
            add check (case_id is not null or participation_id is not null),
            add foreign key (tenant_id, participation_id) references participation (tenant_id, id) not valid,
            add foreign key (tenant_id, instead_of) references referral (tenant_id, id) not valid""")
    op.execute("""
        create table referral_opening (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), referral_id uuid not null,
            opened_at timestamptz not null, primary key (tenant_id, id), unique (tenant_id, referral_id),
            foreign key (peer_tenant_id, referral_id) references referral (tenant_id, id))""")
    op.execute("create index referral_opening_peer_tenant_id_idx on referral_opening (peer_tenant_id, referral_id)")
    protect_two_party_table("referral_opening")
    op.execute("""
        create function referral_not_opened() returns trigger language plpgsql as $$
        begin
            if new.state = 'recalled' and exists (select from referral_opening o where o.referral_id = old.id) then
                raise insufficient_privilege using message = 'what was opened cannot be recalled';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger referral_not_opened before update on referral for each row "
        "execute function referral_not_opened()"
    )
    op.execute("""
        create table referral_contact (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), referral_id uuid not null,
            sealed_name bytea not null, since timestamptz not null, primary key (tenant_id, id),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id))""")
    op.execute("create index referral_contact_peer_tenant_id_idx on referral_contact (peer_tenant_id, referral_id)")
    protect_two_party_table("referral_contact")
    op.execute("""
        create table referral_duty (
            tenant_id uuid not null, referral_id uuid not null, membership_id uuid not null,
            since timestamptz not null, primary key (tenant_id, referral_id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    protect_tenant_table("referral_duty")


def _agreements() -> None:
    op.execute("""
        alter table agreement alter column signed_by_school_at drop not null,
            add column procedure text not null default '', add column contacts text not null default '',
            add column weekly_report_duty boolean not null default true check (weekly_report_duty),
            add column biweekly_attendance_duty boolean not null default true check (biweekly_attendance_duty),
            add column confidentiality boolean not null default true check (confidentiality),
            add column drafted_at timestamptz not null default now(), add column discarded_at timestamptz,
            add column ended_at timestamptz, add column ended_by uuid, add column end_reason text,
            add check (signed_by_partner_at is null or signed_by_school_at is not null),
            add check (num_nonnulls(ended_at, ended_by, end_reason) in (0, 3)),
            add check (discarded_at is null or num_nonnulls(signed_by_partner_at, ended_at) = 0)""")
    op.execute(
        "grant update (signed_by_school_at, discarded_at, ended_at, ended_by, end_reason) on agreement to qorgan_app"
    )
    op.execute("""
        create or replace function agreement_whose_column() returns trigger language plpgsql as $$
        declare
            me uuid := (select ctx_tenant());
            partner boolean := me = old.peer_tenant_id;
        begin
            if old.discarded_at is not null or old.ended_at is not null then
                raise insufficient_privilege using message = 'this agreement is over';
            end if;
            if new.signed_by_partner_at is distinct from old.signed_by_partner_at
                and (not partner or old.signed_by_partner_at is not null) then
                raise insufficient_privilege using message = 'only the partner signs for the partner, and once';
            end if;
            if new.signed_by_school_at is distinct from old.signed_by_school_at
                and (partner or old.signed_by_school_at is not null) then
                raise insufficient_privilege using message = 'only the school signs for the school, and once';
            end if;
            if new.discarded_at is not null and (partner or old.signed_by_partner_at is not null) then
                raise insufficient_privilege using message = 'only the school discards, and only a draft';
            end if;
            if new.ended_at is not null and (new.ended_by <> me or old.signed_by_partner_at is null) then
                raise insufficient_privilege using message = 'a side ends in its own name what both have signed';
            end if;
            return new;
        end $$""")
