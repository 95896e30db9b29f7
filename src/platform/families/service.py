"""Verbs of the accounts of students and parents: give, renew, end, and a student's last day.

Who teaches a class, or heads the school, prints the codes. Only a code of the school binds an account to a child, never
a phone that somebody typed (ADR 9, ADR 13). A new code is a new account of the same person: what was told to or by the
former one stays closed to whoever holds the new paper.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from src.platform.access import catalogue
from src.platform.accounts import service as accounts
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.families.errors import EverybodyHasOneError
from src.platform.families.schemas import Slip, Slips
from src.platform.kit import clock, codes
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.kit.settings import settings
from src.platform.roster import service as roster
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Tie

GIVE, LET_GO = "school_class.give_codes", "school_class.let_go"
_NAME_LENGTH, _CODE_LENGTH = 8, 12
MOST_CLASSES = 12


class Roll(NamedTuple):
    """A class with its students, their close persons and the names of all of them."""

    class_id: UUID
    label: str
    students: list[UUID]
    ties: frozenset[Tie]
    names: dict[UUID, str]

    @property
    def people(self) -> list[UUID]:
        """Everybody, each student before the close persons, by the Kazakh alphabet."""
        found: dict[UUID, None] = {}
        for student in self.by_name(self.students):
            found |= dict.fromkeys([student, *self.adults_of(student)])
        return list(found)

    def adults_of(self, student: UUID) -> list[UUID]:
        """The close persons of a student."""
        return self.by_name({tie.adult_id for tie in self.ties if tie.child_id == student})

    def children_of(self, adult: UUID) -> list[UUID]:
        """Whose close person somebody is in this class."""
        return self.by_name({tie.child_id for tie in self.ties if tie.adult_id == adult})

    def by_name(self, people: Collection[UUID]) -> list[UUID]:
        """People by the Kazakh alphabet."""
        return sorted(people, key=lambda person: (sort_key(self.names[person]), person))


async def roll(unit: Unit, class_id: UUID, permission: str = GIVE) -> Roll:
    """The people of a class for who gives them accounts. Raises NotFound, Forbidden."""
    found = await roster.own_list(unit, class_id, permission)
    ties, names = await vault.families_of_class(unit, found.students, class_id)
    return Roll(class_id, found.label, found.students, ties, names)


async def give(unit: Unit, class_id: UUID) -> Slips:
    """Codes for everybody of a class who has no account, shown once. Raises NotFound, EverybodyHasOneError."""
    await tenants.lock_members(unit)
    found = await roll(unit, class_id)
    known = await families.living(unit, found.people)
    missing = [person for person in found.people if person not in known]
    if not missing:
        raise EverybodyHasOneError
    return await _given(unit, found, missing)


async def give_several(unit: Unit, class_ids: Sequence[UUID]) -> list[Slips]:
    """The same for some classes in one go: a parent of children in two of them gets one paper, with the first.

    Raises NotFound, Forbidden, EverybodyHasOneError when nobody of all of them lacks an account.
    """
    await tenants.lock_members(unit)
    rolls = [await roll(unit, class_id) for class_id in class_ids]  # few: a form asks for MOST_CLASSES at most
    known = await families.living(unit, {person for one in rolls for person in one.people})
    given, done = list[Slips](), set(known)
    for one in rolls:
        if missing := [person for person in one.people if person not in done]:
            given.append(await _given(unit, one, missing))
            done |= set(missing)
    if not given:
        raise EverybodyHasOneError
    return given


async def renew(unit: Unit, class_id: UUID, person_id: UUID) -> Slips:
    """A new code in the place of a lost one: the former account ends with its sessions (S-23). Raises NotFound."""
    await tenants.lock_members(unit)
    found = await roll(unit, class_id)
    _check(found, person_id)
    await _end(unit, [person_id])
    return await _given(unit, found, [person_id])


async def end(unit: Unit, class_id: UUID, person_id: UUID) -> None:
    """Somebody signs in no longer, at once (S-23). Raises NotFound, also where there is no account."""
    await tenants.lock_members(unit)
    _check(await roll(unit, class_id), person_id)
    if not await _end(unit, [person_id]):
        raise NotFound


async def leave(unit: Unit, class_id: UUID, person_id: UUID) -> None:
    """A student's last day: the account ends, and those of close persons with no other child here. Raises NotFound."""
    await tenants.lock_members(unit)
    found = await roll(unit, class_id, LET_GO)
    if person_id not in found.students:
        raise NotFound
    await roster.leave(unit, class_id, person_id)
    adults = found.adults_of(person_id)
    children = await vault_ties.children_of(unit, adults)
    here = await roster.learning(unit, {child for of_one in children.values() for child in of_one} - {person_id})
    await _end(unit, [person_id, *(adult for adult in adults if not here & children[adult])])


async def _given(unit: Unit, found: Roll, people: Collection[UUID]) -> Slips:
    organisation, roles = await tenants.organisation(unit, unit.tenant_id), catalogue.roles_of(unit.me.tenant_kind)
    until = clock.now() + timedelta(hours=await tenants.setting(unit, "family_code_hours"))
    named = {person: f"{organisation.code} {codes.new_code(_NAME_LENGTH)}" for person in people}
    papers = {name: codes.new_code(_CODE_LENGTH) for name in named.values()}
    users = await accounts.create_on_paper(unit, papers, until=until)
    role_of = {person: roles.child if person in found.students else roles.guardian for person in people}
    made = await families.add(unit, {person: users[name] for person, name in named.items()}, role_of)
    audit.record(unit, "family_account.given", "membership", [found.class_id, *made.values()])
    return Slips(
        organisation=organisation.name(unit.language),
        label=found.label,
        address=f"{settings().public_url.rstrip('/')}/sign-in",
        expires_at=until,
        slips=[_slip(found, person, name, papers) for person, name in named.items()],
    )


def _slip(found: Roll, person: UUID, name: str, papers: Mapping[str, str]) -> Slip:
    children = [] if person in found.students else [found.names[child] for child in found.children_of(person)]
    return Slip(name=found.names[person], children=children, sign_in=name, code=papers[name])


async def _end(unit: Unit, people: Collection[UUID]) -> list[UUID]:
    known = [one.membership_id for one in (await families.living(unit, people)).values()]
    if known:
        await accounts.end_sessions_here(unit, await families.end(unit, known))
        audit.record(unit, "family_account.ended", "membership", known)
    return known


def _check(found: Roll, person_id: UUID) -> None:
    if person_id not in found.people:
        raise NotFound
