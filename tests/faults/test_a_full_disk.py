"""The disk of PostgreSQL and Valkey fills up under load, on a file system of its own, so that no other disk is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
_OWN = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = 'mount -t tmpfs -o size={size} none "$QORGAN_SMALL_DISK" && exec "$@"'


def test_s_54_a_full_disk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    disk = tmp_path_factory.mktemp("disk")
    own = {name: value for name, value in os.environ.items() if not name.startswith("QORGAN_")}
    own |= {"QORGAN_SMALL_DISK": str(disk)}
    tried = subprocess.run(
        [*_OWN, "sh", "-c", _MOUNT.format(size="1m"), "sh", "true"],
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"this machine lets nobody mount a file system of their own: {tried.stderr.strip()}")
    play = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        f"--basetemp={tmp_path / 'inside'}",
        "tests/faults/small_disk.py",
    ]
    done = subprocess.run(
        [*_OWN, "sh", "-c", _MOUNT.format(size="400m"), "sh", *play],
        env=own,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    print(next((line for line in done.stdout.splitlines() if line.startswith("disk")), ""))  # noqa: T201
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
