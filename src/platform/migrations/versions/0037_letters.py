"""Letters of the city to a school and their answers; how punctual partners are; agreements as the city sees them."""

from alembic import op

from src.platform.migrations.ddl import definer_function, protect_tenant_table, protect_two_party_table

revision = "0037_letters"
down_revision = "0036_city"
branch_labels = None
depends_on = None

_SUBJECTS = (
    "'not_counted', 'silent', 'drop', 'screened', 'investigated', 'decided', 'serious_signs', 'meetings', 'form_e', "
    "'team', 'agreement', 'other'"
)
_STATES = "'sent', 'answered', 'asked_again', 'answered_again', 'withdrawn', 'closed'"


def upgrade() -> None:
    """A letter belongs to two organisations and each text is sealed for both apart."""
    _letters()
    _texts()
    _partners()
    _agreements()


def _letters() -> None:
    op.execute(f"""
        create table city_letter (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id),
            subject text not null check (subject in ({_SUBJECTS})),
            month int check (month between 202401 and 209912),
            answer_by date not null, state text not null check (state in ({_STATES})),
            sent_at timestamptz not null, version int not null default 1, primary key (tenant_id, id))""")
    op.execute("create index city_letter_tenant_id_idx on city_letter (tenant_id, sent_at desc, id desc)")
    op.execute("create index city_letter_peer_tenant_id_idx on city_letter (peer_tenant_id, sent_at desc, id desc)")
    protect_two_party_table("city_letter", updatable=("state", "answer_by", "version"))
    op.execute("""
        create function city_letter_whose_turn() returns trigger language plpgsql as $$
        declare
            city boolean := (select ctx_tenant()) = old.tenant_id;
            moved text := old.state || ' ' || new.state;
        begin
            if city and moved in ('sent withdrawn', 'answered asked_again', 'answered closed', 'asked_again closed',
                                  'answered_again closed')
               or not city and moved in ('sent answered', 'asked_again answered_again') then
                if new.answer_by is distinct from old.answer_by and new.state <> 'asked_again' then
                    raise insufficient_privilege using message = 'a term is set by asking';
                end if;
                return new;
            end if;
            raise insufficient_privilege using message = 'not this side''s turn';
        end $$""")
    op.execute(
        "create trigger city_letter_whose_turn before update on city_letter for each row "
        "execute function city_letter_whose_turn()"
    )
    op.execute("""
        create table city_letter_draft (
            tenant_id uuid not null references tenants (id), id uuid not null, letter_id uuid not null,
            content bytea not null, prepared_by uuid not null, prepared_at timestamptz not null,
            version int not null default 1, primary key (tenant_id, id), unique (tenant_id, letter_id),
            foreign key (tenant_id, prepared_by) references membership (tenant_id, id))""")
    protect_tenant_table("city_letter_draft")


def _texts() -> None:
    op.execute("""
        create table city_letter_text (
            tenant_id uuid not null references tenants (id), id uuid not null,
            peer_tenant_id uuid not null references tenants (id), letter_id uuid not null,
            kind text not null check (kind in ('letter', 'answer')), signed_as text not null, at timestamptz not null,
            own_text bytea not null, peer_text bytea, primary key (tenant_id, id))""")
    op.execute("create index city_letter_text_tenant_id_idx on city_letter_text (tenant_id, letter_id)")
    op.execute("create index city_letter_text_peer_tenant_id_idx on city_letter_text (peer_tenant_id, letter_id)")
    protect_two_party_table("city_letter_text", updatable=("peer_text",))
    op.execute("""
        create function city_letter_text_of_letter() returns trigger language plpgsql as $$
        declare
            letter city_letter;
        begin
            select * into letter from city_letter l where l.id = new.letter_id;
            if tg_op = 'UPDATE' then
                if new.peer_text is not null or new.tenant_id <> (select ctx_tenant()) or letter.state <> 'withdrawn' then
                    raise insufficient_privilege using message = 'a text is destroyed by withdrawing and never changed';
                end if;
            elsif letter.id is null
               or (new.kind = 'letter') is distinct from (letter.tenant_id = new.tenant_id)
               or new.peer_tenant_id <> (case new.kind when 'letter' then letter.peer_tenant_id else letter.tenant_id end)
            then
                raise insufficient_privilege using message = 'a text of no letter between these two';
            end if;
            return new;
        end $$""")
    op.execute(
        "create trigger city_letter_text_of_letter before insert or update on city_letter_text for each row "
        "execute function city_letter_text_of_letter()"
    )


def _partners() -> None:
    for statement in (  # what partners did stood beside the counters of schools, exact and open to the city's role
        "alter table oversight_process no force row level security",
        "delete from oversight_process p using tenants t where t.id = p.tenant_id and t.kind <> 'school'",
        "alter table oversight_process force row level security",
        "drop policy oversight_process_tenant on oversight_process",
        (
            "create policy oversight_process_tenant on oversight_process as restrictive for all to qorgan_app "
            "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
        ),
        """
        create table oversight_partner (
            tenant_id uuid not null references tenants (id), month int not null check (month between 202401 and 209912),
            clock text not null check (clock in ('clk_partner_answer', 'clk_partner_weekly')),
            in_time int not null check (in_time >= 0), late int not null check (late >= 0),
            missed int not null check (missed >= 0), schools int not null check (schools > 0),
            primary key (tenant_id, month, clock))""",
        "create index oversight_partner_month_idx on oversight_partner (month)",
        "alter table oversight_partner enable row level security",
        "alter table oversight_partner force row level security",
        (
            "create policy oversight_partner_open on oversight_partner for all to qorgan_app, qorgan_owner "
            "using (true) with check (true)"
        ),
        (
            "create policy oversight_partner_tenant on oversight_partner as restrictive for all to qorgan_app "
            "using (tenant_id = (select ctx_tenant())) with check (tenant_id = (select ctx_tenant()))"
        ),
        "grant select, insert, delete on oversight_partner to qorgan_app",
    ):
        op.execute(statement)
    definer_function(
        "oversight_partners",
        "int",
        """
        create function oversight_partners(p_month int)
        returns table (tenant_id uuid, clock text, due int, in_time int, late int, missed int)
        language sql stable as $$
            with school as (
                select p.clock, sum(p.met_in_time) as in_time, max(p.met_in_time) as most_in_time,
                       sum(p.met_late) as late, max(p.met_late) as most_late,
                       sum(p.missed) as missed, max(p.missed) as most_missed,
                       sum(p.met_in_time + p.met_late + p.missed) as due,
                       max(p.met_in_time + p.met_late + p.missed) as most
                from public.oversight_process p
                join public.tenants t on t.id = p.tenant_id and t.kind = 'school'
                where p.month = p_month group by p.clock),
            partner as (
                select p.*, p.in_time + p.late + p.missed as due
                from public.oversight_partner p where p.month = p_month),
            tied as (
                select p.*, coalesce(p.schools >= 3 and p.due >= 10 and p.due + s.most <= s.due, false) as fits,
                       (p.in_time = 0 or p.in_time + s.most_in_time <= s.in_time)
                       and (p.late = 0 or p.late + s.most_late <= s.late)
                       and (p.missed = 0 or p.missed + s.most_missed <= s.missed) as splits
                from partner p left join school s on s.clock = p.clock),
            placed as (
                select t.*, count(*) filter (where not t.fits) over of_clock as apart,
                       bool_and(t.splits or not t.fits) over of_clock as all_split,
                       row_number() over (partition by t.clock, t.fits order by t.due, t.tenant_id) as place
                from tied t window of_clock as (partition by t.clock))
            select p.tenant_id, p.clock, p.due, case when p.all_split then p.in_time end,
                   case when p.all_split then p.late end, case when p.all_split then p.missed end
            from placed p where p.fits and not (p.apart = 1 and p.place = 1)
        $$""",
        execute=("qorgan_oversight",),
    )


def _agreements() -> None:
    op.execute("""
        create table oversight_agreement (
            tenant_id uuid not null references tenants (id), agreement_id uuid not null,
            partner_id uuid not null references tenants (id), service_types text[] not null,
            valid_from date not null, valid_to date not null, ended_on date,
            primary key (tenant_id, agreement_id))""")
    op.execute("create index oversight_agreement_valid_to_idx on oversight_agreement (valid_to)")
    for statement in (
        "alter table agreement no force row level security",  # the owner's own rows of all schools
        (
            "insert into oversight_agreement select tenant_id, id, peer_tenant_id, service_types, valid_from, valid_to, "
            "(ended_at at time zone 'Asia/Almaty')::date from agreement where signed_by_partner_at is not null"
        ),
        "alter table agreement force row level security",
    ):
        op.execute(statement)
    protect_tenant_table("oversight_agreement", may="select, insert, delete")
    op.execute(
        "create policy oversight_agreement_city on oversight_agreement for select to qorgan_oversight using (true)"
    )
    op.execute("grant select on oversight_agreement to qorgan_oversight")
