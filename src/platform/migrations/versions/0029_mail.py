"""E-mail by choice and to confirmed addresses only; what the queue gave up stays until a person closes it."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_tenant_table

revision = "0029_mail"
down_revision = "0028_clocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Addresses stand in the vault; a box keeps which of them was confirmed, and what its owner chose."""
    _boxes()
    _pauses_grow()
    _operators_page()


def _boxes() -> None:
    op.execute("alter table notification add column mail_at timestamptz, add column mailed_at timestamptz")
    op.execute(
        "create index notification_mail_at_idx on notification (tenant_id, membership_id, mail_at) "
        "where mail_at is not null and mailed_at is null"
    )
    op.execute("""
        create table mail_box (
            tenant_id uuid not null, id uuid not null, mode text check (mode in ('at_once', 'digest')),
            digest_at int check (digest_at between 0 and 23), quiet_from int check (quiet_from between 0 and 23),
            quiet_to int check (quiet_to between 0 and 23), waiting bytea, sent_at timestamptz,
            asked_at timestamptz, asked int not null default 0, tries int not null default 0, code_refused int, confirmed bytea,
            confirmed_at timestamptz, refused_at timestamptz, refused int, primary key (tenant_id, id),
            foreign key (tenant_id, id) references membership (tenant_id, id),
            check (num_nulls(mode, digest_at, quiet_from, quiet_to) in (0, 4)),
            check ((confirmed is null) = (confirmed_at is null)), check ((refused is null) = (refused_at is null)))""")
    protect_tenant_table("mail_box")


def _pauses_grow() -> None:
    """Each pause is four times the last, up to an hour; `closed_at` is a person's word that a dead row is settled."""
    op.execute("alter table outbox add column closed_at timestamptz")
    op.execute("drop index outbox_dead_at_idx")
    op.execute(
        "create index outbox_dead_at_idx on outbox (dead_at) "
        "where dead_at is not null and done_at is null and closed_at is null"
    )
    op.execute("drop function fail_job(uuid, text, interval, int)")
    definer_function(
        "fail_job",
        "uuid, text, interval, int",
        """
        create function fail_job(p_id uuid, p_failure text, p_again interval, p_most int, out actor text,
            out died boolean, out quietly boolean)
        language sql as
        $$ update public.outbox set lease_until = null, failure = left(p_failure, 200),
                  next_at = case when attempts < p_most or not hours_only
                                 then clock_timestamp()
                                      + least(p_again * power(4, greatest(attempts, 1) - 1), interval '1 hour')
                                 else public.local_hour_now() end,
                  dead_at = case when attempts < p_most then null when hours_only then public.local_hour_now()
                                 else clock_timestamp() end
           where id = p_id and done_at is null and dead_at is null
           returning outbox.actor, dead_at is not null, hours_only $$""",
        execute=("qorgan_worker",),
    )


def _operators_page() -> None:
    """The region operator sees what is dead without what it was about, and says for each row what becomes of it."""
    _of_operator(
        "queue_state",
        "",
        """
        create function queue_state(out open bigint, out oldest timestamptz, out dead jsonb)
        language plpgsql stable as $$
        begin
            perform public.operator_only();
            select count(*), min(o.created_at) into open, oldest from public.outbox o
             where o.done_at is null and o.dead_at is null and o.next_at <= clock_timestamp();
            select coalesce(jsonb_agg(to_jsonb(d) order by d.dead_at, d.id), '[]'::jsonb) into dead
              from (select o.id, o.actor, o.target_tenant, o.attempts, o.dead_at, o.failure from public.outbox o
                     where o.dead_at is not null and o.done_at is null and o.closed_at is null
                     order by o.dead_at, o.id limit 200) d;
        end $$""",
    )
    _of_operator(
        "queue_again",
        "uuid",
        """
        create function queue_again(p_id uuid, out changed boolean) language plpgsql as $$
        begin
            perform public.operator_only();
            update public.outbox set dead_at = null, attempts = 0, lease_until = null,
                   next_at = case when hours_only then public.local_hour_now() else clock_timestamp() end
             where id = p_id and dead_at is not null and done_at is null and closed_at is null;
            changed := found;
            perform pg_notify('qorgan_outbox', '');
        end $$""",
    )
    _of_operator(
        "queue_close",
        "uuid",
        """
        create function queue_close(p_id uuid, out changed boolean) language plpgsql as $$
        begin
            perform public.operator_only();
            update public.outbox set closed_at = clock_timestamp()
             where id = p_id and dead_at is not null and done_at is null and closed_at is null;
            changed := found;
        end $$""",
    )


def _of_operator(name: str, signature: str, body: str) -> None:
    op.execute("""
        create or replace function operator_only() returns void language plpgsql stable as $$
        begin
            if not public.ctx_is_operator() then
                raise insufficient_privilege using message = 'only the region operator keeps the queue';
            end if;
        end $$""")
    definer_function(name, signature, body)
