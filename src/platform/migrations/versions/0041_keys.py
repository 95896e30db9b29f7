"""Keys that change while the service runs: several wrappings of a key, versions of an organisation's keys (ADR 33)."""

from alembic import op

from src.platform.db import region_keys
from src.platform.kit import master
from src.platform.migrations.ddl import definer_function, protect_platform_table, protect_tenant_table

revision = "0041_keys"
down_revision = "0040_ties"
branch_labels = None
depends_on = None

_OPERATORS_OWN = "when (current_user <> 'qorgan_owner')"


def upgrade() -> None:
    """The one master key that is given now is that under which everything is wrapped."""
    first, *others = master.known().values()
    if others and op.get_bind().exec_driver_sql("select exists (select from tenants)").scalar_one():
        raise master.NoMasterError  # which of them wraps the keys that are there?
    _masters(first)
    _versions()
    _two_party()


def _masters(first: master.Master) -> None:
    op.execute(
        "create table master_key (id text primary key check (id ~ '^[0-9a-f]{16}$'), since timestamptz not null)"
    )
    protect_platform_table("master_key", may="select")
    op.get_bind().exec_driver_sql("insert into master_key values (%s, clock_timestamp())", (first.id,))
    op.execute(f"""
        alter table tenant_key add column master text not null default '{first.id}',
            drop constraint tenant_key_pkey, add primary key (tenant_id, purpose, version, master),
            add foreign key (master) references master_key (id) not valid""")
    op.execute("alter table tenant_key alter column master drop default")
    op.execute("create index tenant_key_master_idx on tenant_key (master)")
    op.execute("create table region_key (master text primary key references master_key (id), wrapped bytea not null)")
    protect_platform_table("region_key", may="select")
    is_in_use = op.get_bind().exec_driver_sql("select exists (select from users)").scalar_one()
    bare = region_keys.derived(first) if is_in_use else region_keys.fresh()
    op.get_bind().exec_driver_sql(
        "insert into region_key values (%s, %s)", (first.id, master.wrap(first, bare, owner=region_keys.OWNER))
    )
    op.execute("drop function tenant_provision(uuid, text[], bytea[])")
    definer_function(
        "tenant_provision",
        "uuid, text[], text[], bytea[]",
        """
        create function tenant_provision(p_tenant uuid, p_purposes text[], p_masters text[], p_wrapped bytea[])
        returns void language plpgsql as $$
        declare operator text := current_setting('qorgan.ctx', true);
        begin
            if not public.ctx_is_operator() then
                raise insufficient_privilege using message = 'only the region operator provisions';
            end if;
            perform public.ctx_enter(p_tenant, '00000000-0000-0000-0000-000000000000');
            insert into public.tenant_key (tenant_id, purpose, version, master, wrapped)
            select p_tenant, k.purpose, 1, k.master, k.wrapped
              from unnest(p_purposes, p_masters, p_wrapped) as k (purpose, master, wrapped)
              join public.master_key m on m.id = k.master;
            if not found then
                raise foreign_key_violation using message = 'no master key of the region';
            end if;
            perform set_config('qorgan.ctx', operator, true);
        end $$""",
    )


def _versions() -> None:
    op.execute("alter table platform_state add column key_epoch bigint not null default 0")
    op.execute("""
        create table key_change (
            tenant_id uuid primary key references tenants (id), writes int not null, next int,
            phase text check (phase in ('announced', 'writing')), began_at timestamptz not null, ended_at timestamptz,
            check ((phase is null) = (next is null)), check ((phase is null) = (ended_at is not null)))""")
    protect_tenant_table("key_change", may="select")


def _two_party() -> None:
    """Whoever seals values anew for the organisation that reads them is the database's owner, not the application."""
    for table, trigger, when in (
        ("referral", "referral_whose_column", "before update"),
        ("city_letter_text", "city_letter_text_of_letter", "before insert or update"),
    ):
        op.execute(f"drop trigger {trigger} on {table}")
        op.execute(
            f"create trigger {trigger} {when} on {table} for each row {_OPERATORS_OWN} execute function {trigger}()"
        )
