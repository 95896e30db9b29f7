"""A request knows the family of its person, of whom every scope asks, without a statement more."""

from alembic import op

from src.platform.migrations.ddl import definer_function

revision = "0040_ties"
down_revision = "0039_longwork"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """(child, adult) of every tie of the person and of the person's children, as ids."""
    op.execute("drop function begin_request(bytea)")
    definer_function(
        "begin_request",
        "bytea",
        """
        create function begin_request(p_hash bytea, out user_id uuid, out tenant_id uuid, out tenant_kind text,
            out membership_id uuid, out person_id uuid, out roles text[], out language text, out csrf bytea,
            out second_factor_at timestamptz, out has_second_factor boolean, out must_change_password boolean,
            out organisations bigint, out organisation text,
            out unread bigint, out ties uuid[], out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        declare s public.user_session; optional boolean;
        begin
            select clock_offset, second_factor_optional into shift, optional from public.platform_state;
            select us.* into s from public.user_session us where us.token_hash = p_hash
                and us.seen_at > clock_timestamp() - interval '30 minutes'
                and us.created_at > clock_timestamp() - interval '12 hours';
            if not found then return; end if;
            perform public.ctx_enter(s.tenant_id, s.user_id);
            select u.id, t.id, t.kind, m.id, m.person_id, m.roles, u.language, s.csrf,
                   s.second_factor_at,
                   u.totp_sealed is not null or exists (select from public.recovery_code r where r.user_id = u.id),
                   u.must_change_password, (select count(*) from public.user_tenant x where x.user_id = u.id),
                   case u.language when 'ru' then t.name_ru when 'en' then t.name_en else t.name_kk end,
                   (select count(*) from (select from public.notification n where n.tenant_id = m.tenant_id
                        and n.membership_id = m.id and n.read_at is null limit 100) as waiting),
                   (select array_agg(array[p.child_id, p.adult_id]) from public.person_tie p
                     where p.tenant_id = m.tenant_id and (p.child_id = m.person_id or p.child_id in
                           (select c.child_id from public.person_tie c
                             where c.tenant_id = m.tenant_id and c.adult_id = m.person_id)))
              into user_id, tenant_id, tenant_kind, membership_id, person_id, roles, language, csrf,
                   second_factor_at, has_second_factor, must_change_password, organisations, organisation, unread, ties
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
            if optional and not has_second_factor then
                second_factor_at := coalesce(second_factor_at, s.created_at);
            end if;
        end $$""",
    )
