"""Names are sealed, found by their beginnings, opened one response at a time with an audit row."""

import subprocess
from uuid import UUID

import psycopg
import pytest

from src.platform.db.unit import Unit
from src.platform.kit.crypto import SealBrokenError
from src.platform.kit.errors import Invalid
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden, Identity
from tests.support.inside import as_person, inside
from tests.support.people import Region

ARMAN = Identity(
    family_name="Қанатбеков", given_name="Арман", patronymic="Ерланұлы", iin="120304500123", phone="+77010001122"
)


async def test_s_13_a_dump_of_the_whole_database_holds_no_name_in_clear(region: Region, database: str) -> None:
    async with inside(region.organisations["school12"]) as work:
        await vault.add_person(work, "student", ARMAN)
    with psycopg.connect(database) as admin:
        tables = [r[0] for r in admin.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()]
        dump = ""
        for table in tables:
            for row in admin.execute(f"select t::text from {table} t").fetchall():  # type: ignore[call-overload]  # noqa: S608
                dump += row[0]
    for canary in ("Қанатбеков", "Арман", "120304500123", "77010001122", "Akhmetova", "qorgan.test"):
        assert canary not in dump
        assert canary.encode().hex() not in dump
    assert len(dump) > 10_000


async def test_a_person_is_found_by_the_beginnings_of_names_and_the_search_is_audited(
    region: Region, database: str
) -> None:
    async with as_person(region.aigerim) as work:
        person_id = await vault.add_person(work, "student", Identity(family_name="Сейітова", given_name="Әсел"))
    async with as_person(region.aigerim) as work:
        found = await vault.search(work, "сейі әсе", ["student"])
    assert [(one.person_id, one.name) for one in found] == [(person_id, "Сейітова Әсел")]
    with psycopg.connect(database) as admin:
        row = admin.execute(
            "select record_ids, detail::text from audit_log where action = 'person.searched' and actor_id = %s",
            (region.aigerim.user_id,),
        ).fetchone()
    assert row is not None
    assert row[0] == [person_id]
    assert "сейі" not in row[1]


async def test_a_search_needs_three_letters(region: Region) -> None:
    async with as_person(region.aigerim) as work:
        with pytest.raises(Invalid):
            await vault.search(work, "се", ["student"])


async def test_another_school_finds_nothing(region: Region) -> None:
    async with as_person(region.aigerim) as work:
        await vault.add_person(work, "student", Identity(family_name="Оразова", given_name="Мадина"))
    async with as_person(region.erlan) as work:
        assert await vault.search(work, "оразова", ["student"]) == []


async def test_reveal_opens_only_what_every_class_allows_and_leaves_one_audit_row(
    region: Region, database: str
) -> None:
    record = new_id()
    async with as_person(region.saule) as work:
        victim, both = new_id(), new_id()
        person_id = await vault.add_person(work, "student", Identity(family_name="Нұрланов", given_name="Дамир"))
        hidden = [
            Hidden(
                owner_id=victim,
                sealed=(await vault.seal_link(work, person_id, victim)).sealed,
                classes=frozenset({"identity-victim"}),
            ),
            Hidden(
                owner_id=both,
                sealed=(await vault.seal_link(work, person_id, both)).sealed,
                classes=frozenset({"identity-victim", "identity-offender"}),
            ),
        ]
        seen = await vault.reveal(work, hidden, {"identity-victim"}, subject_kind="incident", record_id=record)
    assert seen == {victim: "Нұрланов Дамир"}
    with psycopg.connect(database) as admin:
        rows = admin.execute(
            "select classes from audit_log where action = 'identity.read' and record_ids[1] = %s", (record,)
        ).fetchall()
    assert rows == [(["identity-victim"],)]


async def test_a_link_moved_to_another_row_does_not_open(region: Region) -> None:
    async with inside(region.organisations["school12"]) as work:
        person_id = await vault.add_person(work, "student", Identity(family_name="Әлиев", given_name="Ержан"))
        link = await vault.seal_link(work, person_id, new_id())
        with pytest.raises(SealBrokenError):
            await vault.open_link(work, link.sealed, new_id())


async def test_s_13_a_link_that_was_shown_and_then_moved_to_another_row_does_not_open(region: Region) -> None:
    """What a process remembers of links opens nothing that the row itself would not (ADR 44)."""
    owners = [new_id(), new_id()]
    async with as_person(region.aigerim) as work:
        people = [
            await vault.add_person(work, "student", Identity(family_name=name, given_name="Ержан"))
            for name in ("Әлиев", "Серіков")
        ]
        links = [(await vault.seal_link(work, *pair)).sealed for pair in zip(people, owners, strict=True)]
        for _ in range(2):
            assert await _shown(work, owners, links) == ["Әлиев Ержан", "Серіков Ержан"]
        with pytest.raises(SealBrokenError):
            await _shown(work, owners, links[::-1])


async def _shown(work: Unit, owners: list[UUID], links: list[bytes]) -> list[str]:
    classes = frozenset({"identity-victim"})
    hidden = [Hidden(owner_id=owner, sealed=link, classes=classes) for owner, link in zip(owners, links, strict=True)]
    names = await vault.reveal(work, hidden, classes, subject_kind="incident", record_id=new_id())
    return [names[owner] for owner in owners]


async def test_s_19_codes_differ_between_records_and_receivers(region: Region) -> None:
    async with inside(region.organisations["school12"]) as work:
        codes = {
            await vault.code(work, "child", owner, receiver=receiver)
            for owner in (new_id(), new_id())
            for receiver in (None, region.organisations["umit"], region.organisations["commission"])
        }
    assert len(codes) == 6
    assert all(code.startswith("Бала-") for code in codes)


async def test_a_slice_opens_for_its_receiver_only(region: Region) -> None:
    referral = new_id()
    async with inside(region.organisations["school12"]) as work:
        partner = await tenants.organisation(work, region.organisations["umit"])
        sealed = vault.seal_slice(partner.recipient_key, b"name and phone", referral)
        with pytest.raises(SealBrokenError):
            await vault.open_slice(work, sealed, referral)
    async with inside(region.organisations["umit"]) as work:
        assert await vault.open_slice(work, sealed, referral) == b"name and phone"
        with pytest.raises(SealBrokenError):
            await vault.open_slice(work, sealed, new_id())


def test_s_13_no_other_module_touches_the_tables_of_the_vault() -> None:
    found = subprocess.run(
        ["grep", "-rlE", r"vault(\.| import )(models|repository)", "src/platform", "--include=*.py"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert all(name.startswith("src/platform/vault/") for name in found)
