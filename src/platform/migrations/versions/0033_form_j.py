"""Form J month by month, and the commission's own record of its rows."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table, protect_two_party_table

revision = "0033_form_j"
down_revision = "0032_commission"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row of a confirmed form is checked once and changed by nobody; the next month that ends opens the first form."""
    op.execute("""
        create table form_j_month (
            tenant_id uuid not null references tenants (id), id uuid not null,
            month int not null check (month % 100 between 1 and 12), starts_at timestamptz not null,
            ends_at timestamptz not null, state text not null check (state in ('open', 'confirmed', 'reopened')),
            revision int not null default 0 check (revision >= 0), version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, month), check (starts_at < ends_at),
            check (state = 'open' or revision > 0))""")
    protect_tenant_table("form_j_month", may="select, insert, update (state, revision, version)")
    op.execute("""
        create table form_j_row (
            tenant_id uuid not null, id uuid not null, month_id uuid not null, revision int not null check (revision > 0),
            referral_id uuid not null, contact uuid not null, checked_on date, checked_by uuid,
            primary key (tenant_id, id), unique (tenant_id, month_id, revision, referral_id),
            check ((checked_on is null) = (checked_by is null)),
            foreign key (tenant_id, month_id) references form_j_month (tenant_id, id),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id),
            foreign key (tenant_id, contact) references membership (tenant_id, id),
            foreign key (tenant_id, checked_by) references membership (tenant_id, id))""")
    op.execute("create index form_j_row_referral_id_idx on form_j_row (tenant_id, referral_id)")
    protect_tenant_table("form_j_row", may="select, insert, update (checked_on, checked_by)")
    op.execute("""
        create table form_j_turn (
            tenant_id uuid not null, id uuid not null, month_id uuid not null, revision int not null,
            kind text not null check (kind in ('confirmed', 'reopened')), at timestamptz not null, by_membership uuid not null,
            reason bytea, primary key (tenant_id, id), check ((kind = 'reopened') = (reason is not null)),
            foreign key (tenant_id, month_id) references form_j_month (tenant_id, id),
            foreign key (tenant_id, by_membership) references membership (tenant_id, id))""")
    op.execute("create index form_j_turn_month_id_idx on form_j_turn (tenant_id, month_id)")
    protect_tenant_table("form_j_turn", may="select, insert")
    _commission()


def _commission() -> None:
    op.execute("alter table referral_case add column commission_case_at timestamptz")
    op.execute("""
        create table referral_log_entry (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), month int not null check (month % 100 between 1 and 12),
            revision int not null check (revision > 0), mark uuid not null, service uuid not null references tenants (id),
            support text not null, sent_on date not null, checked_on date, entered_at timestamptz not null,
            request_id uuid, replaced_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, month, revision, mark),
            foreign key (tenant_id, request_id) references referral (tenant_id, id))""")
    op.execute(
        "create index referral_log_entry_peer_tenant_id_idx on referral_log_entry (peer_tenant_id, entered_at, id)"
    )
    op.execute("create index referral_log_entry_mark_idx on referral_log_entry (tenant_id, mark)")
    op.execute("create index referral_log_entry_request_id_idx on referral_log_entry (tenant_id, request_id)")
    protect_two_party_table("referral_log_entry", updatable=["checked_on", "request_id", "replaced_at", "version"])
    op.execute("""
        create function referral_log_entry_whose_column() returns trigger language plpgsql as $$
        begin
            if (select ctx_tenant()) <> old.tenant_id or old.replaced_at is not null
                or (old.checked_on is not null and new.checked_on is distinct from old.checked_on)
                or (old.request_id is not null and new.request_id is distinct from old.request_id) then
                raise insufficient_privilege using message = 'only the school writes its log, and each column once';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger referral_log_entry_whose_column before update on referral_log_entry for each row "
        "execute function referral_log_entry_whose_column()"
    )
