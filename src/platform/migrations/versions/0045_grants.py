"""Somebody without the right sees for a while who a person is, or one record: asked, decided by others, over by itself."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0045_grants"
down_revision = "0043_backup"
branch_labels = None
depends_on = None

_DECIDED = (
    "first_by",
    "first_at",
    "second_by",
    "second_at",
    "refused_by",
    "refused_at",
    "starts_at",
    "ends_at",
    "withdrawn_by",
    "withdrawn_at",
    "reviewed_by",
    "reviewed_at",
    "review",
    "version",
)


def upgrade() -> None:
    """What was asked never changes, and what was decided is decided once: the database keeps the four eyes too."""
    op.execute("""
        create table access_grant (
            tenant_id uuid not null references tenants (id), id uuid not null,
            kind text not null check (kind in ('names', 'glass')), resource text not null, record_id uuid,
            owner_id uuid, owner_word text not null default '', asked_by uuid not null, asked_at timestamptz not null,
            typed bytea not null, fields text[] not null, classes text[] not null, purpose text not null,
            reason bytea not null, hours smallint not null, needed smallint not null check (needed in (1, 2)),
            first_by uuid, first_at timestamptz, second_by uuid, second_at timestamptz, refused_by uuid,
            refused_at timestamptz, starts_at timestamptz, ends_at timestamptz, withdrawn_by uuid,
            withdrawn_at timestamptz, reviewed_by uuid, reviewed_at timestamptz, review bytea,
            version int not null default 1, primary key (tenant_id, id),
            check (hours between 1 and case kind when 'glass' then 24 else 72 end),
            check (needed = 2 or 'identity-reporter' <> all (classes)),
            check (num_nonnulls(starts_at, ends_at) in (0, 2) and ends_at <= starts_at + make_interval(hours => hours)),
            check (starts_at is null or (record_id is not null and num_nonnulls(first_by, second_by) >= needed)),
            check (first_by <> asked_by and second_by <> asked_by and first_by <> second_by),
            check (reviewed_by <> asked_by),
            check (num_nonnulls(starts_at, refused_at) < 2),
            foreign key (tenant_id, asked_by) references membership (tenant_id, id),
            foreign key (tenant_id, first_by) references membership (tenant_id, id),
            foreign key (tenant_id, second_by) references membership (tenant_id, id),
            foreign key (tenant_id, refused_by) references membership (tenant_id, id),
            foreign key (tenant_id, withdrawn_by) references membership (tenant_id, id),
            foreign key (tenant_id, reviewed_by) references membership (tenant_id, id))""")
    op.execute("create index access_grant_asked_by_idx on access_grant (tenant_id, asked_by)")
    op.execute("create index access_grant_record_id_idx on access_grant (tenant_id, record_id)")
    op.execute("""
        create function access_grant_decided_once() returns trigger language plpgsql as $$
        begin
            if (old.starts_at is not null and (new.starts_at, new.ends_at) is distinct from (old.starts_at, old.ends_at))
                or (old.first_by is not null and new.first_by is distinct from old.first_by)
                or (old.second_by is not null and new.second_by is distinct from old.second_by)
                or (old.withdrawn_at is not null and new.withdrawn_at is distinct from old.withdrawn_at)
                or (old.refused_at is not null and new.refused_at is distinct from old.refused_at)
                or (num_nonnulls(old.withdrawn_at, old.refused_at) > 0 and old.starts_at is null
                    and new.starts_at is not null) then
                raise insufficient_privilege using message = 'a grant is decided once and never made longer';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger access_grant_decided_once before update on access_grant for each row "
        "execute function access_grant_decided_once()"
    )
    protect_tenant_table("access_grant", may=f"select, insert, update ({', '.join(_DECIDED)})")
