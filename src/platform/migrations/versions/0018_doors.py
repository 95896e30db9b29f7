"""The school's public address: reports without an account, receipts, questions; jobs that keep the hour only."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0018_doors"
down_revision = "0017_unread"
branch_labels = None
depends_on = None

_CHANNELS = "'staff', 'student', 'parent', 'anonymous', 'partner'"


def upgrade() -> None:
    """No row of the anonymous channel holds a moment finer than the hour, or anything that tells who (S-18)."""
    _questions()
    _receipts()
    _hours()


def _questions() -> None:
    op.execute("alter table report drop constraint report_channel_check")
    op.execute(f"alter table report add constraint report_channel_check check (channel in ({_CHANNELS}))")
    op.execute("alter table report add column read_at timestamptz")
    op.execute("""
        create table report_message (
            tenant_id uuid not null, id uuid not null, report_id uuid not null, place int not null check (place > 0),
            kind text not null check (kind in ('question', 'answer', 'more')), question_id uuid,
            body bytea not null, at timestamptz not null, read_at timestamptz, primary key (tenant_id, id),
            unique (tenant_id, report_id, place), foreign key (tenant_id, report_id) references report (tenant_id, id),
            foreign key (tenant_id, question_id) references report_message (tenant_id, id),
            check ((kind = 'answer') = (question_id is not null)))""")
    protect_tenant_table("report_message", may="select, insert, update (body, read_at)")


def _receipts() -> None:
    """The application may add a receipt and read none: only whoever has the code comes to its report."""
    op.execute("""
        create table report_receipt (
            tenant_id uuid not null, code_blind bytea not null, report_id uuid not null,
            primary key (tenant_id, code_blind), foreign key (tenant_id, report_id) references report (tenant_id, id))""")
    protect_tenant_table("report_receipt", may="insert")
    definer_function(
        "receipt_report",
        "bytea",
        """
        create function receipt_report(p_blind bytea) returns uuid language plpgsql stable as $$
        begin
            return (select r.report_id from public.report_receipt r
                    where r.tenant_id = public.ctx_tenant() and r.code_blind = p_blind);
        end $$""",
    )
    op.execute("""
        create table door_use (
            bucket bytea not null, hour timestamptz not null, used int not null check (used > 0),
            primary key (bucket, hour))""")
    protect_platform_table("door_use", may="select, insert, update (used), delete")


def _hours() -> None:
    op.execute(
        "create function local_hour_now() returns timestamptz language sql volatile as "
        "$$ select date_trunc('hour', clock_timestamp(), 'Asia/Almaty') $$"
    )
    op.execute("alter table outbox add column hours_only boolean not null default false")
    op.execute("drop function begin_job(uuid)")
    definer_function(
        "begin_job",
        "uuid",
        """
        create function begin_job(p_id uuid, out actor text, out args jsonb, out tenant uuid, out hours_only boolean,
            out shift interval)
        language plpgsql as $$
        begin
            select o.actor, o.args, o.target_tenant, o.hours_only, s.clock_offset
              into actor, args, tenant, hours_only, shift
            from public.outbox o, public.platform_state s
            where o.id = p_id and o.done_at is null and o.dead_at is null for update of o skip locked;
            if tenant is not null then
                perform public.ctx_enter(tenant, '00000000-0000-0000-0000-000000000000');
            end if;
        end $$""",
        execute=("qorgan_worker",),
    )
    op.execute("""
        create or replace function finish_job(p_id uuid) returns void language sql as
        $$ update public.outbox set lease_until = null, failure = null,
                  done_at = case when hours_only then public.local_hour_now() else clock_timestamp() end,
                  next_at = case when hours_only then public.local_hour_now() else next_at end
           where id = p_id $$""")
    op.execute("""
        create or replace function fail_job(p_id uuid, p_failure text, p_again interval, p_most int)
        returns void language sql as
        $$ update public.outbox set lease_until = null, failure = left(p_failure, 200),
                  next_at = case when attempts < p_most or not hours_only then clock_timestamp() + p_again
                                 else public.local_hour_now() end,
                  dead_at = case when attempts < p_most then null when hours_only then public.local_hour_now()
                                 else clock_timestamp() end
           where id = p_id and done_at is null $$""")
    for function in ("finish_job(uuid)", "fail_job(uuid, text, interval, int)"):
        op.execute(f"alter function {function} security definer set search_path = pg_catalog, public, pg_temp")
