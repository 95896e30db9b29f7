"""Opening the wrapped keys of an organisation; kept for some minutes, never logged, never stored bare.

While the keys of an organisation are changed, two versions stand beside each other: values tell which one seals them,
and fingerprints are looked for in both. A transaction is told the number of changes so far (`key_epoch`) when it begins
and stays with the keys it then finds; whoever changes keys waits until no older transaction is left (ADR 33).
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from sqlalchemy import Row, select

from src.platform.db import session as db_session
from src.platform.db.unit import Unit
from src.platform.kit import crypto, master
from src.platform.tenants import service as tenants
from src.platform.vault import names
from src.platform.vault.models import KeyChange, TenantKey
from src.platform.vault.schemas import Hidden, Id

_LIFETIME_SECONDS = 300.0
_MOST_TENANTS, _MOST_LINKS = 2_000, 5_000
_MOST_READERS, _MOST_LETTERS = 20, 5_000
_PINNED = "keys"


@dataclass(frozen=True, slots=True)
class Ring:
    """A key in its versions: one seals, each opens."""

    versions: Mapping[int, bytes] = field(repr=False)
    writes: int
    _opener: crypto.Opener = field(init=False, repr=False, compare=False)
    _links: dict[UUID | str, tuple[bytes, str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Make the ciphers."""
        object.__setattr__(self, "_opener", crypto.Opener(self.versions))

    def seal(self, clear: bytes, *, owner: bytes) -> bytes:
        """Seal under the version that is written now."""
        return crypto.seal(self.versions[self.writes], clear, owner=owner, version=self.writes)

    def open(self, sealed: bytes, *, owner: bytes) -> bytes:
        """Open what any of the versions sealed. Raises SealBrokenError."""
        return self._opener.open(sealed, owner=owner)

    def open_links(self, links: Iterable[Hidden[Id]], *, place: str) -> list[str]:
        """Ids of people from references, as text. Raises SealBrokenError.

        What was opened is remembered as long as the ring itself, some minutes: a list shows the same rows again and
        again, and a reference tells no more than the ring could.
        """
        known, people = self._links, []
        if len(known) > _MOST_LINKS:
            known.clear()
        for link in links:
            row, sealed = link.owner_id, link.sealed
            one = known.get(row)
            if one is None or one[0] != sealed:
                one = known[row] = sealed, str(UUID(bytes=self.open(sealed, owner=f"{place}{row}".encode())))
            people.append(one[1])
        return people

    def open_all(self, sealed: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """The same of many, each with its owner."""
        return self._opener.open_all(sealed)

    def blind(self, value: bytes) -> bytes:
        """The fingerprint that is stored now."""
        return crypto.blind(self.versions[self.writes], value)

    def blinds(self, value: bytes) -> list[bytes]:
        """Every fingerprint under which a row may stand, the one that is stored now first."""
        others = [crypto.blind(key, value) for version, key in self.versions.items() if version != self.writes]
        return [self.blind(value), *others]

    def open_slice(self, sealed: bytes, *, owner: bytes) -> bytes:
        """Open what was sealed for the public half of any of the versions. Raises SealBrokenError."""
        for private in self.versions.values():
            if len(self.versions) == 1:
                return crypto.unseal_as(private, sealed, owner=owner)
            try:
                return crypto.unseal_as(private, sealed, owner=owner)
            except crypto.SealBrokenError:
                continue
        raise crypto.SealBrokenError


class Letters(dict[str, str]):
    """Of the codes for one reader, by the person in one record: a list is asked for again and again."""

    def __init__(self, key: bytes, reader: UUID) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._key, self._reader = key, reader.bytes

    def __missing__(self, owner: str) -> str:
        """Make them."""
        if len(self) >= _MOST_LETTERS:
            self.clear()
        made = self[owner] = names.letters(crypto.blind(self._key, UUID(owner).bytes + self._reader))
        return made


@dataclass(frozen=True, slots=True)
class Keys:
    """The bare keys of one organisation. `code` and `mark` have one version for good."""

    vault: Ring
    case: Ring
    blind: Ring
    recipient: Ring
    code: bytes = field(repr=False)
    mark: bytes = field(repr=False)
    _letters: dict[UUID, Letters] = field(init=False, repr=False, compare=False, default_factory=dict)

    def letters(self, reader: UUID) -> Letters:
        """Of the codes that one organisation reads, remembered as long as these keys."""
        known = self._letters.get(reader)
        if known is None:
            if len(self._letters) >= _MOST_READERS:
                self._letters.clear()
            known = self._letters[reader] = Letters(self.code, reader)
        return known


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    epoch: int
    keys: Keys


_kept: dict[UUID, _Kept] = {}


async def keys_of(unit: Unit) -> Keys:
    """The keys of the unit's organisation. Raises MasterUnknownError when the master key is another one."""
    of_transaction = db_session.of_transaction(unit.session)
    pinned: Keys | None = of_transaction.get(_PINNED)
    if pinned is not None:
        return pinned
    epoch: int = db_session.opened(unit.session)["key_epoch"]
    known = _kept.get(unit.tenant_id)
    if known is None or known.until < time.monotonic() or known.epoch != epoch:
        known = _Kept(time.monotonic() + _LIFETIME_SECONDS, epoch, await read(unit))
        _forget_what_ended()
        _kept[unit.tenant_id] = known
    of_transaction[_PINNED] = known.keys
    return known.keys


def _forget_what_ended() -> None:
    """Also the keys of an organisation for which nobody asks again."""
    now, kept = time.monotonic(), list(_kept.items())
    for tenant_id, one in kept:
        if one.until < now or len(kept) >= _MOST_TENANTS:
            _kept.pop(tenant_id, None)


async def read(unit: Unit) -> Keys:
    """The keys as the tables have them now."""
    query = select(TenantKey.purpose, TenantKey.version, TenantKey.master, TenantKey.wrapped, KeyChange.writes)
    query = query.outerjoin(KeyChange, KeyChange.tenant_id == TenantKey.tenant_id)
    rows = (await unit.session.execute(query.order_by(TenantKey.purpose, TenantKey.version))).all()
    rings = {purpose: _ring(unit, list(found)) for purpose, found in groupby(rows, lambda row: str(row.purpose))}
    rings.setdefault("mark", rings["blind"])  # of an organisation from before marks had a key of their own
    lasting = {purpose: rings.pop(purpose).versions[tenants.FIRST_KEY_VERSION] for purpose in tenants.LASTING_KEYS}
    return Keys(**rings, **lasting)  # type: ignore[arg-type]  # rings by purpose, lasting keys bare


def _ring(unit: Unit, rows: Sequence[Row[str, int, str, bytes, int]]) -> Ring:
    opened = {}
    for version, found in groupby(rows, lambda row: int(row.version)):
        same = list(found)
        owner = tenants.key_owner(unit.tenant_id, same[0].purpose, version)
        opened[version] = master.unwrap({row.master: row.wrapped for row in same}, owner=owner)
    return Ring(opened, rows[0].writes or tenants.FIRST_KEY_VERSION)
