"""Reading a backup through before anything is made: key, wholeness, version, signature, fingerprints."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from src.platform.cli.backup import manifest, parcel, problems
from src.platform.cli.backup.manifest import Manifest
from src.platform.migrations import run as migrations


def check(file: Path, key: Path, public: bytes) -> Manifest:
    """The manifest of a whole file of this region. Raises LocalProblemError."""
    digests: dict[str, Any] = {}
    said, signed = b"", b""
    with members(file, key) as found:
        for name, content in found:
            if (table := table_of(name)) is not None:
                digests.setdefault(table, sha256()).update(content)
            elif name == "manifest.json":
                said = content
            elif name == "manifest.signature":
                signed = content
    if not manifest.is_signed(said, signed, public):
        raise problems.not_signed(file)
    try:
        made = msgspec.json.decode(said, type=Manifest)
    except msgspec.DecodeError:
        raise problems.damaged(file) from None
    wanted = {name: table.sha256 for name, table in made.tables.items()}
    empty = sha256().hexdigest()
    if wanted != {name: digests[name].hexdigest() if name in digests else empty for name in digests.keys() | wanted}:
        raise problems.damaged(file)
    if not _is_known(made.migration):
        raise problems.other_version(file, f"schema {made.migration}")
    return made


@contextmanager
def members(file: Path, key: Path) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Every member behind the first, which says in which format they are. Raises LocalProblemError."""
    with parcel.unpacked(file, parcel.identities(key)) as found:
        name, content = next(found, ("", b""))
        if name != "format":
            raise problems.damaged(file)
        if content != str(manifest.FORMAT).encode():
            raise problems.other_version(file, f"format {content[:8].decode(errors='replace')}")
        yield found


def table_of(name: str) -> str | None:
    """The table of a member, if it is a piece of one."""
    folder, _, rest = name.partition("/")
    return rest.partition("/")[0] if folder == "tables" else None


def _is_known(migration: str) -> bool:
    try:
        return ScriptDirectory.from_config(migrations.config()).get_revision(migration) is not None
    except CommandError:
        return False
