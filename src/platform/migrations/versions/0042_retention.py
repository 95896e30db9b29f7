"""Holds, destructions and the ledger of erasures; destroying an incident with everything that hangs on it (ADR 33)."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_tenant_table

revision = "0042_retention"
down_revision = "0041_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The application destroys what a confirmed list names and nothing else; rows are deleted by the owner alone."""
    _tables()
    _destroy()
    definer_function(
        "erase",
        "uuid, timestamptz",
        """
        create function erase(p_erasure uuid, p_at timestamptz) returns boolean language plpgsql as $$
        declare one public.erasure; stands public.incident;
        begin
            select * into one from public.erasure e where e.id = p_erasure for update;
            if not found or one.erased_at is not null or one.kept_because is not null then return false; end if;
            select * into stands from public.incident i where i.id = one.record_id for update;
            if not found or stands.state <> 'closed' or exists (select from public.retention_hold h
                where h.incident_id = one.record_id and h.lifted_at is null) then
                update public.erasure e set kept_because = 'changed' where e.id = p_erasure;
                return false;
            end if;
            update public.erasure e set erased_at = p_at, counts = public.destroy_incident(one.record_id)
             where e.id = p_erasure;
            return true;
        end $$""",
    )
    op.execute("""
        insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at)
        select gen_random_uuid(), 'retention.look', '{}', id, id, now(), now() from tenants where kind = 'school'""")


def _tables() -> None:
    op.execute("""
        create table retention_hold (
            tenant_id uuid not null references tenants (id), id uuid not null, incident_id uuid not null,
            reason bytea not null, until date, placed_by uuid not null, placed_at timestamptz not null,
            lifted_by uuid, lifted_at timestamptz, primary key (tenant_id, id),
            foreign key (tenant_id, incident_id) references incident (tenant_id, id),
            foreign key (tenant_id, placed_by) references membership (tenant_id, id),
            foreign key (tenant_id, lifted_by) references membership (tenant_id, id))""")
    op.execute(
        "create unique index retention_hold_running_key on retention_hold (tenant_id, incident_id) where lifted_at is null"
    )
    protect_tenant_table("retention_hold", may="select, insert, update (lifted_by, lifted_at)")
    op.execute("""
        create table destruction (
            tenant_id uuid not null references tenants (id), id uuid not null, kind text not null,
            rules text[] not null, years int not null, confirmed_by uuid not null, confirmed_at timestamptz not null,
            total int not null check (total > 0), primary key (tenant_id, id),
            foreign key (tenant_id, confirmed_by) references membership (tenant_id, id))""")
    protect_tenant_table("destruction", may="select, insert")
    op.execute("""
        create table erasure (
            tenant_id uuid not null references tenants (id), id uuid not null, destruction_id uuid not null,
            record_id uuid not null, number text not null, closed_on date not null, erased_at timestamptz,
            kept_because text check (kept_because in ('changed')), counts jsonb not null default '{}',
            primary key (tenant_id, id), check (erased_at is null or kept_because is null),
            foreign key (tenant_id, destruction_id) references destruction (tenant_id, id))""")
    op.execute("create index erasure_destruction_id_idx on erasure (tenant_id, destruction_id)")
    protect_tenant_table("erasure", may="select, insert")
    op.execute("grant select on erasure to qorgan_relay")
    op.execute("create policy erasure_ledger on erasure for select to qorgan_relay using (erased_at is not null)")


def _destroy() -> None:
    op.execute("""
        create function destroy_rows(p_table regclass, p_ids uuid[]) returns jsonb
        language plpgsql set search_path = pg_catalog, public, pg_temp as $$
        declare one record; below uuid[]; counts jsonb := '{}'; n bigint;
        begin
            for one in
                select k.conrelid::regclass as child, a.attname as col, exists (select from pg_attribute i
                       where i.attrelid = k.conrelid and i.attname = 'id' and not i.attisdropped) as has_id
                  from pg_constraint k
                  join unnest(k.conkey, k.confkey) as pair (here, there) on true
                  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.here
                  join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.there and b.attname = 'id'
                 where k.contype = 'f' and k.confrelid = p_table and p_table <> 'tenants'::regclass
            loop
                if one.has_id then
                    execute format('select array_agg(id) from %s where tenant_id = (select ctx_tenant()) and %I = any ($1)',
                        one.child, one.col) into below using p_ids;
                    if below is not null then
                        counts := add_counts(counts, destroy_rows(one.child, below));
                    end if;
                else
                    execute format('delete from %s where tenant_id = (select ctx_tenant()) and %I = any ($1)',
                        one.child, one.col) using p_ids;
                    get diagnostics n = row_count;
                    counts := add_counts(counts, jsonb_build_object(one.child::text, n));
                end if;
            end loop;
            execute format('delete from %s where tenant_id = (select ctx_tenant()) and id = any ($1)', p_table)
                using p_ids;
            get diagnostics n = row_count;
            return add_counts(counts, jsonb_build_object(p_table::text, n));
        end $$""")
    op.execute("""
        create function destroy_incident(p_incident uuid) returns jsonb
        language plpgsql set search_path = pg_catalog, public, pg_temp as $$
        declare me uuid := ctx_tenant(); whole uuid[]; about uuid[]; sent uuid[]; files uuid[]; duties uuid[];
            counts jsonb := '{}'; n bigint;
        begin
            whole := array(select i.id from incident i where i.tenant_id = me and p_incident in (i.id, i.linked_into));
            sent := array(select r.referral_id from referral_case r where r.tenant_id = me and r.incident_id = any (whole));
            about := whole
                || array(select r.id from report r where r.tenant_id = me and r.incident_id = any (whole))
                || array(select p.id from participation p where p.tenant_id = me and p.incident_id = any (whole))
                || array(select c.id from child_case c where c.tenant_id = me and c.incident_id = any (whole));
            update referral set sealed_slice = null where tenant_id = me and id = any (sent);
            update weekly_report set peer_text = '' where peer_tenant_id = me and referral_id = any (sent);
            update final_report set peer_text = '' where peer_tenant_id = me and referral_id = any (sent);
            update danger_notice set peer_text = '' where peer_tenant_id = me and referral_id = any (sent);
            update weekly_photo set peer_copy = '' where peer_tenant_id = me and referral_id = any (sent);
            files := array(select a.id from attachment a where a.tenant_id = me
                and (a.subject_id = any (about) or a.about_id = any (about)));
            delete from attachment_part p using attachment a where p.tenant_id = me and a.tenant_id = me
                and a.id = any (files) and p.stored_as in (a.original, a.served);
            get diagnostics n = row_count;
            counts := add_counts(jsonb_build_object('attachment_part', n), destroy_rows('attachment', files));
            duties := array(select o.id from obligation o where o.tenant_id = me and o.subject_id = any (about || sent));
            counts := add_counts(counts, destroy_rows('obligation', duties));
            delete from notification where tenant_id = me and subject_id = any (about || sent);
            delete from access_grant where tenant_id = me and record_id = any (about || sent);  -- 0045
            get diagnostics n = row_count;
            counts := add_counts(counts, jsonb_build_object('access_grant', n));
            update browsing_day set records = array(select unnest(records) except select unnest(about || sent))  -- 0047
                where tenant_id = me and records && (about || sent);
            delete from referral_case where tenant_id = me and referral_id = any (sent);
            get diagnostics n = row_count;
            counts := add_counts(counts, jsonb_build_object('referral_case', n));
            return add_counts(counts, destroy_rows('incident', whole));
        end $$""")
    op.execute("""
        create function add_counts(a jsonb, b jsonb) returns jsonb language sql immutable
        set search_path = pg_catalog, public, pg_temp as $$
            select coalesce(jsonb_object_agg(k, n), '{}') from (
                select k, sum(v::bigint) as n from (select * from jsonb_each_text(a) union all
                       select * from jsonb_each_text(b)) as each (k, v) where v <> '0' group by k) as summed
        $$""")
    for signature in ("destroy_rows(regclass, uuid[])", "destroy_incident(uuid)", "add_counts(jsonb, jsonb)"):
        op.execute(f"revoke all on function {signature} from public")
