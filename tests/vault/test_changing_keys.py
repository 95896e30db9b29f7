"""The keys of an organisation change while it works: nothing is unreadable before, between and after (ADR 33)."""

import re
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import LargeBinary, text

from src.platform.cli.keys import KeysProblemError
from src.platform.kit import crypto
from src.platform.migrations.registry import metadata
from src.platform.vault import service as vault
from src.platform.vault.keys import keys_of
from src.platform.vault.schemas import Identity
from src.platform.vault.sealed import LINKS, SEALED
from tests.support import world as planted
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import as_person, inside
from tests.support.keys import Command, opened, qorgan_keys
from tests.support.people import Region
from tests.support.world import World, lived

NOT_SEALED = {
    *("api_answer.request", "api_token.token_hash", "api_token_code.token_hash", "attachment.content_blind"),
    *("audit_checkpoint.signature", "audit_head.hash", "audit_log.prev_hash", "audit_log.hash"),
    *("calendar_feed.token_hash", "calendar_feed_code.token_hash", "door_use.bucket", "form_draft.form"),
    *("form_draft.page", "invitation.code_blind", "invitation_code.code_blind", "mail_box.confirmed"),
    *("report_link.code_blind", "report_link_code.code_blind", "report_receipt.code_blind", "sent_form.blind"),
    *("user_session.token_hash", "user_session.csrf", "recovery_code.code_hash", "sign_in_name.blind"),
    *("tenants.recipient_key", "person.iin_blind", "person.contact_blind", "person_name_blind.blind"),
}
"""Fingerprints of people are recomputed; all others are hashes, or made with keys that stay (ADR 33)."""
BY_OTHER_KEYS = {"tenant_key.wrapped", "users.totp_sealed", "stash.content"}
NEVER_WRITTEN = {"audit_log.actor_sealed"}
DONE = "select phase is null and writes = 2 from key_change where tenant_id = %s"


def test_every_column_of_bytes_is_declared_to_the_change_of_keys() -> None:
    stored = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    sealed = {f"{one.table}.{one.column}" for one in SEALED}
    links = {f"{table}.{blind}" for table, _, blind in LINKS}
    assert stored == sealed | links | NOT_SEALED | BY_OTHER_KEYS | NEVER_WRITTEN
    assert not sealed & (NOT_SEALED | BY_OTHER_KEYS)


def test_a_version_opens_what_it_sealed_and_nothing_of_another() -> None:
    old, new = crypto.new_key(), crypto.new_key()
    first, second = crypto.seal(old, b"x", owner=b"o"), crypto.seal(new, b"x", owner=b"o", version=2)
    assert (crypto.version_of(first), crypto.version_of(second)) == (1, 2)
    assert crypto.unseal(new, second, owner=b"o") == b"x"
    for key, sealed in ((old, second), (new, first), (new, b"\x01" + second[1:]), (new, second[:9]), (old, b"")):
        with pytest.raises(crypto.SealBrokenError):
            crypto.unseal(key, sealed, owner=b"o")


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


async def found(region: Region, child: UUID) -> dict[str, object]:
    """What fingerprints find: by name, by number, in records, where rows are compared, an adult by name and phone."""
    async with as_person(region.saule) as work:
        by_name = {one.person_id for one in await vault.search(work, planted.VICTIM.family_name[:5], ["student"])}
        (known,) = await vault.recognise(work, [planted.VICTIM])
        blinds = await vault.blinds_of(work, child)
        contact = await vault.recognise_contacts(work, [COLLEAGUE])
    async with inside(region.organisations["school12"]) as work:
        stands = await work.session.execute(_STANDS, {"blinds": blinds})
        joined = await work.session.execute(_JOINED)
        return {
            "name": by_name,
            "number": known and known.person_id,
            "records": stands.scalar_one(),
            "joined": joined.scalar_one(),
            "contact": contact,
        }


COLLEAGUE = Identity(family_name="Кілтбаев", given_name="Нұр", phone="+77015550199")
_STANDS = text("select count(*) from participation where link_blind = any(:blinds)")
_JOINED = text(
    "select count(*) from child_case c join participation p on p.link_blind = c.link_blind and p.id = c.participation_id"
)


async def victim(region: Region) -> UUID:
    async with as_person(region.saule) as work:
        (known,) = await vault.recognise(work, [planted.VICTIM])
    assert known is not None
    return known.person_id


@pytest.mark.long
async def test_keys_change_killed_twice_and_every_value_opens_and_every_lookup_finds(
    region: Region, browser: Browser, database: str, world: World
) -> None:
    school = region.organisations["school12"]
    async with as_person(region.saule) as work:
        adult = await vault.add_person(work, "guardian", COLLEAGUE)
        assert set((await keys_of(work)).vault.versions) == {1}
    child = await victim(region)
    clear, lookups = await opened(school), await found(region, child)
    assert lookups == {"name": {child}, "number": child, "records": 1, "joined": 2, "contact": [adult]}
    assert len({key[:2] for key in clear}) >= 25, sorted({key[:2] for key in clear})

    # a request that began before is still at work: nothing may be destroyed under it
    async with as_person(region.gulnar) as slow:
        await vault.search(slow, "абв", ["student"])
        first = Command("rotate", "mek12")
        first.until(database, "select exists (select from key_change where phase = 'announced')")
        first.kill()
        late = await vault.add_person(slow, "student", Identity(family_name="Кешігулиев", given_name="Жазушы"))
    assert await opened(school) | clear == await opened(school)
    assert await found(region, child) == lookups
    assert "announced" in await qorgan_keys("status")

    # now killed between batches: one row is held, so the change cannot end
    with psycopg.connect(database) as holder:
        holder.execute("select from interview where notes is not null for update")
        second = Command("rotate", "mek12")
        second.until(database, "select exists (select from key_change where phase = 'writing')")
        second.until(
            database,
            "select bool_and(substring(description from 1 for 1) = '\\x03'::bytea) from report where tenant_id = %s",
            school,
        )
        second.kill()
    untouched = "select count(*) > 0 from interview where substring(notes from 1 for 1) = '\\x01'::bytea"
    assert rows(database, untouched) == [(True,)]
    assert {key: value for key, value in (await opened(school)).items() if key in clear} == clear
    assert await found(region, child) == lookups
    async with as_person(region.saule) as work:  # writes the new version, is found by it
        new = await vault.add_person(work, "student", Identity(family_name="Жаңабаева", given_name="Сымбат"))
    said = await qorgan_keys("status")
    assert re.search(r"mek12  writing  writes version 2, the other is 1, [1-9][0-9]* sealed values wait", said), said

    await qorgan_keys("rotate", "mek12")
    assert rows(database, DONE, school) == [(True,)]
    assert {key: value for key, value in (await opened(school)).items() if key in clear} == clear
    assert await found(region, child) == lookups
    async with as_person(region.saule) as work:
        for word, person in (("кешіг", late), ("жаңаб", new)):
            assert [one.person_id for one in await vault.search(work, word, ["student"])] == [person]
        assert set((await keys_of(work)).vault.versions) == {2}
    versions = "select distinct version from tenant_key where tenant_id = %s and purpose in ('vault', 'case', 'blind')"
    assert rows(database, versions, school) == [(2,)]
    told = "select action from audit_log where tenant_id = %s and action like 'keys.%%' order by seq"
    assert [one for (one,) in rows(database, told, school)] == ["keys.announced", "keys.turned", "keys.destroyed"]


@pytest.mark.long
async def test_slices_for_a_partner_and_for_the_city_open_after_their_keys_changed(
    region: Region, browser: Browser, database: str, world: World
) -> None:
    for short, code in (("umit", "umit"), ("city", "bilim"), ("commission", "ktizhk")):
        tenant = region.organisations[short]
        clear = await opened(tenant)
        await qorgan_keys("rotate", code)
        assert await opened(tenant) == clear
        assert short == "commission" or any(key[1] in ("sealed_slice", "peer_text", "peer_note") for key in clear), (
            short
        )
    referral = world.ids["referral_id"]
    timur = await browser(region.timur)
    assert planted.VICTIM.given_name in (await timur.act(f"/referrals/{referral}/open")).text
    assert planted.VICTIM.given_name not in (await (await browser(region.asel)).get(f"/referrals/{referral}")).text


async def test_without_such_an_organisation_nothing_happens(region: Region, database: str) -> None:
    with pytest.raises(KeysProblemError, match="No organisation has this code"):
        await qorgan_keys("rotate", "nobody")
    assert rows(database, "select count(*) from key_change where tenant_id = %s", region.operator) == [(0,)]
