"""Clocks: what was counted, who was told, stops and extensions, absences, school years, calendars of people."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0028_clocks"
down_revision = "0027_partner_side"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A missed clock is never overwritten: a later one of the same period is a row of its own."""
    _obligations()
    _absences()
    _school_years()
    _feeds()
    op.execute("alter table oversight_process add column reached_city int not null default 0")
    op.execute("""
        insert into wake_at (id, at, actor, args, tenant_id)
        select gen_random_uuid(), clock_timestamp(), 'deadlines.open_periods',
               jsonb_build_object('day', to_char(clock_timestamp() at time zone 'Asia/Almaty', 'YYYYMMDD')::int), t.id
          from tenants t where t.kind = 'school'""")


def _obligations() -> None:
    op.execute("alter table obligation drop constraint obligation_tenant_id_code_subject_id_period_key")
    op.execute("alter table obligation add column stopped boolean not null default false")
    op.execute("alter table obligation add column in_a_row int not null default 0")
    op.execute("alter table obligation add column skipped jsonb not null default '[]'")
    op.execute("alter table obligation add check (not stopped or cancelled_at is not null)")
    op.execute(
        "create unique index obligation_running_key on obligation (tenant_id, code, subject_id, period) "
        "where cancelled_at is null or stopped"
    )
    op.execute("create index obligation_month_idx on obligation (tenant_id, due_at)")
    op.execute("create index obligation_subject_id_idx on obligation (tenant_id, subject_id)")
    op.execute("""
        create table obligation_told (
            tenant_id uuid not null, id uuid not null, obligation_id uuid not null, rung text not null,
            role text not null, membership_id uuid, stands_in boolean not null, told_at timestamptz not null,
            primary key (tenant_id, id),
            foreign key (tenant_id, obligation_id) references obligation (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute("create index obligation_told_obligation_id_idx on obligation_told (tenant_id, obligation_id)")
    protect_tenant_table("obligation_told", may="select, insert")
    op.execute("""
        create table obligation_change (
            tenant_id uuid not null, id uuid not null, obligation_id uuid not null,
            kind text not null check (kind in ('extended', 'stopped')), reason bytea not null,
            asked_by uuid not null, asked_at timestamptz not null, decided_by uuid, decided_at timestamptz,
            agreed boolean, due_before timestamptz not null, due_after timestamptz, version int not null default 1,
            primary key (tenant_id, id),
            foreign key (tenant_id, obligation_id) references obligation (tenant_id, id),
            foreign key (tenant_id, asked_by) references membership (tenant_id, id),
            foreign key (tenant_id, decided_by) references membership (tenant_id, id),
            check ((kind = 'extended') = (due_after is not null)), check ((decided_at is null) = (agreed is null)),
            check (due_after > due_before))""")
    op.execute(
        "create unique index obligation_change_waiting_key on obligation_change (tenant_id, obligation_id) "
        "where decided_at is null"
    )
    op.execute("create index obligation_change_obligation_id_idx on obligation_change (tenant_id, obligation_id)")
    protect_tenant_table("obligation_change", may="select, insert, update (decided_by, decided_at, agreed, version)")


def _absences() -> None:
    op.execute("""
        create table absence (
            tenant_id uuid not null references tenants (id), id uuid not null, membership_id uuid not null,
            first_day date not null, last_day date not null, deputy uuid, noted_by uuid not null,
            noted_at timestamptz not null, ended_at timestamptz, version int not null default 1,
            primary key (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id),
            foreign key (tenant_id, deputy) references membership (tenant_id, id),
            foreign key (tenant_id, noted_by) references membership (tenant_id, id),
            check (first_day <= last_day), check (deputy <> membership_id))""")
    op.execute("create index absence_last_day_idx on absence (tenant_id, last_day) where ended_at is null")
    protect_tenant_table("absence", may="select, insert, update (ended_at, version)")


def _school_years() -> None:
    op.execute("""
        create table school_year (
            code text primary key check (code ~ '^[0-9]{4}-[0-9]{4}$'), quarters jsonb not null,
            vacations jsonb not null default '[]', act text not null)""")
    protect_platform_table("school_year", may="select")


def _feeds() -> None:
    """The secret of an address is stored as a fingerprint; a use is counted by the hour, in the row itself."""
    op.execute("""
        create table calendar_feed (
            tenant_id uuid not null, id uuid not null, membership_id uuid not null, token_hash bytea not null,
            made_at timestamptz not null, revoked_at timestamptz, used_hour timestamptz, used int not null default 0,
            primary key (tenant_id, id), unique (tenant_id, token_hash),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute(
        "create unique index calendar_feed_membership_id_key on calendar_feed (tenant_id, membership_id) "
        "where revoked_at is null"
    )
    protect_tenant_table("calendar_feed", may="select, insert, update (revoked_at)")
    op.execute("""
        create table calendar_feed_code (
            token_hash bytea primary key, tenant_id uuid not null references tenants (id))""")
    protect_platform_table("calendar_feed_code", may="insert")
    definer_function(
        "begin_feed",
        "bytea, int",
        """
        create function begin_feed(p_hash bytea, p_most int, out user_id uuid, out tenant_id uuid,
            out tenant_kind text, out membership_id uuid, out person_id uuid, out roles text[], out language text,
            out csrf bytea, out second_factor_at timestamptz, out has_second_factor boolean,
            out must_change_password boolean, out organisations bigint, out organisation text, out unread bigint,
            out too_often boolean, out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        declare
            place uuid; this_hour timestamptz := date_trunc('hour', clock_timestamp());
        begin
            select clock_offset into shift from public.platform_state;
            select c.tenant_id into place from public.calendar_feed_code c where c.token_hash = p_hash;
            if place is null then return; end if;
            perform public.ctx_enter(place, '00000000-0000-0000-0000-000000000000');
            update public.calendar_feed f
               set used = case when f.used_hour = this_hour then least(f.used, p_most) + 1 else 1 end,
                   used_hour = this_hour
             where f.token_hash = p_hash and f.revoked_at is null
            returning f.membership_id, f.used > p_most into membership_id, too_often;
            select u.id, t.id, t.kind, m.person_id, m.roles, u.language, ''::bytea, false, false, 1, '', 0
              into user_id, tenant_id, tenant_kind, person_id, roles, language, csrf, has_second_factor,
                   must_change_password, organisations, organisation, unread
              from public.membership m
              join public.users u on u.id = m.user_id and u.blocked_at is null
              join public.tenants t on t.id = m.tenant_id and t.status = 'active'
             where m.tenant_id = place and m.id = membership_id and m.ended_at is null and not m.family;
            if user_id is null then
                perform set_config('qorgan.ctx', '', true);
                membership_id := null;
            else
                perform public.ctx_enter(tenant_id, user_id);
            end if;
        end $$""",
    )
