"""Accounts of the families of a class as who gives them sees them; never a code."""

from collections.abc import Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.families import service
from src.platform.families.schemas import AccountRow, AccountView, ClassAccounts, ClassChoice, ClassChoices, FamilyRow
from src.platform.families.service import Roll
from src.platform.kit.errors import NotFound
from src.platform.roster import service as roster
from src.platform.tenants import families
from src.platform.tenants.schemas import FamilyAccount


async def of_class(unit: Unit, class_id: UUID) -> ClassAccounts:
    """The families of a class. Raises NotFound alike for foreign, hidden and unknown ids (S-12)."""
    roll = await service.roll(unit, class_id)
    known = await families.living(unit, roll.people)
    rows = [
        FamilyRow(
            student=_row(roll, known, student, ""),
            adults=[_row(roll, known, adult, _relation(roll, student, adult)) for adult in roll.adults_of(student)],
        )
        for student in roll.by_name(roll.students)
    ]
    return ClassAccounts(id=class_id, label=roll.label, rows=rows, missing=len(set(roll.people) - known.keys()))


async def choices(unit: Unit) -> ClassChoices:
    """The classes whose papers I may make: those of the school for its head, my own for a class teacher."""
    access.require(unit, service.GIVE)
    found = await roster.own_classes(unit, service.GIVE)
    return ClassChoices(classes=[ClassChoice(id=i, label=label) for i, label in found], most=service.MOST_CLASSES)


async def one(unit: Unit, class_id: UUID, person_id: UUID) -> AccountView:
    """One person of a class. Raises NotFound."""
    roll = await service.roll(unit, class_id)
    if person_id not in roll.people:
        raise NotFound
    known = await families.living(unit, [person_id])
    learns = person_id in roll.students
    relation = "" if learns else _relation(roll, roll.children_of(person_id)[0], person_id)
    return AccountView(
        class_id=class_id,
        label=roll.label,
        person=_row(roll, known, person_id, relation),
        may_let_go=learns and access.may_enter(unit.me, service.LET_GO),
    )


def _relation(roll: Roll, student: UUID, adult: UUID) -> str:
    return next(tie.relation for tie in roll.ties if (tie.child_id, tie.adult_id) == (student, adult))


def _row(roll: Roll, known: Mapping[UUID, FamilyAccount], person: UUID, relation: str) -> AccountRow:
    account = known.get(person)
    state = "none" if account is None else "used" if account.used else "given"
    since = account.since if account else None
    return AccountRow(person_id=person, name=roll.names[person], relation=relation, state=state, since=since)
