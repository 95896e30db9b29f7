"""Two thousand random constellations: what a list shows is what a single load opens, and what the relations say (S-31).

A world is a school full of incidents in which the same few people stand in random roles: named, reporting, investigating,
managing, parents of somebody named. Every person looks at every record; a small oracle in Python says what must come out.
"""

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from src.platform.access import service as access
from src.platform.access.relations import my_relations, scope
from src.platform.casework import repository as cases
from src.platform.casework.models import ChildCase
from src.platform.db.base import Base
from src.platform.db.unit import Unit
from src.platform.incidents import repository as incidents
from src.platform.incidents.families import repository as families
from src.platform.incidents.models import FamilyNotice, Incident, IncidentDuty, Participation, Report
from src.platform.incidents.reading import repository as incident_lists
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.referrals import repository as referrals
from src.platform.referrals.models import Referral, ReferralCase
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from src.platform.web.app import create_app
from tests.support.inside import as_person, inside
from tests.support.people import Person, Region

WORLDS = 1_000
LOOKING = ("daulet", "saule", "aigerim", "gulnar", "bota", "marat", "kamila")
OFFENDERS, VICTIMS = {"alleged_offender", "both"}, {"victim", "both"}


@dataclass
class Record:
    """One incident with its case and referral, as the dice made it; people by their short names."""

    incident: UUID
    case: UUID
    referral: UUID
    named: dict[str, str] = field(default_factory=dict)
    reporter: str | None = None
    duties: dict[str, str] = field(default_factory=dict)
    manager: str | None = None
    told: set[str] = field(default_factory=set)
    """Children whose parents were told."""
    rows: dict[str, UUID] = field(default_factory=dict)
    """Their participations."""


@dataclass
class School:
    """The records, and whose child is whose."""

    records: list[Record]
    child_of: dict[str, str]
    keeps_witnesses_out: bool


def of_incident(school: School, who: str, one: Record) -> set[str]:
    """The relations that must hold, said once more in Python."""
    mine, child = one.named.get(who), one.named.get(school.child_of.get(who, ""))
    witness, reporter = mine == "witness", one.reporter == who
    held = {
        "accused": mine in OFFENDERS,
        "accused_side": child in OFFENDERS,
        "victim_side": mine in VICTIMS or child in VICTIMS,
        "witness": witness,
        "own_report": reporter,
        "own_child": child is not None and school.child_of[who] in one.told and mine not in OFFENDERS,
        "kept_out_as_witness": school.keeps_witnesses_out and (witness or reporter),
        "investigator": one.duties.get(who) == "investigator",
        "support_person": one.duties.get(who) == "support_person",
        "nurse": one.duties.get(who) == "nurse",
    }
    return {name for name, holds in held.items() if holds}


def of_case(school: School, who: str, one: Record) -> set[str]:
    mine, child = one.named.get(who), one.named.get(school.child_of.get(who, ""))
    held = {
        "manager": one.manager == who,
        "named": mine not in (None, "witness"),
        "family": child not in (None, "witness"),
    }
    return {name for name, holds in held.items() if holds}


def of_referral(school: School, who: str, one: Record) -> set[str]:
    return {"case_manager" if name == "manager" else name for name in of_case(school, who, one)}


def drawn(chance: random.Random, people: list[str], children: list[str]) -> Record:
    one = Record(new_id(), new_id(), new_id())
    for who in chance.sample(people + children, chance.randint(0, 3)):
        one.named[who] = chance.choice(("alleged_offender", "victim", "both", "witness"))
    one.reporter = chance.choice((None, *people))
    for who in chance.sample(people, chance.randint(0, 2)):
        one.duties[who] = chance.choice(("investigator", "support_person", "nurse"))
    one.manager = chance.choice(people)
    one.told = {who for who in children if who in one.named and chance.random() < 0.5}
    return one


async def built(region: Region, seed: int, *, keeps_witnesses_out: bool) -> School:
    """Draw a school and write it down."""
    chance, people = random.Random(seed), list(LOOKING)  # noqa: S311  # the same worlds every time
    child_of = {who: f"child of {who}" for who in (*people[:4], "kamila")}
    number = WORLDS // len(LOOKING) // 2 + 1
    records = [drawn(chance, people, list(child_of.values())) for _ in range(number)]
    async with inside(region.organisations["school12"]) as work:
        persons = {who: region.people[who].person_id for who in people}
        for parent, child in child_of.items():
            persons[child] = await vault.add_person(work, "student", Identity(family_name="Сынақ", given_name="Бала"))
            await vault_ties.tie(work, persons[child], persons[parent], "parent")
        await tenants.change_setting(work, "witness_keeps_reading", not keeps_witnesses_out)
        for kind in (_incidents, _people, _notices, _cases, _referrals, _referral_cases):
            work.session.add_all([row async for row in _rows(work, region, persons, records, kind)])
            await work.session.flush()
    return School(records, child_of, keeps_witnesses_out)


Made = Callable[[Unit, Region, dict[str, UUID], Record], Awaitable[Iterable[Base]]]


async def _rows(work: Unit, region: Region, persons: dict[str, UUID], records: list[Record], made: Made) -> Any:
    for one in records:
        for row in await made(work, region, persons, one):
            yield row


_NUMBERS = count()


async def _incidents(work: Unit, _region: Region, _persons: dict[str, UUID], one: Record) -> list[Base]:
    number, at = f"{next(_NUMBERS):06}", clock.now()
    return [
        Incident(
            tenant_id=work.tenant_id,
            id=one.incident,
            number=number,
            state="classified",
            urgency="standard",
            urgency_answered=True,
            reported_at=at,
        )
    ]


async def _people(work: Unit, region: Region, persons: dict[str, UUID], one: Record) -> list[Base]:
    at, rows = clock.now(), list[Base]()
    same = {"tenant_id": work.tenant_id, "incident_id": one.incident}
    for who, involvement in one.named.items():
        row_id = new_id()
        link = await vault.seal_link(work, persons[who], row_id)
        rows.append(
            Participation(
                **same,
                id=row_id,
                involvement=involvement,
                kind="student" if who.startswith("child") else "employee",
                link=link.sealed,
                link_blind=link.blind,
                added_at=at,
            )
        )
        one.rows[who] = row_id
    reporter = (await vault.blinds_of(work, persons[one.reporter]))[0] if one.reporter else None
    told = {"channel": "staff", "description": b"x", "harmed": "no", "harm_danger": "no", "reporter_status": "teacher"}
    rows.append(Report(**same, **told, id=new_id(), received_at=at, reporter_blind=reporter))
    for who, duty in one.duties.items():
        rows.append(IncidentDuty(**same, membership_id=region.people[who].membership_id, duty=duty))
    return rows


async def _notices(work: Unit, _region: Region, _persons: dict[str, UUID], one: Record) -> list[Base]:
    same = {"tenant_id": work.tenant_id, "incident_id": one.incident, "told_at": clock.now()}
    return [FamilyNotice(**same, id=new_id(), participation_id=one.rows[who]) for who in sorted(one.told)]


async def _cases(work: Unit, region: Region, persons: dict[str, UUID], one: Record) -> list[Base]:
    child = Participation(
        tenant_id=work.tenant_id,
        id=new_id(),
        incident_id=one.incident,
        involvement="witness",  # gives nobody a conflict
        kind="student",
        link=b"x",
        link_blind=new_id().bytes,
        added_at=clock.now(),
    )
    work.session.add(child)
    await work.session.flush()
    manager = region.people[one.manager].membership_id if one.manager else None
    return [
        ChildCase(
            tenant_id=work.tenant_id,
            id=one.case,
            incident_id=one.incident,
            participation_id=child.id,
            side="victim",
            link=b"x",
            link_blind=child.link_blind,
            state="active",
            manager=manager,
            opened_at=clock.now(),
        )
    ]


async def _referrals(work: Unit, region: Region, _persons: dict[str, UUID], one: Record) -> list[Base]:
    peer = region.organisations["umit"]
    same = {"tenant_id": work.tenant_id, "peer_tenant_id": peer, "id": one.referral}
    return [Referral(**same, service_type="counselling", state="sent", sealed_slice=b"x", sent_at=clock.now())]


async def _referral_cases(work: Unit, region: Region, _persons: dict[str, UUID], one: Record) -> list[Base]:
    manager = region.people[str(one.manager)].membership_id
    same = {"tenant_id": work.tenant_id, "referral_id": one.referral}
    return [ReferralCase(**same, case_id=one.case, incident_id=one.incident, manager=manager)]


@dataclass(frozen=True)
class Kind:
    """How records of one kind are listed, opened and asked about, and the oracle."""

    permission: str
    model: Any
    id_of: Callable[[Record], UUID]
    oracle: Callable[[School, str, Record], set[str]]
    listed: Callable[[Unit], Awaitable[set[UUID]]]
    opened: Callable[[Unit, UUID], Awaitable[Any]]
    readable_by: Callable[[Unit, frozenset[str], dict[str, object], UUID], Awaitable[bool]]

    @property
    def resource(self) -> str:
        return self.permission.partition(".")[0]


async def _listed_incidents(work: Unit) -> set[UUID]:
    return {one.id for one in await incident_lists.page(work, after=None, most=10 * WORLDS)}


async def _opened_incident(work: Unit, incident_id: UUID) -> Any:
    return await incidents.one(work, incident_id, permission="incident.read")


async def _incident_readable_by(
    work: Unit, roles: frozenset[str], _facts: dict[str, object], incident_id: UUID
) -> bool:
    me = Member(membership_id=work.me.membership_id, user_id=work.me.user_id, person_id=work.me.person_id, roles=roles)
    return bool(await incidents.readable_to(work, [me], [incident_id]))


async def _listed_cases(work: Unit) -> set[UUID]:
    return {tied.case.id for tied in await cases.page(work, after=None, state=None, most=10 * WORLDS)}


async def _listed_referrals(work: Unit) -> set[UUID]:
    return {one.id for one in await referrals.page(work, after=None, now=clock.now(), most=10 * WORLDS)}


async def _followed(work: Unit) -> set[UUID]:
    return {incident.id for incident, _, _ in await families.told(work)}


async def _opened_by_parent(work: Unit, incident_id: UUID) -> Any:
    return await families.told_of(work, incident_id) or None


async def _followed_by(work: Unit, roles: frozenset[str], facts: dict[str, object], incident_id: UUID) -> bool:
    query = select(Incident.id).where(scope(roles, families.FOLLOW), Incident.id == incident_id)
    return (await work.session.execute(query, facts)).one_or_none() is not None


KINDS = [
    Kind(
        "incident.follow",
        Incident,
        lambda one: one.incident,
        of_incident,
        _followed,
        _opened_by_parent,
        _followed_by,
    ),
    Kind(
        "incident.read",
        Incident,
        lambda one: one.incident,
        of_incident,
        _listed_incidents,
        _opened_incident,
        _incident_readable_by,
    ),
    Kind("child_case.read", ChildCase, lambda one: one.case, of_case, _listed_cases, cases.one, cases.readable_by),
    Kind(
        "referral.read",
        Referral,
        lambda one: one.referral,
        of_referral,
        _listed_referrals,
        referrals.one,
        referrals.readable_by,
    ),
]


async def look(person: Person, who: str, school: School, kind: Kind) -> int:
    """Compare everything that one person can do to every record; how many were open to them."""
    async with as_person(person) as work:
        facts, roles = await vault.facts(work), work.me.roles
        query = select(kind.model.id, my_relations(kind.resource))
        related = {row[0]: set(row[1]) for row in (await work.session.execute(query, facts)).all()}
        listed, seen = await kind.listed(work), 0
        for one in school.records:
            record = kind.id_of(one)
            expected = kind.oracle(school, who, one)
            assert related[record] == expected, (who, one)
            allowed = access.may(work.me, kind.permission, expected)
            assert (record in listed) == allowed, (who, one)
            assert (await kind.opened(work, record) is not None) == allowed, (who, one)
            assert await kind.readable_by(work, roles, facts, record) == allowed, (who, one)
            seen += allowed
    return seen


@pytest.mark.parametrize("keeps_witnesses_out", [False, True])
async def test_s_31_lists_and_single_loads_agree_in_two_thousand_random_worlds(
    region: Region, monkeypatch: pytest.MonkeyPatch, keeps_witnesses_out: bool
) -> None:
    create_app()
    monkeypatch.setattr(families, "_MOST", 10 * WORLDS)
    school = await built(region, 20261121 + keeps_witnesses_out, keeps_witnesses_out=keeps_witnesses_out)
    for kind in KINDS:
        seen = {who: await look(region.people[who], who, school, kind) for who in LOOKING}
        assert 0 < sum(seen.values()) < len(school.records) * len(LOOKING), seen
        assert seen["marat"] == 0  # without a role that may ask, no relation opens anything
        assert (seen["kamila"] > 0) == (kind.permission == "incident.follow")  # a parent has no staff path
