"""Each key of an organisation opens its own kind of thing, and no organisation has a key of another (S-13, S-19)."""

from dataclasses import fields
from uuid import UUID

import pytest
from sqlalchemy import select

from src.platform.kit import crypto
from src.platform.kit.crypto import SealBrokenError
from src.platform.kit.ids import new_id
from src.platform.vault import keys as vault_keys
from src.platform.vault import service as vault
from src.platform.vault.keys import Keys, keys_of
from src.platform.vault.models import Person
from src.platform.vault.schemas import Identity
from tests.support.inside import inside
from tests.support.people import Region

CHANGED, LASTING = ("vault", "case", "blind", "recipient"), ("code", "mark")


def bare_of(keys: Keys) -> dict[str, bytes]:
    """The keys as bytes: those that are changed in the version that is written now."""
    rings = {name: getattr(keys, name) for name in CHANGED}
    return {name: ring.versions[ring.writes] for name, ring in rings.items()} | {n: getattr(keys, n) for n in LASTING}


async def test_s_13_an_identity_opens_under_the_key_of_the_vault_and_a_text_under_that_of_documents(
    region: Region,
) -> None:
    row_id = new_id()
    async with inside(region.organisations["school12"]) as work:
        person_id = await vault.add_person(work, "student", Identity(family_name="Кілтова", given_name="Аяла"))
        identity = (await work.session.execute(select(Person.identity).where(Person.id == person_id))).scalar_one()
        text = await vault.seal_text(work, "Не болды", "incident.findings", row_id)
        keys = await keys_of(work)
    owners = {
        identity: ("vault", f"{region.organisations['school12']}|person|{person_id}".encode()),
        text: ("case", f"{region.organisations['school12']}|incident.findings|{row_id}".encode()),
    }
    bare = bare_of(keys)
    for sealed, (fitting, owner) in owners.items():
        assert crypto.unseal(bare[fitting], sealed, owner=owner)
        for other in bare.keys() - {fitting}:
            with pytest.raises(SealBrokenError):
                crypto.unseal(bare[other], sealed, owner=owner)


async def test_s_13_s_19_no_two_organisations_share_a_key_or_a_fingerprint_of_one_person(region: Region) -> None:
    person, seen, blinds = new_id(), [], set()
    for tenant_id in region.organisations.values():
        async with inside(tenant_id) as work:
            keys = await keys_of(work)
            blinds.add((await vault.blinds_of(work, person))[0])
        seen += bare_of(keys).values()
    assert len(seen) == sum(one.init for one in fields(Keys)) * len(region.organisations)
    assert len(set(seen)) == len(seen)
    assert len(blinds) == len(region.organisations)


async def test_s_13_keys_leave_the_memory_after_their_minutes_also_where_nobody_asks_again(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[UUID, object] = {}
    monkeypatch.setattr(vault_keys, "_kept", known)
    monkeypatch.setattr(vault_keys, "_LIFETIME_SECONDS", -1.0)
    for place in ("school12", "umit"):
        async with inside(region.organisations[place]) as work:
            await keys_of(work)
    assert list(known) == [region.organisations["umit"]]
