"""The secrets of a local installation: made once, kept in one file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path

from src.platform.cli.local import problems

_NAMES = ("postgres_password", "valkey_password", "role_secret", "context_key", "master_key", "checkpoint_key")


def local_secrets(folder: Path) -> dict[str, str]:
    """The secrets of the data folder; what is missing is made, what is there stays.

    Raises LocalProblemError when data are there and their secrets are not.
    """
    file, fresh = folder / "secrets.json", folder / "secrets.json.new"
    known = _read(file, folder)
    if known.keys() >= set(_NAMES):
        return known
    made = {name: secrets.token_hex(32) for name in _NAMES} | known
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(made, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)  # whole or not at all, however the process ends
    return made


def _read(file: Path, folder: Path) -> dict[str, str]:
    if not file.exists() and not (folder / "postgres").exists():
        return {}
    try:
        known: dict[str, str] = json.loads(file.read_text())
    except (FileNotFoundError, ValueError) as error:
        raise problems.broken_secrets(folder) from error
    return known
