"""The verbs of a request: ask, agree, refuse, withdraw, use (S-14, ADR 37)."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.grants import kinds, registry, repository
from src.platform.grants.errors import (
    ClosedError,
    FourEyesError,
    SecondFactorFirstError,
    TooManyWaitError,
)
from src.platform.grants.models import AccessGrant
from src.platform.grants.registry import GLASS, NAMES, Kind
from src.platform.grants.schemas import Shown
from src.platform.grants.states import advance, state_of
from src.platform.incidents.models import CLASSES_OF, REPORTER_CLASSES
from src.platform.kit import clock, codes
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.vault import granted
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

HOURS_MOST = 72
PURPOSES = ("protect_child", "first_help", "contact_family", "lawful_request", "other")
TYPED, REASON = "access_grant.typed", "access_grant.reason"
_GIVEN = {NAMES: "grant_given", GLASS: "glass_broken"}
_WAITING_MOST = 10
_LETTERS, _DIGITS = 3, 6


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What the asker typed, for the asker."""

    record: str
    code: str = ""


async def ask(
    unit: Unit, *, number: str, code: str, fields: Collection[str], purpose: str, reason: str, hours: int
) -> UUID:
    """Ask who a person of an incident is. Raises Forbidden, Invalid, TooManyWaitError.

    A number or a code that leads nowhere, and a record whose asker is in conflict, answer as everything else does: the
    request waits, and nobody but its asker ever sees it.
    """
    access.require(unit, kinds.ASK)
    if complaints := _complaints(number, code, fields, hours):
        raise Invalid(fields=complaints)
    kind = registry.find(NAMES, "incident")
    record_id = await kind.find(unit, number.strip())
    owner = await _owner(unit, record_id, code) if record_id else None
    classes = await _classes(unit, owner) if owner else frozenset[str]()
    found = record_id if owner and classes else None
    row = await add(
        unit,
        kind,
        found,
        Typed(record=number.strip(), code=_letters(code)),
        purpose=purpose,
        reason=reason,
        hours=hours,
        needed=2 if classes & REPORTER_CLASSES else 1,
        owner=owner if found else None,
        fields=[name for name in granted.FIELDS if name in fields],
        classes=sorted(classes),
    )
    if found:
        await tell_deciders(unit, kind, row, "grant_asked")
    audit.record(unit, "grant.asked", "access_grant", _of(row), classes=classes, detail={"purpose": purpose})
    return row.id


async def add(
    unit: Unit,
    kind: Kind,
    record_id: UUID | None,
    typed: Typed,
    *,
    purpose: str,
    reason: str,
    hours: int,
    needed: int = 1,
    owner: tuple[UUID, str] | None = None,
    fields: Collection[str] = (),
    classes: Collection[str] = (),
) -> AccessGrant:
    """Store a request. Raises TooManyWaitError."""
    if await repository.waiting(unit, clock.now()) >= _WAITING_MOST:
        raise TooManyWaitError
    grant_id = new_id()
    row = AccessGrant(
        tenant_id=unit.tenant_id,
        id=grant_id,
        kind=kind.kind,
        resource=kind.resource,
        record_id=record_id,
        owner_id=owner[0] if owner else None,
        owner_word=owner[1] if owner else "",
        asked_by=unit.me.membership_id,
        asked_at=clock.now(),
        typed=await vault.seal_text(unit, msgspec.json.encode(typed).decode(), TYPED, grant_id),
        fields=list(fields),
        classes=list(classes),
        purpose=purpose,
        reason=await vault.seal_text(unit, reason, REASON, grant_id),
        hours=hours,
        needed=needed,
        version=1,
    )
    unit.session.add(row)
    return row


async def agree(unit: Unit, grant_id: UUID, version: int) -> None:
    """Agree as one who did not ask; the last who must agree opens it. Raises NotFound, FourEyesError, StaleVersion."""
    row, kind = await _to_decide(unit, grant_id)
    now = clock.now()
    is_last = row.needed == 1 or row.first_by is not None
    advance(state_of(row, now), "agree_last" if is_last else "agree")
    await _demand_other_eyes(unit, row)
    changes: dict[str, object] = {"first_by": unit.me.membership_id, "first_at": now}
    if row.first_by is not None:
        changes = {"second_by": unit.me.membership_id, "second_at": now}
    if is_last:
        changes |= {"starts_at": now, "ends_at": now + timedelta(hours=row.hours)}
    await write(unit, row, version, **changes)
    if is_last:
        await notifications.notify(unit, [row.asked_by], "grant_decided", "grant", row.id)
        await tell_deciders(unit, kind, row, _GIVEN[row.kind], kind.answering)
        await outbox.wake(unit, now + timedelta(hours=row.hours), "grants.over", {"grant": row.id})
        if kind.told is not None and row.record_id is not None:
            await kind.told(unit, row.record_id)
    audit.record(unit, "grant.agreed", "access_grant", _of(row), classes=row.classes, detail={"opened": is_last})


async def refuse(unit: Unit, grant_id: UUID, version: int) -> None:
    """No. One who may decide is enough. Raises NotFound, FourEyesError, NotNowError, StaleVersion."""
    row, _ = await _to_decide(unit, grant_id)
    now = clock.now()
    advance(state_of(row, now), "refuse")
    await _demand_other_eyes(unit, row, agreed_too=False)
    await write(unit, row, version, refused_by=unit.me.membership_id, refused_at=now)
    await notifications.notify(unit, [row.asked_by], "grant_decided", "grant", row.id)
    audit.record(unit, "grant.refused", "access_grant", _of(row), classes=row.classes)


async def withdraw(unit: Unit, grant_id: UUID, version: int) -> None:
    """It opens nothing from now on: by who asked, or by anybody who may decide. Raises NotFound, NotNowError."""
    row = await repository.mine(unit, grant_id) or await repository.decidable(unit, grant_id)
    if row is None:
        raise NotFound
    now = clock.now()
    advance(state_of(row, now), "withdraw")
    await write(unit, row, version, withdrawn_by=unit.me.membership_id, withdrawn_at=now)
    if row.asked_by != unit.me.membership_id:
        await notifications.notify(unit, [row.asked_by], "grant_withdrawn", "grant", row.id)
    audit.record(unit, "grant.withdrawn", "access_grant", _of(row), classes=row.classes)


async def use(unit: Unit, grant_id: UUID) -> Shown:
    """What was granted, with the audit row of a reading. Raises NotFound; ClosedError for any other use (S-14)."""
    access.require(unit, kinds.ASK)
    row = await repository.mine(unit, grant_id)
    if row is None:
        raise await _not_mine(unit, grant_id)
    if row.kind != NAMES or state_of(row, clock.now()) != "open":
        raise ClosedError
    kind = registry.find(row.kind, row.resource)
    if not await repository.opens_to_me(unit, kind, row.record_id or row.id):
        raise ClosedError
    if unit.me.second_factor_at is None:
        raise SecondFactorFirstError
    hidden = await _hidden(unit, (row.owner_id or row.id, row.owner_word))
    known = hidden and await granted.fields_of(
        unit, hidden, row.classes, row.fields, subject_kind=row.resource, record_id=row.record_id or row.id
    )
    if not known or row.ends_at is None:
        raise ClosedError
    audit.record(unit, "grant.used", "access_grant", _of(row), classes=row.classes)
    typed = await opened_typed(unit, row)
    code = await vault.code(unit, row.owner_word, row.owner_id or row.id)
    return Shown(id=row.id, record=typed.record, code=code, values=dict(known), ends_at=row.ends_at)


async def tell_deciders(unit: Unit, kind: Kind, row: AccessGrant, message: str, permission: str = "") -> None:
    """A message to whoever may decide this, or has the permission, except who asked and who is deciding."""
    if row.record_id is None:
        return
    members = [one for one in await tenants.members(unit) if one.membership_id != row.asked_by]
    hearing = await kind.deciders(unit, members, row.record_id, permission or kind.deciding)
    told = [one.membership_id for one in hearing if one.membership_id != unit.me.membership_id]
    await notifications.notify(unit, told, message, "grant", row.id)


async def opened_typed(unit: Unit, row: AccessGrant) -> Typed:
    """What the asker typed."""
    text = await vault.open_text(unit, row.typed, TYPED, row.id)
    return msgspec.json.decode(text.encode(), type=Typed)


async def write(unit: Unit, row: AccessGrant, version: int, **changes: object) -> None:
    """Change a request that was locked. Raises StaleVersion."""
    if not await repository.write(unit, row, version, **changes):
        raise StaleVersion


async def _to_decide(unit: Unit, grant_id: UUID) -> tuple[AccessGrant, Kind]:
    row = await repository.decidable(unit, grant_id)
    if row is None:
        raise await _not_mine(unit, grant_id)
    return row, registry.find(row.kind, row.resource)


async def _not_mine(unit: Unit, grant_id: UUID) -> NotFound | ClosedError:
    """A request that is seen and cannot be used is a refusal; any other is not there."""
    return ClosedError() if await repository.one(unit, grant_id) is not None else NotFound()


async def _demand_other_eyes(unit: Unit, row: AccessGrant, *, agreed_too: bool = True) -> None:
    before = {row.asked_by} | ({row.first_by} if agreed_too and row.first_by else set())
    if unit.me.person_id in (await repository.persons(unit, before)).values():
        raise FourEyesError


async def _owner(unit: Unit, record_id: UUID, code: str) -> tuple[UUID, str] | None:
    """Whom a code means in an incident; None unless it is exactly one person."""
    people = await repository.people(unit, record_id)
    known = await vault.codes(unit, ((word, owner) for owner, word in people))
    wanted = codes.plain(_letters(code))
    found = [one for one, text in zip(people, known, strict=True) if codes.plain(_letters(text)) == wanted]
    return found[0] if len(found) == 1 else None


async def _classes(unit: Unit, owner: tuple[UUID, str]) -> frozenset[str]:
    hidden = await _hidden(unit, owner)
    return hidden.classes if hidden else frozenset()


async def _hidden(unit: Unit, owner: tuple[UUID, str]) -> Hidden[UUID] | None:
    """The person of a request as the record has them now."""
    owner_id, word = owner
    if word == "reporter":
        report = await repository.report(unit, owner_id)
        sealed, classes = (report.reporter_sealed, REPORTER_CLASSES) if report else (None, REPORTER_CLASSES)
    else:
        person = await repository.participation(unit, owner_id)
        sealed, classes = (person.link, CLASSES_OF[person.involvement]) if person else (None, REPORTER_CLASSES)
    return Hidden(owner_id=owner_id, sealed=sealed, classes=classes) if sealed else None


def _letters(code: str) -> str:
    """«Бала-KTR», «KTR», «ktr»: the three letters."""
    return "".join(letter for letter in code if letter.isalnum())[-_LETTERS:].upper()


def _complaints(number: str, code: str, fields: Collection[str], hours: int) -> list[FieldError]:
    found = []
    if len(number.strip()) != _DIGITS or not number.strip().isdigit():
        found.append(FieldError("number", "not_a_number", N_("The number of an incident has six digits")))
    if len(_letters(code)) != _LETTERS:
        found.append(FieldError("code", "not_a_code", N_("Type the three letters of the code")))
    if not fields:
        found.append(FieldError("fields", "missing", N_("Choose what you need to know")))
    return found + hours_complaints(hours, HOURS_MOST)


def hours_complaints(hours: int, most: int) -> list[FieldError]:
    """For how long something may be asked."""
    if 1 <= hours <= most:
        return []
    message = N_("Enter a whole number from 1 to %(most)s")
    return [FieldError("hours", "not_in_range", message, (("most", most),))]


def _of(row: AccessGrant) -> list[UUID]:
    return [one for one in (row.id, row.record_id, row.owner_id) if one is not None]
