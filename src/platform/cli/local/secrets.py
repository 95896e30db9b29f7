"""The secrets of a local installation: made once, kept in one file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path

_NAMES = ("postgres_password", "valkey_password", "role_secret", "context_key", "master_key")


def local_secrets(folder: Path) -> dict[str, str]:
    """The secrets of the data folder; made on the first call."""
    file = folder / "secrets.json"
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
        return known
    made = {name: secrets.token_hex(32) for name in _NAMES}
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(made, out)
    return made
