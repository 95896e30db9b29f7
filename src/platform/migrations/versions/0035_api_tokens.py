"""Tokens of partners' programs, and what their keyed requests led to."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0035_api_tokens"
down_revision = "0034_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A token is stored as a fingerprint and the application changes nothing of it but to revoke it."""
    op.execute("""
        create table api_token (
            tenant_id uuid not null, id uuid not null, membership_id uuid not null, name bytea not null,
            scopes text[] not null check (cardinality(scopes) > 0), token_hash bytea not null,
            made_at timestamptz not null, expires_at timestamptz not null, used_on date,
            used_hour timestamptz, used int not null default 0, revoked_at timestamptz,
            primary key (tenant_id, id), unique (tenant_id, token_hash), check (made_at < expires_at),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute("create index api_token_membership_id_idx on api_token (tenant_id, membership_id)")
    protect_tenant_table("api_token", may="select, insert, update (revoked_at)")
    op.execute("""
        create table api_token_code (
            token_hash bytea primary key, tenant_id uuid not null references tenants (id))""")
    protect_platform_table("api_token_code", may="insert")
    op.execute("""
        create table api_answer (
            tenant_id uuid not null references tenants (id), id uuid not null, request bytea not null,
            location text, expires_at timestamptz not null, primary key (tenant_id, id))""")
    protect_tenant_table("api_answer", may="select, insert, update (location), delete")
    _functions()


def _functions() -> None:
    """Counting stands apart from opening: what a refused request used up is not given back by its rollback."""
    definer_function(
        "spend_token",
        "bytea, int, date",
        """
        create function spend_token(p_hash bytea, p_most int, p_today date) returns boolean language plpgsql as $$
        declare
            place uuid; too_often boolean; this_hour timestamptz := date_trunc('hour', clock_timestamp());
        begin
            select c.tenant_id into place from public.api_token_code c where c.token_hash = p_hash;
            if place is null then return null; end if;
            perform public.ctx_enter(place, '00000000-0000-0000-0000-000000000000');
            update public.api_token a
               set used = case when a.used_hour = this_hour then least(a.used, p_most) + 1 else 1 end,
                   used_hour = this_hour, used_on = p_today
             where a.token_hash = p_hash and a.revoked_at is null and a.expires_at > clock_timestamp()
            returning a.used > p_most into too_often;
            perform set_config('qorgan.ctx', '', true);
            return too_often;
        end $$""",
    )
    definer_function(
        "begin_token",
        "bytea",
        """
        create function begin_token(p_hash bytea, out user_id uuid, out tenant_id uuid,
            out tenant_kind text, out membership_id uuid, out person_id uuid, out roles text[], out language text,
            out csrf bytea, out second_factor_at timestamptz, out has_second_factor boolean,
            out must_change_password boolean, out organisations bigint, out organisation text, out unread bigint,
            out token_id uuid, out scopes text[], out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        declare place uuid;
        begin
            select clock_offset into shift from public.platform_state;
            select c.tenant_id into place from public.api_token_code c where c.token_hash = p_hash;
            if place is null then return; end if;
            perform public.ctx_enter(place, '00000000-0000-0000-0000-000000000000');
            select u.id, t.id, t.kind, m.id, m.person_id, m.roles, u.language, ''::bytea, false,
                   u.must_change_password, 1, '', 0, a.id, a.scopes
              into user_id, tenant_id, tenant_kind, membership_id, person_id, roles, language, csrf,
                   has_second_factor, must_change_password, organisations, organisation, unread, token_id, scopes
              from public.api_token a
              join public.membership m on m.tenant_id = a.tenant_id and m.id = a.membership_id
                   and m.ended_at is null and not m.family
              join public.users u on u.id = m.user_id and u.blocked_at is null
              join public.tenants t on t.id = m.tenant_id and t.status = 'active'
             where a.tenant_id = place and a.token_hash = p_hash and a.revoked_at is null
               and a.expires_at > clock_timestamp();
            if user_id is null then
                perform set_config('qorgan.ctx', '', true);
            else
                perform public.ctx_enter(tenant_id, user_id);
            end if;
        end $$""",
    )
