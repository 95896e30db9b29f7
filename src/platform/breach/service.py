"""Whom a breach concerns: every record that was opened, led back to people through the links of its own organisation.

It lists rather one too many than one too few: whoever opened an incident may have seen everybody who stands in it.
Terms of the law: one business day from the detection, with what is needed to tell the subjects (Order 481/НҚ).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.audit import service as audit
from src.platform.audit.service import AuditRow
from src.platform.breach import repository
from src.platform.breach.schemas import Asked, Found, Subject
from src.platform.db.unit import Unit
from src.platform.incidents.models import REPORTER_CLASSES
from src.platform.referrals.schemas import Slice
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity

REPORT = "breach.report"


@dataclass(slots=True)
class _Opened:
    """What was opened of one person."""

    identity: Identity
    first_at: datetime
    last_at: datetime
    records: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)


async def found(unit: Unit, asked: Asked, by: Collection[UUID], key: str) -> Found:
    """What one organisation's chain says, with an audit row that names both who asked and the fingerprint of the key.

    Opens the vault for every person concerned. The caller has asked two people and seals what it gets.
    """
    organisation = await tenants.organisation(unit, unit.tenant_id)
    done = await repository.rows(unit, asked)
    behind = await _behind(unit, done)
    opened: dict[object, _Opened] = {}
    by_record: dict[str, int] = defaultdict(int)
    for row in done:
        by_record[row.subject_kind] += 1
        for record in row.record_ids:
            for person, identity in behind.get(record, {}).items():
                _note(opened.setdefault(person, _Opened(identity, row.at, row.at)), row)
    one, other = sorted(str(user) for user in by)
    detail: dict[str, str | int | bool] = {"by": one, "second": other, "key": key, "subjects": len(opened)}
    audit.record(unit, "breach.reported", "tenant", [unit.tenant_id], classes=_classes(opened.values()), detail=detail)
    return Found(
        organisation=organisation.code,
        rows=len(done),
        accounts=len({row.actor_id for row in done if row.actor_id}),
        by_record=dict(by_record),
        subjects=[_subject(organisation.code, one) for one in opened.values()],
    )


async def session_of(unit: Unit, user_id: UUID, moment: datetime) -> tuple[datetime, datetime | None] | None:
    """The session of somebody at a moment, by the chain of the organisation."""
    return await repository.session_of(unit, user_id, moment)


async def _behind(unit: Unit, done: Iterable[AuditRow]) -> dict[UUID, dict[object, Identity]]:
    """Record -> the people behind it, with a key of their own each."""
    ids: set[UUID] = set()
    reporters: set[UUID] = set()
    for row in done:
        ids.update(row.record_ids)
        if REPORTER_CLASSES & set(row.classes):
            reporters.update(row.record_ids)
    of: dict[UUID, set[UUID]] = defaultdict(set)
    for linked in await repository.links(unit, ids, reporters):
        of[linked.record].add(await vault.open_link(unit, linked.sealed, linked.owner))
    for class_id, student in await repository.students(unit, ids):
        of[class_id].add(student)
    wanted = ids.union(*of.values())
    known = await vault.identities_for_counting(unit, wanted)
    behind: dict[UUID, dict[object, Identity]] = {
        record: {person: known[person] for person in people if person in known} for record, people in of.items()
    }
    for person in ids & known.keys():
        behind.setdefault(person, {})[person] = known[person]
    for referral, sealed in (await repository.slices(unit, ids)).items():
        behind.setdefault(referral, {})["slice", referral] = _of_slice(await vault.open_slice(unit, sealed, referral))
    return behind


def _of_slice(raw: bytes) -> Identity:
    told = msgspec.json.decode(raw, type=Slice)
    return Identity(
        family_name=told.family_name,
        given_name=told.given_name,
        patronymic=told.patronymic,
        birth_date=told.birth_date,
        phone=told.phone,
    )


def _note(opened: _Opened, row: AuditRow) -> None:
    opened.first_at, opened.last_at = min(opened.first_at, row.at), max(opened.last_at, row.at)
    opened.records.add(row.subject_kind)
    opened.classes |= set(row.classes) - {"-"}
    if row.actor_id is not None:
        opened.accounts.add(str(row.actor_id))


def _classes(opened: Iterable[_Opened]) -> set[str]:
    return {name for one in opened for name in one.classes}


def _subject(organisation: str, opened: _Opened) -> Subject:
    known = opened.identity
    return Subject(
        organisation=organisation,
        name=known.full_name,
        birth_date=known.birth_date,
        iin=known.iin,
        phone=known.phone,
        email=known.email,
        records=sorted(opened.records),
        classes=sorted(opened.classes),
        first_at=opened.first_at,
        last_at=opened.last_at,
        accounts=sorted(opened.accounts),
    )
