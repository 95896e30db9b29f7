"""The city's sums are kept by what changes, and the list of organisations has a number of its edition (ADR 47)."""

from collections.abc import Callable

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_platform_table

revision = "0050_sums"
down_revision = "0049_by_time_only"
branch_labels = None
depends_on = None

_OF_SCHOOLS = "join public.tenants t on t.id = r.tenant_id and t.kind = 'school'"
_NUMBERS = ("met_in_time", "met_late", "missed", "reached_city")
_MARK = (
    "('x' || left(md5(concat_ws(',', r.tenant_id, t.district_id, r.month, r.clock, "
    + ", ".join(f"r.{one}" for one in _NUMBERS)
    + ")), 15))::bit(60)::bigint"
)
_ADDED = ", ".join(f"{one} = kept.{one} + excluded.{one}" for one in (*_NUMBERS, "schools", "mark"))


def upgrade() -> None:
    """No role writes a sum: triggers do, in the transaction that changes a number or moves a school."""
    _edition()
    _tables()
    _process()
    _pace()
    _anew()
    _medians()


def _edition() -> None:
    op.execute("alter table platform_state add column edition uuid not null default gen_random_uuid()")
    definer_function(
        "region_changed",
        "",
        """
        create function region_changed() returns trigger language plpgsql as $$
        begin
            update public.platform_state set edition = gen_random_uuid();
            return null;
        end $$""",
        execute=(),
    )
    op.execute(
        "create trigger tenants_changed after insert or update or delete or truncate on tenants "
        "for each statement execute function region_changed()"
    )


def _tables() -> None:
    place = "month int not null, district_id uuid references district (id), clock text not null"
    numbers = ", ".join(f"{one} int not null default 0" for one in (*_NUMBERS, "schools", "paced"))
    op.execute(
        f"create table oversight_sum ({place}, {numbers}, mark numeric not null default 0, "
        "unique nulls not distinct (month, district_id, clock))"
    )
    op.execute(
        f"create table oversight_pace_sum ({place}, hours int not null, number int not null, "
        "unique nulls not distinct (month, district_id, clock, hours))"
    )
    for table in ("oversight_sum", "oversight_pace_sum"):
        protect_platform_table(table, may="")
    op.execute("grant select on oversight_sum to qorgan_oversight")


def _process() -> None:
    _kept_by("oversight_process", _locked, _summed, on=("insert", "update", "delete"))


def _pace() -> None:
    _kept_by("oversight_pace", _locked, _spread, _told, on=("insert", "delete"))


def _kept_by(table: str, *steps: Callable[[str, int], str], on: tuple[str, ...]) -> None:
    gone, come = ("".join(step(rows, sign) for step in steps) for rows, sign in (("gone", -1), ("come", 1)))
    definer_function(
        f"{table}_summed",
        "",
        f"""
        create function {table}_summed() returns trigger language plpgsql as $$
        begin
            if tg_op <> 'INSERT' then {gone} end if;
            if tg_op <> 'DELETE' then {come} end if;
            return null;
        end $$""",
        execute=(),
    )
    tables = {"insert": "new table as come", "delete": "old table as gone"}
    for event in on:
        rows = tables.get(event, "old table as gone new table as come")
        op.execute(
            f"create trigger {table}_{event} after {event} on {table} referencing {rows} "
            f"for each statement execute function {table}_summed()"
        )


def _locked(rows: str, _sign: int) -> str:
    """One transaction at a time adds to a month of a district; all take several in one order."""
    return f"""
        perform pg_advisory_xact_lock(hashtextextended('oversight_sum|' || place, 0))
        from (select distinct r.month || '|' || coalesce(t.district_id::text, '') as place
              from {rows} r {_OF_SCHOOLS} order by 1) places;"""  # noqa: S608  # constants


def _summed(rows: str, sign: int) -> str:
    sums = ", ".join(f"{sign} * sum({one})" for one in (*(f"r.{one}" for one in _NUMBERS), "1", _MARK))
    return f"""
        insert into public.oversight_sum as kept (month, district_id, clock, {", ".join(_NUMBERS)}, schools, mark)
        select r.month, t.district_id, r.clock, {sums}
        from {rows} r {_OF_SCHOOLS} group by 1, 2, 3
        on conflict (month, district_id, clock) do update set {_ADDED};"""  # noqa: S608  # constants


def _spread(rows: str, sign: int) -> str:
    return f"""
        insert into public.oversight_pace_sum as kept (month, district_id, clock, hours, number)
        select r.month, t.district_id, r.clock, r.hours, {sign} * sum(r.number)
        from {rows} r {_OF_SCHOOLS} group by 1, 2, 3, 4
        on conflict (month, district_id, clock, hours) do update set number = kept.number + excluded.number;"""  # noqa: S608  # constants


def _told(rows: str, sign: int) -> str:
    """How many schools have a pace at all: one counts with its first row and until its last."""
    return f"""
        insert into public.oversight_sum as kept (month, district_id, clock, paced)
        select r.month, t.district_id, r.clock, {sign} * count(*)
        from (select tenant_id, month, clock, count(*) as rows from {rows} group by 1, 2, 3) r {_OF_SCHOOLS}
        where (select count(*) from public.oversight_pace p
               where (p.tenant_id, p.month, p.clock) = (r.tenant_id, r.month, r.clock)
              ) = {"r.rows" if sign > 0 else "0"}
        group by 1, 2, 3
        on conflict (month, district_id, clock) do update set paced = kept.paced + excluded.paced;"""  # noqa: S608  # constants


def _anew() -> None:
    """A school that moves takes its numbers along: everything is summed again, and nobody counts meanwhile."""
    definer_function(
        "oversight_summed_anew",
        "",
        f"""
        create function oversight_summed_anew() returns trigger language plpgsql as $$
        begin
            lock table public.oversight_process, public.oversight_pace in share mode;
            delete from public.oversight_sum;
            delete from public.oversight_pace_sum;
            {_summed("public.oversight_process", 1)}
            {_spread("public.oversight_pace", 1)}
            {_told("public.oversight_pace", 1)}
            return null;
        end $$""",  # noqa: S608  # constants
        execute=(),
    )
    op.execute(
        "create trigger tenants_moved after update of district_id, kind on tenants "
        "for each statement execute function oversight_summed_anew()"
    )
    op.execute("update tenants set kind = kind where false")  # the triggers of a statement run without rows as well


def _medians() -> None:
    definer_function(
        "oversight_medians",
        "int, uuid",
        """
        create or replace function oversight_medians(p_month int, p_district uuid)
        returns table (clock text, hours int)
        language sql stable as $$
            with of_place as (
                select s.clock, s.hours, sum(s.number) as number from public.oversight_pace_sum s
                where s.month = p_month and (p_district is null or s.district_id = p_district)
                group by 1, 2),
            counted as (
                select o.clock, o.hours, sum(o.number) over (partition by o.clock order by o.hours) as until,
                       sum(o.number) over (partition by o.clock) as total
                from of_place o)
            select c.clock, min(c.hours) from counted c
            where c.total >= 10 and 2 * c.until >= c.total and 3 <= (
                select sum(s.paced) from public.oversight_sum s
                where s.month = p_month and s.clock = c.clock and (p_district is null or s.district_id = p_district))
            group by c.clock
        $$""",
        execute=("qorgan_oversight",),
    )
