"""A second factor that was lost is taken away by two people, who may be of two organisations (S-26, ADR 39)."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_two_party_table

revision = "0046_recovery"
down_revision = "0045_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was started is never changed and is decided once: the database keeps the four eyes too."""
    op.execute("""
        create table second_factor_recovery (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), place_id uuid not null references tenants (id),
            user_id uuid not null references users (id), roles text[] not null, number text not null,
            own_reason bytea not null, started_by uuid not null references users (id), started_at timestamptz not null,
            expires_at timestamptz not null, confirmed_by uuid references users (id), confirmed_at timestamptz,
            withdrawn_by uuid references users (id), withdrawn_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), check (started_at < expires_at), check (place_id in (tenant_id, peer_tenant_id)),
            check (started_by <> user_id and confirmed_by <> user_id and confirmed_by <> started_by),
            check ((confirmed_by is null) = (confirmed_at is null)), check (confirmed_at < expires_at),
            check ((withdrawn_by is null) = (withdrawn_at is null)), check (num_nonnulls(confirmed_at, withdrawn_at) < 2))""")
    op.execute("create index second_factor_recovery_peer_idx on second_factor_recovery (peer_tenant_id, started_at)")
    protect_two_party_table(
        "second_factor_recovery",
        updatable=("confirmed_by", "confirmed_at", "withdrawn_by", "withdrawn_at", "version"),
    )
    op.execute("""
        create function second_factor_recovery_decided_once() returns trigger language plpgsql as $$
        begin
            if num_nonnulls(old.confirmed_at, old.withdrawn_at) > 0 then
                raise insufficient_privilege using message = 'a recovery is decided once';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger second_factor_recovery_decided_once before update on second_factor_recovery for each row "
        "execute function second_factor_recovery_decided_once()"
    )
    _only_head()


def _only_head() -> None:
    """The region operator learns the account of the one head of an organisation, and of no organisation with more."""
    definer_function(
        "only_head",
        "uuid, text[]",
        """
        create function only_head(p_tenant uuid, p_roles text[]) returns uuid language plpgsql as $$
        declare operator text := current_setting('qorgan.ctx', true); found uuid[];
        begin
            if not public.ctx_is_operator() then
                raise insufficient_privilege using message = 'only the region operator asks for an only head';
            end if;
            perform public.ctx_enter(p_tenant, '00000000-0000-0000-0000-000000000000');
            select array_agg(m.user_id) into found from public.membership m where m.ended_at is null and m.roles && p_roles;
            perform set_config('qorgan.ctx', operator, true);
            return case when cardinality(found) = 1 then found[1] end;
        end $$""",
    )
