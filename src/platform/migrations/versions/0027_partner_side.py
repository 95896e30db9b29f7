"""The partner's side: notes, sessions, photos, danger, attendance, final reports, links for partners without an account."""

from alembic import op

from src.platform.migrations.ddl import (
    definer_function,
    protect_platform_table,
    protect_tenant_table,
    protect_two_party_table,
)

revision = "0027_partner_side"
down_revision = "0026_agreements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What one side keeps for itself is a row of that organisation alone; what both read is a two-party row."""
    _own_rows()
    _shared_rows()
    _discontinued()
    _links()


def _own_rows() -> None:
    op.execute("""
        create table referral_note (
            tenant_id uuid not null, id uuid not null, referral_id uuid not null, author uuid not null,
            written_at timestamptz not null, body bytea not null, primary key (tenant_id, id),
            foreign key (tenant_id, author) references membership (tenant_id, id))""")
    op.execute("create index referral_note_referral_id_idx on referral_note (tenant_id, referral_id)")
    protect_tenant_table("referral_note", may="select, insert")
    op.execute("""
        create table partner_session (
            tenant_id uuid not null references tenants (id), id uuid not null, referral_id uuid not null,
            held_on date not null, outcome text not null check (outcome in ('attended', 'missed', 'struck')),
            primary key (tenant_id, id), unique (tenant_id, referral_id, held_on))""")
    protect_tenant_table("partner_session", may="select, insert, update (outcome)")
    op.execute("""
        create table partner_attendance (
            tenant_id uuid not null, id uuid not null, referral_id uuid not null, met_on date not null,
            attended boolean not null, recorded_at timestamptz not null, primary key (tenant_id, id),
            unique (tenant_id, referral_id, met_on),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id))""")
    protect_tenant_table("partner_attendance", may="select, insert")


def _shared_rows() -> None:
    shared = (
        "tenant_id uuid not null references tenants (id), id uuid not null, "
        "peer_tenant_id uuid not null references tenants (id), referral_id uuid not null"
    )
    whole = "primary key (tenant_id, id), foreign key (peer_tenant_id, referral_id) references referral (tenant_id, id)"
    op.execute(f"""
        create table danger_notice (
            {shared}, raised_at timestamptz not null, own_text bytea not null, peer_text bytea not null, {whole})""")
    op.execute(f"""
        create table final_report (
            {shared}, ending text not null check (ending in ('completed', 'family_refused', 'no_contact', 'moved_away',
            'needs_another_service', 'no_capacity')), own_text bytea not null, peer_text bytea not null,
            submitted_at timestamptz not null, {whole}, unique (tenant_id, referral_id))""")
    op.execute(f"""
        create table weekly_photo (
            {shared}, report_id uuid not null, kind text not null check (kind in ('jpeg', 'png', 'pdf')),
            own_copy bytea not null, peer_copy bytea not null, {whole}, unique (tenant_id, report_id),
            foreign key (tenant_id, report_id) references weekly_report (tenant_id, id))""")
    for table in ("danger_notice", "final_report", "weekly_photo"):
        op.execute(f"create index {table}_peer_tenant_id_idx on {table} (peer_tenant_id, referral_id)")
        protect_two_party_table(table)


def _discontinued() -> None:
    """A service may be broken off, by the partner: one more state, whatever else check and trigger have come to say."""
    _reworded(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'referral_state_check'",
        "'completed'::text",
        "'completed'::text, 'discontinued'::text",
        "alter table referral drop constraint referral_state_check, add constraint referral_state_check ",
    )
    _reworded(
        "select pg_get_functiondef('referral_whose_column()'::regprocedure)",
        "('accepted', 'completed')",
        "('accepted', 'completed'), ('accepted', 'discontinued')",
        "",
    )


def _reworded(question: str, before: str, after: str, command: str) -> None:
    connection = op.get_bind()
    text = str(connection.exec_driver_sql(question).scalar_one())
    if text.count(before) != 1:
        raise ValueError(before)
    connection.exec_driver_sql((command + text.replace(before, after)).replace("%", "%%"))


def _links() -> None:
    """Whoever has the code of a link comes to one week of one referral, in the partner's organisation (decisions 20)."""
    op.execute("""
        create table report_link (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), referral_id uuid not null,
            week text not null check (week ~ '^[0-9]{4}-W[0-9]{2}$'), child text not null, code_blind bytea not null,
            made_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz,
            revoked_at timestamptz, version int not null default 1, primary key (tenant_id, id),
            unique (tenant_id, code_blind), check (used_at is null or revoked_at is null),
            foreign key (tenant_id, referral_id) references referral (tenant_id, id))""")
    op.execute("create index report_link_peer_tenant_id_idx on report_link (peer_tenant_id)")
    protect_two_party_table("report_link", updatable=["used_at", "revoked_at", "version"])
    op.execute("""
        create function report_link_whose_column() returns trigger language plpgsql as $$
        declare partner boolean := (select ctx_tenant()) = old.peer_tenant_id;
        begin
            if old.used_at is not null or old.revoked_at is not null
               or (partner and new.revoked_at is not null) or (not partner and new.used_at is not null) then
                raise insufficient_privilege using message = 'a link is used by the partner or revoked by the school';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger report_link_whose_column before update on report_link for each row "
        "execute function report_link_whose_column()"
    )
    op.execute(
        "create table report_link_code (code_blind bytea primary key, tenant_id uuid not null references tenants (id))"
    )
    protect_platform_table("report_link_code", may="insert")
    definer_function(
        "begin_link",
        "bytea",
        """
        create function begin_link(p_blind bytea, out tenant_id uuid, out link_id uuid, out shift interval)
        language plpgsql as $$
        #variable_conflict use_column
        begin
            select clock_offset into shift from public.platform_state;
            select t.id into tenant_id from public.report_link_code c
              join public.tenants t on t.id = c.tenant_id where c.code_blind = p_blind and t.status = 'active';
            if tenant_id is null then return; end if;
            perform public.ctx_enter(tenant_id, '00000000-0000-0000-0000-000000000000');
            select l.id into link_id from public.report_link l
              join public.tenants school on school.id = l.tenant_id and school.status = 'active'
             where l.code_blind = p_blind;
            if link_id is null then
                perform set_config('qorgan.ctx', '', true);
                tenant_id := null;
            end if;
        end $$""",
    )
