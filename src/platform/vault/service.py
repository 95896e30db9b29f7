"""The vault: people in, links and codes for everybody, names only through `reveal()`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.kit import clock, crypto
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_, sort_key
from src.platform.kit.ids import new_id
from src.platform.tenants.schemas import Member
from src.platform.vault import blinds, names, repository, ties
from src.platform.vault.errors import NumberTakenError
from src.platform.vault.keys import Keys, keys_of
from src.platform.vault.schemas import Called, Found, Hidden, Id, Identity, Known, Link, Tie

MOST_FOUND = 10
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Identity)
_of_list = msgspec.json.Decoder(list[Called])


async def add_person(unit: Unit, kind: str, identity: Identity) -> UUID:
    """Put one person into the vault."""
    return (await add_people(unit, kind, [identity]))[0]


async def add_people(unit: Unit, kind: str, identities: Sequence[Identity]) -> list[UUID]:
    """Put people into the vault in two statements; ids in the order given."""
    keys, at = await keys_of(unit), clock.now()
    ids = [new_id() for _ in identities]
    people: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for person_id, identity in zip(ids, identities, strict=True):
        person = _sealed_person(unit, keys, person_id, identity)
        contact = keys.blind.blind(blinds.of_contact(identity)) if identity.phone and kind != "student" else None
        people.append(person | {"kind": kind, "created_at": at, "contact_blind": contact, "version": 1})
        rows += _name_rows(unit, keys, person_id, identity)
    await repository.add(unit, people, rows)
    return ids


async def recognise(unit: Unit, identities: Sequence[Identity]) -> list[Known | None]:
    """Who is here already, by state number; one answer an identity, in the order given."""
    keys, iins = await keys_of(unit), [blinds.of_iin(one.iin) for one in identities]
    stored = await repository.by_iin(unit, blinds.every(keys.blind, iins))
    answers: list[Known | None] = []
    for identity, person in zip(identities, blinds.found(keys.blind, iins, stored), strict=True):
        if person is None:
            answers.append(None)
            continue
        old = _unseal(unit, keys, person.id, person.identity)
        answers.append(Known(person_id=person.id, kind=person.kind, same=_merged(old, identity) == old))
    return answers


async def look_up(unit: Unit, identities: Sequence[Identity], contacts: Sequence[Identity]) -> None:
    """Read at once what `recognise` and `recognise_contacts` will answer from."""
    ring = (await keys_of(unit)).blind
    iins = blinds.every(ring, (blinds.of_iin(one.iin) for one in identities))
    await repository.prefetch_known(unit, iins, blinds.every(ring, map(blinds.of_contact, contacts)))


async def settle(unit: Unit, kind: str, identities: Sequence[Identity]) -> list[UUID]:
    """Put people in or bring them up to date, by state number; ids in the order given. Raises NumberTakenError."""
    known = await recognise(unit, identities)
    if any(one is not None and one.kind != kind for one in known):
        raise NumberTakenError
    pairs = list(zip(identities, known, strict=True))
    added = iter(await add_people(unit, kind, [identity for identity, one in pairs if one is None]))
    await _change(unit, {one.person_id: identity for identity, one in pairs if one is not None and not one.same})
    return [next(added) if one is None else one.person_id for one in known]


async def recognise_contacts(unit: Unit, identities: Sequence[Identity]) -> list[UUID | None]:
    """Adults who are here already, by name and phone: a parent who also works here is one person (R-064)."""
    ring, claims = (await keys_of(unit)).blind, [blinds.of_contact(one) for one in identities]
    return blinds.found(ring, claims, await repository.by_contact(unit, blinds.every(ring, claims)))


async def settle_contacts(unit: Unit, identities: Sequence[Identity]) -> list[UUID]:
    """Put guardians in whom name and phone do not find; ids in the order given."""
    known, claims = await recognise_contacts(unit, identities), [blinds.of_contact(one) for one in identities]
    unknown = {claim: one for claim, one, person in zip(claims, identities, known, strict=True) if person is None}
    added = dict(zip(unknown, await add_people(unit, "guardian", list(unknown.values())), strict=True))
    return [person or added[claim] for claim, person in zip(claims, known, strict=True)]


async def settle_colleague(unit: Unit, identity: Identity, known: UUID | None) -> UUID:
    """Put a colleague in, or make one of somebody who is here already: parent and employee stay one person (R-064)."""
    if known is None:
        return await add_person(unit, "staff", identity)
    await _change(unit, {known: identity})
    contact = (await keys_of(unit)).blind.blind(blinds.of_contact(identity)) if identity.phone else None
    await repository.make_staff(unit, known, contact)
    return known


async def facts(unit: Unit) -> dict[str, object]:
    """The person behind the unit as bound parameters of relations: fingerprints of self and family, memberships."""
    if not unit.blinds:
        unit.blinds = await ties.of_reader(unit)
    return {
        **unit.blinds,
        "me_membership": unit.me.membership_id,
        "me_tenant": unit.tenant_id,
        "me_user": unit.me.user_id,
        "moment": clock.now(),
    }


async def facts_of(unit: Unit, member: Member) -> dict[str, object]:
    """The same facts about a colleague: whether a message about a record may go to them (decisions 17)."""
    return (await facts_of_members(unit, [member]))[member.membership_id]


async def facts_of_members(unit: Unit, members: Collection[Member]) -> dict[UUID, dict[str, object]]:
    """The same about many, by membership, in one statement."""
    families = await ties.of_people(unit, {one.person_id for one in members})
    now = clock.now()
    return {
        one.membership_id: {
            **families[one.person_id],
            "me_membership": one.membership_id,
            "me_tenant": unit.tenant_id,
            "me_user": one.user_id,
            "moment": now,
        }
        for one in members
    }


async def seal_link(unit: Unit, person_id: UUID, owner_id: UUID) -> Link:
    """A reference to a person for the row `owner_id`; the row does not tell whom it means."""
    keys = await keys_of(unit)
    sealed = keys.vault.seal(person_id.bytes, owner=_owner(unit, "link", owner_id))
    return Link(sealed, keys.blind.blind(blinds.of_person(person_id)))


async def exists(unit: Unit, person_id: UUID) -> bool:
    """Whether the organisation knows this person."""
    return bool(await repository.identities(unit, [person_id]))


async def own_names(unit: Unit, children: Collection[UUID], contacts: Collection[UUID] = ()) -> dict[UUID, str]:
    """Names of one's own children, and of colleagues whom everybody may turn to. The caller writes the audit row."""
    known = await _open(unit, {*children, *contacts})
    return {person: identity.full_name for person, identity in known.items()}


async def blinds_of(unit: Unit, *person_ids: UUID) -> list[bytes]:
    """The fingerprints under which these people may stand in rows of this organisation: two each while keys change."""
    return blinds.every((await keys_of(unit)).blind, map(blinds.of_person, person_ids))


async def fingerprint(unit: Unit, kind: str, *parts: str) -> bytes:
    """A keyed fingerprint of something that is no person, in this organisation; kinds never meet."""
    return crypto.blind((await keys_of(unit)).mark, blinds.of_other(kind, parts))


async def open_link(unit: Unit, sealed: bytes, owner_id: UUID) -> UUID:
    """The person behind a link, for a verb that acts on them; names come from `reveal`. Raises SealBrokenError."""
    keys = await keys_of(unit)
    return UUID(bytes=keys.vault.open(sealed, owner=_owner(unit, "link", owner_id)))


async def reveal(
    unit: Unit, hidden: Iterable[Hidden[Id]], readable: Collection[str], *, subject_kind: str, record_id: UUID
) -> dict[Id, str]:
    """Names by `owner_id`, only of people whose every class is readable, with one audit row (R-063)."""
    return await reveal_in_list(unit, [(record_id, hidden, frozenset(readable))], subject_kind=subject_kind)


async def reveal_in_list(
    unit: Unit, records: Iterable[tuple[UUID, Iterable[Hidden[Id]], frozenset[str]]], *, subject_kind: str
) -> dict[Id, str]:
    """The same of several records, each with what is readable there, with one audit row for all that were opened."""
    opened: list[UUID | str] = []
    shown: list[Hidden[Id]] = []
    for record, hidden, readable in records:
        if found := [one for one in hidden if one.classes and one.classes <= readable]:
            opened.append(record)
            shown += found
    if not shown:
        return {}
    people = (await keys_of(unit)).vault.open_links(shown, place=_place(unit, "link"))
    names_of = await _full_names(unit, set(people))
    classes = frozenset[str]().union(*{one.classes for one in shown})
    opened += [one.owner_id for one in shown]
    audit.record(unit, "identity.read", subject_kind, opened, classes=classes)
    return {one.owner_id: names_of[person] for one, person in zip(shown, people, strict=True) if person in names_of}


async def staff_names(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of colleagues, which are school-internal: no audit row."""
    return {person: identity.full_name for person, identity in (await _open(unit, person_ids, kind="staff")).items()}


async def names_of_class(unit: Unit, person_ids: Collection[UUID], class_id: UUID) -> dict[UUID, str]:
    """Names of the students and teachers of a class, which are school-internal: one audit row (decisions 16)."""
    audit.record(unit, "class_list.read", "school_class", [class_id], classes={"school-internal"})
    return {person: identity.full_name for person, identity in (await _open(unit, person_ids)).items()}


async def families_of_class(
    unit: Unit, children: Sequence[UUID], class_id: UUID
) -> tuple[frozenset[Tie], dict[UUID, str]]:
    """The close persons of the students of a class, and the names of all of them: one audit row (decisions 16)."""
    audit.record(unit, "class_list.read", "school_class", [class_id], classes={"school-internal"})
    reads, keys = (repository.all_ties(children), repository.all_family(children)), await keys_of(unit)
    await together.prefetch(unit.session, *reads)
    ties, people = [await together.rows(unit.session, read) for read in reads]
    return (
        frozenset(Tie(child_id=one.child_id, adult_id=one.adult_id, relation=one.relation) for one in ties),
        {one.id: _unseal(unit, keys, one.id, one.identity).full_name for one in people},
    )


async def contact_of_staff(unit: Unit, person_id: UUID) -> str:
    """The e-mail address of a colleague, "" where none is known."""
    known = await _open(unit, {person_id}, kind="staff")
    return known[person_id].email if person_id in known else ""


async def keep_address(unit: Unit, person_id: UUID, email: str) -> None:
    """The e-mail address of a colleague from now on, "" for none. The caller writes the audit row."""
    await repository.lock(unit, person_id)
    keys, known = await keys_of(unit), await _open(unit, {person_id}, kind="staff")
    if person_id in known:
        await repository.reseal(unit, _sealed_person(unit, keys, person_id, replace(known[person_id], email=email)))


async def identity_for_slice(unit: Unit, person_id: UUID) -> Identity:
    """One identity to be re-sealed under a recipient's key (decisions 8). The caller writes the audit row."""
    return (await _open(unit, {person_id}))[person_id]


async def identities_for_counting(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, Identity]:
    """Identities of which only a number leaves the vault (`vault.tallies`)."""
    return await _open(unit, person_ids)


async def search(unit: Unit, text: str, kinds: Collection[str]) -> list[Found]:
    """Find people by the beginnings of their names; one audit row, without the text (decisions 16). Raises Invalid."""
    words = names.folded(text).split()
    if not words or any(len(word) < names.SHORTEST for word in words):
        message = N_("Type at least %(least)s letters of each name")
        raise Invalid(fields=[FieldError("text", "too_short", message, (("least", names.SHORTEST),))])
    keys = await keys_of(unit)
    wanted = {word[: names.LONGEST] for word in words}
    hits = blinds.every(keys.blind, map(blinds.of_name, wanted))
    rows = await repository.matching(unit, hits, len(wanted), kinds, MOST_FOUND)
    found = [
        Found(person_id=one.id, kind=one.kind, name=_unseal(unit, keys, one.id, one.identity).full_name) for one in rows
    ]
    audit.record(unit, audit.SEARCHED, "person", [one.person_id for one in found])
    return sorted(found, key=lambda one: sort_key(one.name))


async def name_parts(
    unit: Unit, hidden: Iterable[Hidden[UUID]], readable: Collection[str], *, subject_kind: str, record_id: UUID
) -> dict[UUID, list[str]]:
    """Single names by `owner_id`, to look for them in texts: the people, the audit row and the cut of `reveal`."""
    opened = await reveal(unit, hidden, readable, subject_kind=subject_kind, record_id=record_id)
    return {owner: name.split() for owner, name in opened.items()}


async def names_beginning_like(unit: Unit, words: Collection[str]) -> set[str]:
    """Single names of students and colleagues that begin like one of these words; one audit row (decisions 16).

    They are for a comparison and not for showing.
    """
    keys = await keys_of(unit)
    parts = {part for word in words for part in names.beginnings(word) if len(part) > names.SHORTEST}
    hits = blinds.every(keys.blind, map(blinds.of_name, parts))
    rows = await repository.matching_any(unit, hits, ["student", "staff"])
    audit.record(unit, "person.compared", "person", [one.id for one in rows])
    return {name for one in rows for name in _unseal(unit, keys, one.id, one.identity).full_name.split()}


async def names_of_students(unit: Unit) -> set[str]:
    """Single names of every student, for a text that is about to leave the school (R-071); one audit row without them.

    They are for a comparison and not for showing.
    """
    keys = await keys_of(unit)
    rows = await repository.all_of_kind(unit, "student")
    audit.record(unit, "person.compared", "person", [])
    return {name for one in rows for name in _unseal(unit, keys, one.id, one.identity).full_name.split()}


async def code(unit: Unit, kind: str, owner_id: UUID, *, receiver: UUID | None = None) -> str:
    """The code of a person in one record for one organisation; codes of two records cannot be joined (S-19, R-068)."""
    return (await codes(unit, [(kind, owner_id)], receiver=receiver))[0]


async def codes(unit: Unit, owners: Iterable[tuple[str, UUID | str]], *, receiver: UUID | None = None) -> list[str]:
    """The same for a list, each owner with its kind, in the order given."""
    letters = (await keys_of(unit)).letters(receiver or unit.tenant_id)
    word = names.kinds(unit.language)
    return [f"{word[kind]}-{letters[str(owner)]}" for kind, owner in owners]


async def mentions(unit: Unit, text: str, person_ids: Collection[UUID], *, but: UUID) -> bool:
    """Whether a text seems to name one of these people; words that are also names of `but` may stand.

    Shows nobody a name: it only stops a text that is about to leave. A word counts that begins like a name, so that
    names in all their forms do, and some harmless words (decisions 15).
    """
    known = await _open(unit, {*person_ids, but})
    own = names.stems(known[but].family_name, known[but].given_name) if but in known else set()
    stems = {
        stem for person, one in known.items() if person != but for stem in names.stems(one.family_name, one.given_name)
    }
    return any(word.startswith(stem) for word in names.words(text) for stem in stems - own)


async def seal_text(unit: Unit, text: str, column: str, owner_id: UUID) -> bytes:
    """A narrative under the key of case documents, which is not the vault's (S-13).

    `column` is "table.column": a text opens nowhere but where it was written.
    """
    return (await keys_of(unit)).case.seal(text.encode(), owner=_owner(unit, column, owner_id))


async def open_text(unit: Unit, sealed: bytes, column: str, owner_id: UUID) -> str:
    """The narrative again. Raises SealBrokenError."""
    return (await keys_of(unit)).case.open(sealed, owner=_owner(unit, column, owner_id)).decode()


async def seal_people(unit: Unit, data: bytes, owner_id: UUID) -> bytes:
    """Seal identities that wait outside the person table, under the vault's own key (S-13)."""
    return (await keys_of(unit)).vault.seal(data, owner=_owner(unit, "people", owner_id))


async def open_people(unit: Unit, sealed: bytes, owner_id: UUID) -> bytes:
    """What `seal_people` sealed. Raises SealBrokenError."""
    return (await keys_of(unit)).vault.open(sealed, owner=_owner(unit, "people", owner_id))


async def seal_pieces(unit: Unit, pieces: Sequence[bytes], owner_id: UUID) -> list[bytes]:
    """Seal a file in pieces under the vault's own key; none can be left out, moved or put elsewhere."""
    key = (await keys_of(unit)).vault
    owners = _owners_of_pieces(unit, owner_id, len(pieces))
    return [key.seal(piece, owner=owner) for piece, owner in zip(pieces, owners, strict=True)]


async def open_pieces(unit: Unit, sealed: Sequence[bytes], owner_id: UUID) -> list[bytes]:
    """What `seal_pieces` sealed. Raises SealBrokenError."""
    key = (await keys_of(unit)).vault
    owners = _owners_of_pieces(unit, owner_id, len(sealed))
    return [key.open(piece, owner=owner) for piece, owner in zip(sealed, owners, strict=True)]


async def keys_since(unit: Unit) -> datetime | None:
    """What was sealed before opens nowhere: the keys of the organisation and every master key are of later."""
    return await repository.keys_since(unit)


def seal_slice(recipient_public: bytes, data: bytes, owner_id: UUID) -> bytes:
    """Seal what another organisation may know so that only it can open it."""
    return crypto.seal_to(recipient_public, data, owner=owner_id.bytes)


async def open_slice(unit: Unit, sealed: bytes, owner_id: UUID) -> bytes:
    """Open what was sealed for the unit's organisation. Raises SealBrokenError."""
    return (await keys_of(unit)).recipient.open_slice(sealed, owner=owner_id.bytes)


async def _change(unit: Unit, identities: Mapping[UUID, Identity]) -> None:
    keys, old = await keys_of(unit), await repository.identities(unit, identities)
    people: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for person_id, identity in identities.items():
        merged = _merged(_unseal(unit, keys, person_id, old[person_id].identity), identity)
        people.append(_sealed_person(unit, keys, person_id, merged))
        rows += _name_rows(unit, keys, person_id, merged)
    await repository.change(unit, people, rows)


def _sealed_person(unit: Unit, keys: Keys, person_id: UUID, identity: Identity) -> dict[str, object]:
    return {
        "tenant_id": unit.tenant_id,
        "id": person_id,
        "identity": keys.vault.seal(_encoder.encode(identity), owner=_owner(unit, "person", person_id)),
        "iin_blind": keys.blind.blind(blinds.of_iin(identity.iin)) if identity.iin else None,
    }


def _name_rows(unit: Unit, keys: Keys, person_id: UUID, identity: Identity) -> list[dict[str, object]]:
    made = (keys.blind.blind(value) for value in blinds.of_names(identity))
    return repository.rows_of_blinds(unit.tenant_id, person_id, made)


def _merged(old: Identity, new: Identity) -> Identity:
    """What is said anew; what is not said stays."""
    said = {name: value for name, value in msgspec.structs.asdict(new).items() if value}
    return replace(old, **said)


async def _open(unit: Unit, ids: Collection[UUID], *, kind: str | None = None) -> dict[UUID, Identity]:
    keys = await keys_of(unit)
    rows = await repository.identities(unit, ids)
    return {i: _unseal(unit, keys, i, one.identity) for i, one in rows.items() if kind in (None, one.kind)}


async def _full_names(unit: Unit, people: Collection[str]) -> dict[str, str]:
    """Names for a list, by the ids of people as text."""
    keys, rows, place = await keys_of(unit), await repository.sealed_names(unit, people), _place(unit, "person")
    opened = keys.vault.open_all([(sealed, f"{place}{person}".encode()) for person, sealed in rows])
    called = _of_list.decode(b"[%b]" % b",".join(opened))
    return {person: one.full_name for (person, _), one in zip(rows, called, strict=True)}


def _unseal(unit: Unit, keys: Keys, person_id: UUID, sealed: bytes) -> Identity:
    return _decoder.decode(keys.vault.open(sealed, owner=_owner(unit, "person", person_id)))


def _owner(unit: Unit, column: str, row_id: UUID) -> bytes:
    return f"{_place(unit, column)}{row_id}".encode()


def _place(unit: Unit, column: str) -> str:
    """What stands before the id of the row in the owner of a sealed value."""
    return f"{unit.tenant_id}|{column}|"


def _owners_of_pieces(unit: Unit, owner_id: UUID, count: int) -> list[bytes]:
    return [_owner(unit, f"piece {number} of {count}", owner_id) for number in range(count)]
