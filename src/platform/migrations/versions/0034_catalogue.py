"""The service catalogue, referrals that nobody follows, and help requests that somebody prepares for another to sign."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0034_catalogue"
down_revision = "0033_form_j"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What an organisation offers is read by everybody in the region and written by itself alone; the year is woken."""
    op.execute("""
        create table service_catalogue (
            tenant_id uuid primary key references tenants (id), address text not null, phone text not null,
            contact_person text not null, hours text not null, services jsonb not null,
            changed_at timestamptz not null, confirmed_at timestamptz, version int not null default 1)""")
    op.execute("alter table service_catalogue enable row level security")
    op.execute("alter table service_catalogue force row level security")
    op.execute("create policy service_catalogue_read on service_catalogue for select to qorgan_app using (true)")
    own = "(tenant_id = (select ctx_tenant()))"
    op.execute(f"create policy service_catalogue_begin on service_catalogue for insert to qorgan_app with check {own}")
    op.execute(
        f"create policy service_catalogue_keep on service_catalogue for update to qorgan_app using {own} with check {own}"
    )
    op.execute("grant select, insert on service_catalogue to qorgan_app")
    columns = "address, phone, contact_person, hours, services, changed_at, confirmed_at, version"
    op.execute(f"grant update ({columns}) on service_catalogue to qorgan_app")
    op.execute("""
        insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at)
        select gen_random_uuid(), 'catalogue.open_year', '{}', id, id, now(), now() from tenants
         where kind not in ('school', 'region_operator')""")
    op.execute("""
        alter table referral_case add column unfollowed_reason bytea, add column unfollowed_at timestamptz,
            add column unfollowed_by uuid,
            add foreign key (tenant_id, unfollowed_by) references membership (tenant_id, id) not valid,
            add check ((unfollowed_at is null) = (unfollowed_reason is null)),
            add check ((unfollowed_at is null) = (unfollowed_by is null))""")
    op.execute("""
        create table help_request_draft (
            tenant_id uuid not null references tenants (id), id uuid not null, participation_id uuid not null,
            content bytea not null, prepared_by uuid not null, prepared_at timestamptz not null, referral_id uuid,
            version int not null default 1, primary key (tenant_id, id),
            foreign key (tenant_id, participation_id) references participation (tenant_id, id),
            foreign key (tenant_id, prepared_by) references membership (tenant_id, id),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id))""")
    op.execute(
        "create unique index help_request_draft_waiting_key on help_request_draft (tenant_id, participation_id) "
        "where referral_id is null"
    )
    protect_tenant_table(
        "help_request_draft", may="select, insert, update (content, prepared_by, prepared_at, referral_id, version)"
    )
