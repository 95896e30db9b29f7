"""Backups that tests make, open and bend."""

import json
from pathlib import Path

import msgspec

from src.platform.cli.backup import manifest, parcel
from src.platform.cli.backup.manifest import Manifest
from src.platform.kit import clock
from src.platform.kit.settings import settings


class Safe:
    """A pair of keys; the private half lies in `file`, away from the service."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "offline.key"
        text, self.public = parcel.new_key()
        self.file.write_text(text)

    @property
    def recipients(self) -> str:
        return json.dumps([self.public])

    def opened(self, file: Path) -> dict[str, bytes]:
        """Every member of a backup in clear."""
        with parcel.unpacked(file, parcel.identities(self.file)) as found:
            return dict(found)

    def sealed(self, file: Path, members: dict[str, bytes]) -> Path:
        """A file made by somebody who knows the public key only, as everybody may."""
        with file.open("wb") as out, parcel.packed(out, parcel.recipients([self.public])) as writer:
            for name, content in members.items():
                writer.put(name, content)
        return file

    def bent(self, file: Path, aside: Path, change: "dict[str, bytes] | None" = None, **changes: object) -> Path:
        """A copy with another manifest, signed as if this region had made it."""
        members = self.opened(file) | (change or {})
        made = msgspec.structs.replace(manifest_of(members), **changes)
        return self.sealed(aside, members | signed(made))


def manifest_of(members: dict[str, bytes]) -> Manifest:
    return msgspec.json.decode(members["manifest.json"], type=Manifest)


def signed(made: Manifest, seed: bytes | None = None) -> dict[str, bytes]:
    content = msgspec.json.encode(made)
    seal = manifest.signature(content, seed or settings().key("checkpoint"))
    return {"manifest.json": content, "manifest.signature": seal}


def little(seed: bytes, **changes: object) -> dict[str, bytes]:
    """The members of a backup without a table."""
    made = Manifest(manifest.FORMAT, clock.real_now(), "0043_backup", "18", {}, [], {}, {})
    return {"format": b"1", **signed(msgspec.structs.replace(made, **changes), seed)}
