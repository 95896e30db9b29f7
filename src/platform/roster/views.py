"""Classes and people of the school as one reader may see them."""

from collections.abc import Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.roster import repository, service
from src.platform.roster.class_list.sheet import MOST_BYTES, MOST_ROWS
from src.platform.roster.models import SchoolClass
from src.platform.roster.schemas import (
    ClassList,
    ClassRow,
    ClassView,
    FoundPerson,
    ImportPage,
    SearchPage,
    Teacher,
)
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

_KINDS = ("student", "staff")


async def classes(unit: Unit) -> ClassList:
    """The classes that I may open."""
    found = await repository.classes(unit)
    teachers = {m.membership_id: m for m in await tenants.members(unit)} if found else {}
    names = await vault.staff_names(
        unit, {m.person_id for one in found if (m := _teacher(one.school_class, teachers)) is not None}
    )
    rows = [
        ClassRow(
            id=one.school_class.id,
            label=one.school_class.label,
            teacher=_name(_teacher(one.school_class, teachers), names),
            students=len(one.students),
        )
        for one in sorted(found, key=lambda one: (one.school_class.grade, sort_key(one.school_class.letter)))
    ]
    return ClassList(rows=rows, may_import=access.may_enter(unit.me, "roster.import"))


async def one(unit: Unit, class_id: UUID) -> ClassView:
    """One class with its list: one audit row. Raises NotFound alike for foreign, hidden and unknown ids (S-12)."""
    tied = await repository.one(unit, class_id)
    if tied is None:
        raise NotFound
    members = {m.membership_id: m for m in await tenants.members(unit)}
    teacher = _teacher(tied.school_class, members)
    may_appoint = access.may(unit.me, "school_class.appoint", tied.relations)
    candidates = [m for m in members.values() if may_appoint and service.may_teach(m)]
    colleagues = {m.person_id for m in (*candidates, teacher) if m is not None}
    names = await vault.names_of_class(unit, colleagues | set(tied.students), class_id)
    return ClassView(
        id=class_id,
        label=tied.school_class.label,
        version=tied.school_class.version,
        teacher=_name(teacher, names),
        students=sorted((names[person] for person in tied.students), key=sort_key),
        may_give_codes=access.may(unit.me, "school_class.give_codes", tied.relations),
        candidates=sorted(
            (Teacher(m.membership_id, names.get(m.person_id, "")) for m in candidates),
            key=lambda candidate: sort_key(candidate.name),
        ),
    )


async def search(unit: Unit, text: str) -> SearchPage:
    """Students and colleagues by the beginnings of their names (decisions 16). Raises Invalid."""
    access.require(unit, "roster.search")
    hits = await vault.search(unit, text, _KINDS)
    places = await repository.places(unit, [hit.person_id for hit in hits])
    found = [
        FoundPerson(
            person_id=hit.person_id,
            kind=hit.kind,
            name=hit.name,
            class_label=places[hit.person_id].label if hit.person_id in places else None,
        )
        for hit in hits
    ]
    return SearchPage(found=found, searched=True)


def search_page(unit: Unit) -> SearchPage:
    """The page before a search."""
    access.require(unit, "roster.search")
    return SearchPage()


def import_page(unit: Unit) -> ImportPage:
    """The page to upload on."""
    access.require(unit, "roster.import")
    return ImportPage(most_megabytes=MOST_BYTES // 1_000_000, most_rows=MOST_ROWS)


def _teacher(school_class: SchoolClass, members: Mapping[UUID, Member]) -> Member | None:
    return members.get(school_class.teacher_id) if school_class.teacher_id else None


def _name(member: Member | None, names: Mapping[UUID, str]) -> str | None:
    return names.get(member.person_id) if member else None
