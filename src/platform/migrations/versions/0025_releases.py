"""Numbers of children by school and quarter, which nobody reads school by school, and what the city is shown of them."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_tenant_table

revision = "0025_releases"
down_revision = "0023_families"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A school writes its own numbers; only the worker, for the city, gets the sums of districts; releases freeze."""
    op.execute("""
        create table oversight_children (
            tenant_id uuid not null references tenants (id), quarter int not null check (quarter between 20241 and 20994),
            dimension text not null check (dimension in ('what', 'sex', 'band', 'help')),
            value text not null check (value ~ '^[a-z_]+$'), children int not null check (children > 0),
            primary key (tenant_id, quarter, dimension, value))""")
    op.execute("create index oversight_children_quarter_idx on oversight_children (quarter)")
    op.execute("alter table oversight_children enable row level security")
    op.execute("alter table oversight_children force row level security")
    op.execute(
        "create policy oversight_children_open on oversight_children for all to qorgan_app, qorgan_owner "
        "using (true) with check (true)"
    )
    op.execute(  # not for the owner, whose function below adds up schools
        "create policy oversight_children_tenant on oversight_children as restrictive for all to qorgan_app "
        "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
    )
    op.execute("grant select, insert, delete on oversight_children to qorgan_app")
    definer_function(
        "oversight_districts",
        "int",
        """
        create function oversight_districts(p_quarter int)
        returns table (district_id uuid, dimension text, value text, children int, schools int)
        language plpgsql stable as $$
        begin
            if not exists (select from public.tenants t
                           where t.id = public.ctx_tenant() and t.kind = 'education_department') then
                raise insufficient_privilege using message = 'sums of districts are made for the city';
            end if;
            return query
            with one as (
                select t.district_id, c.dimension, c.value, c.children, c.tenant_id
                from public.oversight_children c join public.tenants t on t.id = c.tenant_id
                where c.quarter = p_quarter),
            placed as (
                select o.district_id, o.dimension, count(distinct o.tenant_id)::int as schools
                from one o group by o.district_id, o.dimension)
            select o.district_id, o.dimension, o.value, sum(o.children)::int, p.schools
            from one o join placed p
              on p.dimension = o.dimension and p.district_id is not distinct from o.district_id
            group by o.district_id, o.dimension, o.value, p.schools;
        end $$""",
        execute=("qorgan_worker",),
    )
    op.execute("""
        create table oversight_release (
            tenant_id uuid not null references tenants (id), id uuid not null, number int not null check (number > 0),
            quarter int not null, made_at timestamptz not null, method int not null, body jsonb not null,
            primary key (tenant_id, id), unique (tenant_id, number), unique (tenant_id, quarter))""")
    protect_tenant_table("oversight_release", may="select, insert")
