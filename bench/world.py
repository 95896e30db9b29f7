"""A region of many schools with many incidents, written with SQL: what a list costs must not depend on them."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.oversight import counters
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.people import Person, Region, found_region, hire

_LINKS = 40
# Beyond the first year (600) all is closed and its clocks are met: nobody leaves one of two days running for ten years.
_INCIDENTS = """
insert into incident (tenant_id, id, number, state, urgency, urgency_answered, reported_at)
select %(tenant)s, gen_random_uuid(), lpad((100000 + n)::text, 6, '0'),
       case when n > 600 then 'closed' else
           (array['reported', 'screened', 'under_investigation', 'classified', 'closed'])[1 + n %% 5] end,
       (array['urgent', 'standard'])[1 + n %% 2], true, now() - n * interval '3 hours'
from generate_series(%(begin)s + 1, %(begin)s + %(number)s) n
on conflict (tenant_id, number) do nothing
"""
_PARTICIPATIONS = """
insert into participation (tenant_id, id, incident_id, involvement, kind, link, link_blind, added_at)
select %(tenant)s, gen_random_uuid(), i.id, (array['victim', 'alleged_offender', 'witness'])[p], 'student',
       (%(links)s::bytea[])[1 + (abs(hashtext(i.id::text)) + p) %% cardinality(%(links)s::bytea[])],
       (%(blinds)s::bytea[])[1 + (abs(hashtext(i.id::text)) + p) %% cardinality(%(blinds)s::bytea[])], i.reported_at
from incident i, generate_series(1, 3) p
where i.tenant_id = %(tenant)s
    and not exists (select from participation o where (o.tenant_id, o.incident_id) = (i.tenant_id, i.id))
"""
_ONE_EACH = """
insert into incident (tenant_id, id, number, state, urgency, urgency_answered, reported_at)
select t.id, gen_random_uuid(), '100001', 'reported', 'standard', true, now()
from tenants t where t.kind = 'school' and not exists (select from incident i where i.tenant_id = t.id)
"""
_NEWEST = """
select id, link_blind from participation where incident_id in (
    select id from incident where tenant_id = %s order by reported_at desc, id desc limit 60)
"""
_LINKED = "update participation set link = %s where (tenant_id, id) = (%s, %s)"
_CLOCKS = """
insert into obligation (tenant_id, id, code, subject_kind, subject_id, started_at, target_at, due_at, met_at,
                        calendar_version)
select i.tenant_id, gen_random_uuid(), 'clk_investigation', 'incident', i.id, i.reported_at,
       i.reported_at + interval '1 day', i.reported_at + interval '2 days',
       case when i.state in ('reported', 'screened') then null else i.reported_at + interval '1 day' end, 'bench'
from incident i where i.tenant_id = %(tenant)s
    and not exists (select from obligation o where (o.tenant_id, o.subject_id) = (i.tenant_id, i.id))
"""

_COUNTERS = """
insert into oversight_process (tenant_id, month, clock, met_in_time, met_late, missed)
select t.id, month::int, clock, case when clock = %(serious)s then 0 else 3 end, 1, 1
from unnest(%(schools)s::uuid[]) t (id), unnest(%(clocks)s::text[]) clock,
     generate_series(0, %(months)s - 1) n, to_char(now() + (n - 24) * interval '1 month', 'YYYYMM') month
on conflict do nothing
"""
_PACES = """
insert into oversight_pace (tenant_id, month, clock, hours, number)
select t.id, to_char(now() - n * interval '1 month', 'YYYYMM')::int, clock,
       (hashtext(t.id::text || clock) & 63) + 4 * n, 4
from unnest(%(schools)s::uuid[]) t (id), unnest(%(timed)s::text[]) clock, generate_series(0, 2) n
on conflict do nothing
"""


@dataclass(frozen=True)
class World:
    """Who reads in it, and where."""

    region: Region
    readers: list[Person]
    schools: list[UUID]


async def made(database: str, *, schools: int, incidents: int, readers: int) -> World:
    """So many schools with so many incidents in all; the first schools have a coordinator who reads."""
    region = await found_region(database)
    with psycopg.connect(database) as admin:
        admin.execute("update platform_state set is_test = true, second_factor_optional = true")
    async with unit(Inside(TenantContext(region.operator))) as work:
        places = [await tenants.provision(work, _school(n)) for n in range(schools)]
    for tenant in places:
        await _fill(database, tenant, incidents // schools)
    for tenant in places[:readers]:
        await _make_openable(database, tenant)
    counted(database, places)
    hired = [await hire("saule", tenant, ("deputy_upbringing", "team_coordinator")) for tenant in places[:readers]]
    _analyze(database)
    return World(region, hired, places)


async def _make_openable(database: str, tenant: UUID) -> None:
    """Links of the newest page as the service seals them: those of the other rows are found and never opened."""
    async with unit(Inside(TenantContext(tenant))) as work:
        with psycopg.connect(database) as admin:
            people = [row[0] for row in admin.execute("select id from person where tenant_id = %s", (tenant,))]
            by_blind = {(await vault.blinds_of(work, one))[0]: one for one in people}
            for row_id, blind in admin.execute(_NEWEST, (tenant,)).fetchall():
                link = await vault.seal_link(work, by_blind[blind], row_id)
                admin.execute(_LINKED, (link.sealed, tenant, row_id))


async def more(database: str, tenant: UUID, incidents: int) -> None:
    """So many incidents more in one organisation, older than those that stand."""
    with psycopg.connect(database) as admin:
        found = admin.execute("select count(*) from incident where tenant_id = %s", (tenant,)).fetchone()
    await _fill(database, tenant, incidents, begin=found[0] if found else 0)
    await _make_openable(database, tenant)
    _analyze(database)


async def more_schools(database: str, number: int) -> None:
    """So many organisations more, each with an incident and with its numbers for the city."""
    region, added = await _operator(database), list[UUID]()
    for begin in range(0, number, 200):
        async with unit(Inside(TenantContext(region))) as work:
            for one in range(begin, min(begin + 200, number)):
                added.append(await tenants.provision(work, _school(100_000 + one)))
    with psycopg.connect(database) as admin:
        admin.execute(_ONE_EACH)
    counted(database, added)


def counted(database: str, schools: list[UUID], *, years: int = 2) -> None:
    """What the city sees of schools, month by month: of the last two years, and of more than two also of the next."""
    clocks = {"clocks": sorted(counters.SHOWN), "serious": counters.SERIOUS, "timed": sorted(counters.TIMED)}
    values = clocks | {"schools": schools, "months": years * 12}
    with psycopg.connect(database) as admin:
        for statement in (_COUNTERS, _PACES):
            admin.execute(statement, values)  # type: ignore[call-overload]  # constants above
    _analyze(database)


async def _operator(database: str) -> UUID:
    with psycopg.connect(database) as admin:
        row = admin.execute("select id from tenants where kind = 'region_operator'").fetchone()
    assert row is not None
    return UUID(str(row[0]))


def _analyze(database: str) -> None:
    """And nothing of what was written is left to be done while something is measured."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("vacuum analyze")
        admin.execute("checkpoint")


def _school(number: int) -> NewOrganisation:
    name = f"Bench {number}"
    return NewOrganisation(
        kind="school", code=f"bench{number}", slug=f"bench{number}", name_kk=name, name_ru=name, name_en=name
    )


async def _fill(database: str, tenant: UUID, number: int, *, begin: int = 0) -> None:
    async with unit(Inside(TenantContext(tenant))) as work:
        people = await vault.add_people(
            work, "student", [Identity(family_name=f"Оқушы{n}", given_name="Әли") for n in range(_LINKS)]
        )
        links = [await vault.seal_link(work, one, one) for one in people]  # to be found, not to be opened
    values = {
        "tenant": tenant,
        "begin": begin,
        "number": number,
        "links": [link.sealed for link in links],
        "blinds": [link.blind for link in links],
    }
    with psycopg.connect(database) as admin:
        for statement in (_INCIDENTS, _PARTICIPATIONS, _CLOCKS):
            admin.execute(statement, values)  # type: ignore[call-overload]  # constants above
