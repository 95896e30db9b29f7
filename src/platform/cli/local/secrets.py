"""The secrets of a local installation: made once, kept in one file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path

_NAMES = ("postgres_password", "valkey_password", "role_secret", "context_key", "master_key", "checkpoint_key")


def local_secrets(folder: Path) -> dict[str, str]:
    """The secrets of the data folder; what is missing is made, what is there stays."""
    file, fresh = folder / "secrets.json", folder / "secrets.json.new"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if known.keys() >= set(_NAMES):
        return known
    made = {name: secrets.token_hex(32) for name in _NAMES} | known
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(made, out)
    fresh.replace(file)  # whole or not at all, however the process ends
    return made
