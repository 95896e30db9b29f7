"""Verbs of the roster: a class list is uploaded, reviewed, loaded; a class gets its teacher."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_, sort_key
from src.platform.kit.ids import new_id
from src.platform.kit.threads import run_in_pool
from src.platform.outbox import service as outbox
from src.platform.roster import repository
from src.platform.roster.class_list import students, template
from src.platform.roster.class_list.cells import ComplaintError
from src.platform.roster.class_list.students import Student
from src.platform.roster.errors import BadRowsError
from src.platform.roster.models import ClassListDraft
from src.platform.roster.repository import Label
from src.platform.roster.schemas import ClassMembers, ImportReview
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Known, Tie

_DRAFT_LIVES = timedelta(hours=1)
_TAKEN = ComplaintError("taken", N_("Row %(row)s, “%(column)s”: this number belongs to an adult of the school"))
_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[Student])
all_classes = repository.all_classes
"""A read that a page may ask for together with its own."""


async def class_labels(unit: Unit) -> dict[UUID, str]:
    """Every class of the school as it stands on the door, from the first grade on."""
    found = sorted(await repository.labels(unit), key=lambda one: (one.grade, sort_key(one.letter)))
    return {one.id: one.label for one in found}


async def students_of(unit: Unit, class_id: UUID) -> list[UUID]:
    """Who learns in a class now, for a module that may know it."""
    return await repository.students_of(unit, class_id)


async def upload(unit: Unit, content: bytes) -> UUID:
    """Read a class list and keep it sealed until it is confirmed; nothing is loaded.

    Raises UnreadableFileError, MissingColumnsError, BadRowsError with every mistake of every row.
    """
    access.require(unit, "roster.import")
    found = await run_in_pool(students.read, content, unit.language)
    _refuse_adults(found, await vault.recognise(unit, [one.identity for one in found]), unit.language)
    draft = ClassListDraft(
        tenant_id=unit.tenant_id,
        id=(draft_id := new_id()),
        membership_id=unit.me.membership_id,
        content=await vault.seal_people(unit, _encoder.encode(found), draft_id),
        expires_at=clock.now() + _DRAFT_LIVES,
    )
    unit.session.add(draft)
    await outbox.wake(unit, draft.expires_at, "roster.forget_draft", {"draft": draft_id})
    audit.record(unit, "class_list.uploaded", "class_list", [draft_id], detail={"rows": len(found)})
    return draft_id


async def review(unit: Unit, draft_id: UUID) -> ImportReview:
    """What loading the draft would do now. Raises NotFound for a draft that is gone or somebody else's."""
    access.require(unit, "roster.import")
    draft = await _draft(unit, draft_id)
    found = await _students(unit, draft)
    counts = Counter(await _outcomes(unit, found))
    known = await repository.class_ids(unit)
    new = sorted({(one.grade, one.letter) for one in found} - known.keys())
    return ImportReview(
        id=draft_id,
        added=counts["added"],
        changed=counts["changed"],
        same=counts["same"],
        new_classes=[f"{grade}{letter}" for grade, letter in new],
        expires_at=draft.expires_at,
    )


async def load(unit: Unit, draft_id: UUID) -> None:
    """Load a draft, all of it or nothing; a second time changes nothing. Raises NotFound, NumberTakenError."""
    access.require(unit, "roster.import")
    await repository.lock_roster(unit)
    found = await _students(unit, await _draft(unit, draft_id))
    counts = Counter(await _outcomes(unit, found))
    people = await vault.settle(unit, "student", [one.identity for one in found])
    await _enrol(unit, dict(zip(people, found, strict=True)))
    await _tie(unit, dict(zip(people, found, strict=True)))
    await repository.drop_draft(unit, draft_id)
    audit.record(unit, "class_list.loaded", "class_list", [draft_id], detail={**counts})


async def discard(unit: Unit, draft_id: UUID) -> None:
    """Throw an upload away. Raises NotFound."""
    access.require(unit, "roster.import")
    await _draft(unit, draft_id)
    await repository.drop_draft(unit, draft_id)
    audit.record(unit, "class_list.discarded", "class_list", [draft_id])


async def forget(unit: Unit, draft_id: UUID) -> None:
    """Delete a draft whose time is over; it may be gone already, or be kept longer while it is loaded."""
    await repository.drop_draft(unit, draft_id, over_at=clock.now())


async def size_of(unit: Unit, draft_id: UUID) -> int:
    """How many students a draft of mine has. Raises NotFound."""
    return len(await students_of_draft(unit, draft_id))


async def students_of_draft(unit: Unit, draft_id: UUID) -> list[Student]:
    """The students of a draft of mine. Raises NotFound."""
    return await _students(unit, await _draft(unit, draft_id))


async def empty_list(unit: Unit) -> bytes:
    """An XLSX to fill in."""
    access.require(unit, "roster.import")
    return await run_in_pool(template.make, unit.language)


async def own_list(unit: Unit, class_id: UUID, permission: str) -> ClassMembers:
    """Who learns in a class, for a verb on it. Raises NotFound, Forbidden."""
    tied = await repository.one(unit, class_id)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="school_class.read")
    return ClassMembers(id=class_id, label=tied.school_class.label, students=tied.students)


async def own_classes(unit: Unit, permission: str) -> list[tuple[UUID, str]]:
    """The classes on which I have a verb, with their labels."""
    found = await repository.classes(unit)
    return [
        (one.school_class.id, one.school_class.label) for one in found if access.may(unit.me, permission, one.relations)
    ]


async def learning(unit: Unit, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who learn here now."""
    return set(await repository.places(unit, person_ids))


async def class_of(unit: Unit, person_id: UUID) -> str:
    """The class in which somebody learns now, "" for nobody's student. The caller writes the audit row."""
    found = await repository.places(unit, [person_id])
    return found[person_id].label if person_id in found else ""


async def leave(unit: Unit, class_id: UUID, person_id: UUID) -> None:
    """A student's last day; the caller has locked the class through its scope. Raises NotFound."""
    if not await repository.leave(unit, class_id, person_id, clock.local_date(clock.now())):
        raise NotFound
    audit.record(unit, "class.student_left", "school_class", [class_id, person_id])


async def appoint_teacher(unit: Unit, class_id: UUID, version: int, teacher: UUID) -> None:
    """Make a member the teacher of a class, who reads its list from then on. Raises NotFound, Invalid."""
    tied = await repository.one(unit, class_id)
    if tied is None:
        raise NotFound
    access.demand(unit.me, "school_class.appoint", tied.relations, reading="school_class.read")
    if teacher not in {one.membership_id for one in await tenants.members(unit) if may_teach(one)}:
        raise Invalid(fields=[FieldError("teacher", "not_a_teacher", N_("Choose one of the answers"))])
    if not await repository.set_teacher(unit, class_id, version, teacher):
        raise StaleVersion
    audit.record(unit, "class.teacher_appointed", "school_class", [class_id])


def may_teach(member: Member) -> bool:
    """Whether a role of the member can open the list of an own class."""
    return bool(member.roles & access.roles_with("school_class.read"))


def _refuse_adults(found: Sequence[Student], known: Sequence[Known | None], language: str) -> None:
    taken = [
        students.mistake(one.row, "iin", _TAKEN, language)
        for one, person in zip(found, known, strict=True)
        if person is not None and person.kind != "student"
    ]
    if taken:
        raise BadRowsError(fields=taken)


async def _draft(unit: Unit, draft_id: UUID) -> ClassListDraft:
    draft = await repository.draft(unit, draft_id, clock.now())
    if draft is None:
        raise NotFound
    return draft


async def _students(unit: Unit, draft: ClassListDraft) -> list[Student]:
    return _decoder.decode(await vault.open_people(unit, draft.content, draft.id))


async def _outcomes(unit: Unit, found: Sequence[Student]) -> list[str]:
    identities = [one.identity for one in found]
    guarded = {one.row: one.guardian for one in found if one.guardian is not None}
    await vault.look_up(unit, identities, [*guarded.values()])
    known = await vault.recognise(unit, identities)
    adults = dict(zip(guarded, await vault.recognise_contacts(unit, [*guarded.values()]), strict=True))
    ids = [person.person_id for person in known if person is not None]
    places, ties = await repository.places(unit, ids), await vault_ties.of_children(unit, ids)
    labels = {person: (place.grade, place.letter) for person, place in places.items()}
    return [_outcome(one, person, labels, ties, adults.get(one.row)) for one, person in zip(found, known, strict=True)]


def _outcome(
    student: Student,
    known: Known | None,
    labels: Mapping[UUID, Label],
    ties: frozenset[Tie],
    adult: UUID | None,
) -> str:
    """added, changed or same."""
    if known is None:
        return "added"
    stays = known.same and labels.get(known.person_id) == (student.grade, student.letter)
    if student.guardian is None:
        return "same" if stays else "changed"
    tied = adult is not None and Tie(child_id=known.person_id, adult_id=adult, relation=student.relation) in ties
    return "same" if stays and tied else "changed"


async def _enrol(unit: Unit, found: Mapping[UUID, Student]) -> None:
    wanted = {person: (one.grade, one.letter) for person, one in found.items()}
    await repository.open_classes(unit, set(wanted.values()) - (await repository.class_ids(unit)).keys())
    classes, places = await repository.class_ids(unit), await repository.places(unit, found)
    now = {person: place.id for person, place in places.items()}
    moves = {person: classes[label] for person, label in wanted.items() if now.get(person) != classes[label]}
    await repository.enrol(unit, moves, clock.local_date(clock.now()))


async def _tie(unit: Unit, found: Mapping[UUID, Student]) -> None:
    guarded = {person: one for person, one in found.items() if one.guardian is not None}
    adults = await vault.settle_contacts(unit, [one.guardian for one in guarded.values() if one.guardian is not None])
    await vault_ties.tie_people(
        unit,
        [
            Tie(child_id=child, adult_id=adult, relation=one.relation)
            for (child, one), adult in zip(guarded.items(), adults, strict=True)
        ],
    )
