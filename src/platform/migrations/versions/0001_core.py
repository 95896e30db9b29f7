"""Context, organisations, accounts, audit chain, outbox."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and functions that every request, job and clock rests on."""
    _context()
    _organisations()
    _accounts()
    _audit()
    _outbox()
    _begin()


def _context() -> None:
    op.execute("create table ctx_key (kid text primary key, inner_pad bytea not null, outer_pad bytea not null)")
    op.execute("""
        create table platform_state (
            id smallint primary key default 1 check (id = 1),
            is_test boolean not null default false,
            clock_offset interval not null default interval '0',
            check (is_test or clock_offset = interval '0'))""")
    op.execute("insert into platform_state default values")
    protect_platform_table("platform_state", may="select")
    op.execute("grant select on platform_state to qorgan_relay")
    definer_function(
        "ctx_sign",
        "text",
        """
        create function ctx_sign(claim text) returns text language plpgsql stable as $$
        declare k ctx_key;
        begin
            select * into strict k from ctx_key where kid = 'current';
            return encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(claim, 'UTF8'))), 'hex');
        end $$""",
        execute=(),
    )
    definer_function(
        "ctx_part",
        "int",
        """
        create function ctx_part(part int) returns uuid language plpgsql stable as $$
        declare c text[] := string_to_array(coalesce(current_setting('qorgan.ctx', true), ''), '|');
        begin
            if cardinality(c) = 4 and c[3] ~ '^[0-9]{1,12}$' and to_timestamp(c[3]::bigint) > now()
               and public.ctx_sign(c[1] || '|' || c[2] || '|' || c[3]) = c[4] then
                return c[part]::uuid;
            end if;
            raise insufficient_privilege using message = 'no valid tenant context';
        end $$""",
        execute=(),
    )
    definer_function(
        "ctx_tenant",
        "",
        """
        create function ctx_tenant() returns uuid language plpgsql stable as
        $$ begin return public.ctx_part(1); end $$""",
        execute=("qorgan_app",),
    )
    definer_function(
        "ctx_enter",
        "uuid, uuid",
        """
        create function ctx_enter(tenant uuid, usr uuid) returns void language plpgsql as $$
        declare claim text := tenant || '|' || usr || '|'
            || extract(epoch from now() + interval '10 minutes')::bigint;
        begin perform set_config('qorgan.ctx', claim || '|' || public.ctx_sign(claim), true); end $$""",
        execute=(),
    )


def _organisations() -> None:
    op.execute("""
        create table district (
            id uuid primary key, name_kk text not null, name_ru text not null, name_en text not null)""")
    protect_platform_table("district", may="select")
    op.execute("""
        create table tenants (
            id uuid primary key,
            kind text not null check (kind ~ '^[a-z_]+$'),
            code text not null unique check (code ~ '^[a-z0-9]{3,12}$'),
            slug text not null unique check (slug ~ '^[a-z0-9-]{3,60}$'),
            name_kk text not null, name_ru text not null, name_en text not null,
            district_id uuid references district (id),
            status text not null default 'active' check (status in ('active', 'suspended')),
            recipient_key bytea not null,
            created_at timestamptz not null,
            suspended_at timestamptz,
            version int not null default 1)""")
    op.execute("alter table tenants enable row level security")
    op.execute("alter table tenants force row level security")
    op.execute("create policy tenants_read on tenants for select using (true)")
    definer_function(
        "ctx_is_operator",
        "",
        """
        create function ctx_is_operator() returns boolean language plpgsql stable as $$
        begin return exists (select from public.tenants t
                             where t.id = public.ctx_tenant() and t.kind = 'region_operator'); end $$""",
    )
    for verb, clause in (("insert", "with check"), ("update", "using")):
        op.execute(f"create policy tenants_{verb} on tenants for {verb} {clause} ((select ctx_is_operator()))")
        op.execute(f"create policy district_{verb} on district for {verb} {clause} ((select ctx_is_operator()))")
    op.execute("alter table district enable row level security")
    op.execute("alter table district force row level security")
    op.execute("create policy district_read on district for select using (true)")
    op.execute("grant insert, update (name_kk, name_ru, name_en) on district to qorgan_app")
    op.execute(
        "grant select, insert, update (name_kk, name_ru, name_en, district_id, status, suspended_at, version) "
        "on tenants to qorgan_app"
    )
    op.execute("grant select on tenants, district to qorgan_oversight, qorgan_relay")
    op.execute("""
        create table tenant_key (
            tenant_id uuid not null references tenants (id), purpose text not null check (purpose ~ '^[a-z]+$'),
            version int not null, wrapped bytea not null, primary key (tenant_id, purpose, version))""")
    protect_tenant_table("tenant_key", may="select, insert")
    definer_function(
        "tenant_provision",
        "uuid, text[], bytea[]",
        """
        create function tenant_provision(p_tenant uuid, p_purposes text[], p_wrapped bytea[])
        returns void language plpgsql as $$
        declare operator text := current_setting('qorgan.ctx', true);
        begin
            if not public.ctx_is_operator() then
                raise insufficient_privilege using message = 'only the region operator provisions';
            end if;
            perform public.ctx_enter(p_tenant, '00000000-0000-0000-0000-000000000000');
            insert into public.tenant_key (tenant_id, purpose, version, wrapped)
            select p_tenant, k.purpose, 1, k.wrapped from unnest(p_purposes, p_wrapped) as k (purpose, wrapped);
            perform set_config('qorgan.ctx', operator, true);
        end $$""",
    )
    op.execute("""
        create table tenant_setting (
            tenant_id uuid not null references tenants (id), name text not null, value jsonb not null,
            primary key (tenant_id, name))""")
    protect_tenant_table("tenant_setting")


def _accounts() -> None:
    op.execute("""
        create table users (
            id uuid primary key, password_hash text not null, language text not null default 'kk'
                check (language in ('kk', 'ru', 'en')),
            totp_sealed bytea, totp_last_step bigint, blocked_at timestamptz,
            must_change_password boolean not null default false, created_at timestamptz not null,
            version int not null default 1)""")
    protect_platform_table("users", may="select, insert, update")
    op.execute("create table sign_in_name (blind bytea primary key, user_id uuid not null references users (id))")
    op.execute("create index sign_in_name_user_id_idx on sign_in_name (user_id)")
    protect_platform_table("sign_in_name", may="select, insert")
    op.execute("""
        create table membership (
            tenant_id uuid not null references tenants (id), id uuid not null,
            user_id uuid not null references users (id), person_id uuid not null,
            roles text[] not null check (cardinality(roles) > 0),
            since timestamptz not null, ended_at timestamptz, version int not null default 1,
            primary key (tenant_id, id))""")
    op.execute(
        "create unique index membership_tenant_id_user_id_key on membership (tenant_id, user_id) where ended_at is null"
    )
    protect_tenant_table("membership")
    op.execute(
        "create table user_tenant (user_id uuid not null references users (id), "
        "tenant_id uuid not null references tenants (id), primary key (user_id, tenant_id))"
    )
    protect_platform_table("user_tenant", may="select, insert")
    op.execute("""
        create table user_session (
            token_hash bytea primary key, user_id uuid not null references users (id),
            tenant_id uuid not null references tenants (id), csrf bytea not null,
            created_at timestamptz not null default clock_timestamp(),
            seen_at timestamptz not null default clock_timestamp(), second_factor_at timestamptz)""")
    op.execute("create index user_session_user_id_idx on user_session (user_id)")
    protect_platform_table("user_session", may="select, insert, update, delete")
    op.execute("""
        create table recovery_code (
            user_id uuid not null references users (id), code_hash bytea not null, used_at timestamptz,
            primary key (user_id, code_hash))""")
    protect_platform_table("recovery_code", may="select, insert, update (used_at), delete")
    op.execute("""
        create table sign_in_attempt (
            blind bytea not null, at timestamptz not null default clock_timestamp())""")
    op.execute("create index sign_in_attempt_blind_at_idx on sign_in_attempt (blind, at)")
    protect_platform_table("sign_in_attempt", may="select, insert, delete")


def _audit() -> None:
    op.execute("""
        create table audit_log (
            tenant_id uuid not null references tenants (id), seq bigint not null, at timestamptz not null,
            actor_id uuid, actor_sealed bytea, action text not null, subject_kind text not null,
            record_ids uuid[] not null, classes text[] not null, detail jsonb not null,
            prev_hash bytea not null, hash bytea not null, primary key (tenant_id, seq))""")
    protect_tenant_table("audit_log", may="select")
    op.execute(
        "create table audit_head (tenant_id uuid primary key references tenants (id), "
        "seq bigint not null, hash bytea not null)"
    )
    protect_tenant_table("audit_head", may="select")
    op.execute(
        "create table audit_checkpoint (at timestamptz primary key, heads jsonb not null, signature bytea not null)"
    )
    protect_platform_table("audit_checkpoint", may="select")
    definer_function(
        "audit_append",
        "timestamptz, uuid, bytea, text, text, uuid[], text[], jsonb",
        """
        create function audit_append(p_at timestamptz, p_actor uuid, p_sealed bytea, p_action text, p_kind text,
                                     p_records uuid[], p_classes text[], p_detail jsonb)
        returns bigint language plpgsql as $$
        declare t uuid := public.ctx_tenant(); h public.audit_head; n bigint; digest bytea;
        begin
            insert into public.audit_head values (t, 0, '\\x00') on conflict do nothing;
            select * into h from public.audit_head where tenant_id = t for update;
            n := h.seq + 1;
            digest := sha256(h.hash || convert_to(concat_ws('|', t, n,
                (extract(epoch from p_at) * 1000000)::bigint, coalesce(p_actor::text, ''),
                coalesce(encode(p_sealed, 'hex'), ''), p_action, p_kind, array_to_string(p_records, ','),
                array_to_string(p_classes, ','), p_detail::text), 'UTF8'));
            insert into public.audit_log values
                (t, n, p_at, p_actor, p_sealed, p_action, p_kind, p_records, p_classes, p_detail, h.hash, digest);
            update public.audit_head set seq = n, hash = digest where tenant_id = t;
            return n;
        end $$""",
    )


def _outbox() -> None:
    op.execute("""
        create table outbox (
            id uuid primary key, actor text not null check (actor ~ '^[a-z_]+\\.[a-z_]+$'), args jsonb not null,
            tenant_id uuid not null references tenants (id), target_tenant uuid not null references tenants (id),
            created_at timestamptz not null, attempts int not null default 0,
            next_at timestamptz not null default clock_timestamp(), lease_until timestamptz,
            done_at timestamptz, dead_at timestamptz, failure text)""")
    op.execute("create index outbox_next_at_idx on outbox (next_at) where done_at is null and dead_at is null")
    op.execute("create index outbox_dead_at_idx on outbox (dead_at) where dead_at is not null and done_at is null")
    protect_platform_table("outbox", may="insert")
    op.execute("grant select, update on outbox to qorgan_relay")
    op.execute("""
        create table wake_at (
            id uuid primary key, at timestamptz not null, actor text not null, args jsonb not null,
            tenant_id uuid not null references tenants (id), fired_at timestamptz)""")
    op.execute("create index wake_at_at_idx on wake_at (at) where fired_at is null")
    protect_platform_table("wake_at", may="insert")
    op.execute("grant select, update on wake_at to qorgan_relay")
    op.execute("grant insert on outbox to qorgan_relay")
    op.execute("""
        create function outbox_ring() returns trigger language plpgsql as
        $$ begin perform pg_notify('qorgan_outbox', ''); return null; end $$""")
    op.execute("create trigger outbox_ring after insert on outbox for each statement execute function outbox_ring()")
    definer_function(
        "begin_job",
        "uuid",
        """
        create function begin_job(p_id uuid, out actor text, out args jsonb, out tenant uuid, out shift interval)
        language plpgsql as $$
        begin
            select o.actor, o.args, o.target_tenant, s.clock_offset into actor, args, tenant, shift
            from public.outbox o, public.platform_state s
            where o.id = p_id and o.done_at is null and o.dead_at is null for update of o skip locked;
            if tenant is not null then
                perform public.ctx_enter(tenant, '00000000-0000-0000-0000-000000000000');
            end if;
        end $$""",
        execute=("qorgan_worker",),
    )
    definer_function(
        "finish_job",
        "uuid",
        """
        create function finish_job(p_id uuid) returns void language sql as
        $$ update public.outbox set done_at = clock_timestamp(), lease_until = null, failure = null where id = p_id $$
        """,
        execute=("qorgan_worker",),
    )
    definer_function(
        "fail_job",
        "uuid, text, interval, int",
        """
        create function fail_job(p_id uuid, p_failure text, p_again interval, p_most int) returns void language sql as
        $$ update public.outbox set lease_until = null, failure = left(p_failure, 200),
                  next_at = clock_timestamp() + p_again,
                  dead_at = case when attempts >= p_most then clock_timestamp() end
           where id = p_id and done_at is null $$""",
        execute=("qorgan_worker",),
    )


def _begin() -> None:
    definer_function(
        "begin_request",
        "bytea",
        """
        create function begin_request(p_hash bytea, out user_id uuid, out tenant_id uuid, out tenant_kind text,
            out membership_id uuid, out person_id uuid, out roles text[], out language text, out csrf bytea,
            out second_factor_at timestamptz, out has_second_factor boolean, out must_change_password boolean,
            out organisations bigint, out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        declare s public.user_session;
        begin
            select clock_offset into shift from public.platform_state;
            select us.* into s from public.user_session us where us.token_hash = p_hash
                and us.seen_at > clock_timestamp() - interval '30 minutes'
                and us.created_at > clock_timestamp() - interval '12 hours';
            if not found then return; end if;
            perform public.ctx_enter(s.tenant_id, s.user_id);
            select u.id, t.id, t.kind, m.id, m.person_id, m.roles, u.language, s.csrf, s.second_factor_at,
                   u.totp_sealed is not null or exists (select from public.recovery_code r where r.user_id = u.id),
                   u.must_change_password, (select count(*) from public.user_tenant x where x.user_id = u.id)
              into user_id, tenant_id, tenant_kind, membership_id, person_id, roles, language, csrf,
                   second_factor_at, has_second_factor, must_change_password, organisations
              from public.users u
              join public.membership m on m.user_id = u.id and m.ended_at is null and m.tenant_id = s.tenant_id
              join public.tenants t on t.id = s.tenant_id and t.status = 'active'
             where u.id = s.user_id and u.blocked_at is null;
            if user_id is null then
                perform set_config('qorgan.ctx', '', true);
            elsif s.seen_at < clock_timestamp() - interval '1 minute' then
                update public.user_session us set seen_at = clock_timestamp()
                 where us.token_hash in (select x.token_hash from public.user_session x
                                         where x.token_hash = p_hash for update skip locked);
            end if;
        end $$""",
    )
    definer_function(
        "begin_public",
        "text",
        """
        create function begin_public(p_slug text, out tenant_id uuid, out tenant_kind text, out shift interval)
        language plpgsql as $$
        begin
            select clock_offset into shift from public.platform_state;
            select t.id, t.kind into tenant_id, tenant_kind from public.tenants t
             where t.slug = p_slug and t.status = 'active';
            if tenant_id is not null then
                perform public.ctx_enter(tenant_id, '00000000-0000-0000-0000-000000000000');
            end if;
        end $$""",
    )
