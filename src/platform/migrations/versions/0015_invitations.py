"""Invitations: how people get in. Districts and memberships may be changed by those who keep them."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0015_invitations"
down_revision = "0014_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and the two functions that cross from nobody, and from the operator, into an organisation."""
    _tables()
    _begin_joining()
    _invite_first()
    op.execute("alter table district add column version int not null default 1")
    for language in ("kk", "ru", "en"):
        op.execute(f"alter table district add unique (name_{language})")
    op.execute("grant update (version) on district to qorgan_app")
    op.execute("grant delete on user_tenant to qorgan_app")


def _tables() -> None:
    op.execute("""
        create table invitation (
            tenant_id uuid not null references tenants (id), id uuid not null, code_blind bytea not null,
            roles text[] not null check (cardinality(roles) > 0),
            made_at timestamptz not null, made_by uuid references users (id), expires_at timestamptz not null,
            used_at timestamptz, membership_id uuid, revoked_at timestamptz, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, code_blind),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id),
            check (made_at < expires_at), check ((used_at is null) = (membership_id is null)),
            check (used_at is null or revoked_at is null))""")
    protect_tenant_table("invitation", may="select, insert, update (used_at, membership_id, revoked_at, version)")
    op.execute(
        "create table invitation_code (code_blind bytea primary key, tenant_id uuid not null references tenants (id))"
    )
    protect_platform_table("invitation_code", may="insert")


def _begin_joining() -> None:
    """Whoever holds a code comes into its organisation. A line of `invitation_code` alone opens nothing."""
    definer_function(
        "begin_joining",
        "bytea",
        """
        create function begin_joining(p_blind bytea, out tenant_id uuid, out tenant_kind text, out invitation_id uuid,
            out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        begin
            select clock_offset into shift from public.platform_state;
            select t.id, t.kind into tenant_id, tenant_kind
              from public.invitation_code c join public.tenants t on t.id = c.tenant_id
             where c.code_blind = p_blind and t.status = 'active';
            if tenant_id is null then return; end if;
            perform public.ctx_enter(tenant_id, '00000000-0000-0000-0000-000000000000');
            select i.id into invitation_id from public.invitation i where i.code_blind = p_blind;
            if invitation_id is null then
                perform set_config('qorgan.ctx', '', true);
                tenant_id := null;
                tenant_kind := null;
            end if;
        end $$""",
    )


def _invite_first() -> None:
    """The region operator invites into an organisation that nobody works in yet, and into no other."""
    definer_function(
        "invite_first",
        "uuid, uuid, bytea, text[], timestamptz, timestamptz",
        """
        create function invite_first(p_tenant uuid, p_id uuid, p_blind bytea, p_roles text[], p_at timestamptz,
            p_until timestamptz)
        returns boolean language plpgsql as $$
        declare
            operator text := current_setting('qorgan.ctx', true);
            person uuid := nullif(public.ctx_part(2), '00000000-0000-0000-0000-000000000000');
            empty boolean;
        begin
            if not public.ctx_is_operator() then
                raise insufficient_privilege using message = 'only the region operator invites the first person';
            end if;
            perform pg_advisory_xact_lock(hashtextextended('members|' || p_tenant, 0));
            perform public.ctx_enter(p_tenant, '00000000-0000-0000-0000-000000000000');
            select not exists (select from public.membership m where m.ended_at is null) into empty;
            if empty then
                update public.invitation set revoked_at = p_at, version = version + 1
                 where used_at is null and revoked_at is null;
                insert into public.invitation (tenant_id, id, code_blind, roles, made_at, made_by, expires_at)
                values (p_tenant, p_id, p_blind, p_roles, p_at, person, p_until);
                insert into public.invitation_code values (p_blind, p_tenant);
                perform public.audit_append(p_at, person, null, 'invitation.made', 'invitation', array[p_id],
                    '{}', '{}');
            end if;
            perform set_config('qorgan.ctx', operator, true);
            return empty;
        end $$""",
    )
