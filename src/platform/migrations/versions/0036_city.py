"""What the city's role can find in a school's counters is a closed list; how long things took, without a school."""

from alembic import op

from src.platform.migrations.ddl import definer_function

revision = "0036_city"
down_revision = "0035_api_tokens"
branch_labels = None
depends_on = None

_SHOWN = (
    "'clk_screen_urgent', 'clk_screen_standard', 'clk_investigation', 'clk_team_classification', "
    "'clk_serious_forward', 'clk_team_meeting', 'clk_partner_answer', 'clk_partner_weekly', 'clk_monthly_e', "
    "'team_formed'"
)


def upgrade() -> None:
    """Counters of other clocks would count children (health, register, council): they go and cannot come again."""
    op.execute("alter table oversight_process no force row level security")  # the owner's own rows of all schools
    op.execute(f"delete from oversight_process where clock not in ({_SHOWN})")  # noqa: S608  # a constant
    op.execute("update oversight_process set met_in_time = 0 where clock = 'clk_serious_forward'")
    op.execute("delete from oversight_process where clock = 'clk_serious_forward' and met_late + missed = 0")
    op.execute("alter table oversight_process force row level security")
    op.execute(
        f"alter table oversight_process add constraint oversight_process_shown check (clock in ({_SHOWN})), "
        "add constraint oversight_process_serious check "
        "(clock <> 'clk_serious_forward' or (met_in_time = 0 and met_late + missed > 0))"
    )
    op.execute("create index oversight_process_month_idx on oversight_process (month)")
    op.execute(f"""
        create table oversight_pace (
            tenant_id uuid not null references tenants (id), month int not null check (month between 202401 and 209912),
            clock text not null check (clock in ({_SHOWN})), hours int not null check (hours >= 0),
            number int not null check (number > 0),
            primary key (tenant_id, month, clock, hours))""")
    op.execute("create index oversight_pace_month_idx on oversight_pace (month)")
    op.execute("alter table oversight_pace enable row level security")
    op.execute("alter table oversight_pace force row level security")
    op.execute(
        "create policy oversight_pace_open on oversight_pace for all to qorgan_app, qorgan_owner "
        "using (true) with check (true)"
    )
    op.execute(  # not for the owner, whose function below reads schools together
        "create policy oversight_pace_tenant on oversight_pace as restrictive for all to qorgan_app "
        "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
    )
    op.execute("grant select, insert, delete on oversight_pace to qorgan_app")
    definer_function(
        "oversight_medians",
        "int, uuid",
        """
        create function oversight_medians(p_month int, p_district uuid)
        returns table (clock text, hours int)
        language sql stable as $$
            select p.clock, percentile_disc(0.5) within group (order by p.hours)
            from public.oversight_pace p
            join public.tenants t on t.id = p.tenant_id
            cross join generate_series(1, p.number)
            where p.month = p_month and (p_district is null or t.district_id = p_district)
            group by p.clock
            having count(*) >= 10 and count(distinct p.tenant_id) >= 3
        $$""",
        execute=("qorgan_oversight",),
    )
