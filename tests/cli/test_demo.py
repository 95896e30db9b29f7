"""`make demo` that is killed, stopped and started again: the next start works, and nothing is left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from src.platform.cli.local import leftovers
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from tests.support.demos import ORDINARY, Demo, ends

pytestmark = pytest.mark.processes


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
    again = Demo(data, port, *ORDINARY)
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
    assert demo.stop(signal.SIGINT) == 130, demo.said
    assert "Traceback" not in demo.said
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


def test_a_second_ctrl_c_ends_what_waits_for_the_lock_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QORGAN_DATABASE_URL", "QORGAN_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    with LocalServers(tmp_path / "servers") as servers:
        named = {"QORGAN_DATABASE_URL": servers.database_url, "QORGAN_REDIS_URL": servers.redis_url}
        demo = Demo(tmp_path / "data", free_port(), **named)
        demo.wait_until("Ctrl-C")
        assert demo.stop() == 0
        with psycopg.connect(servers.database_url) as somebody:
            somebody.execute("lock table school_year")
            demo = Demo(tmp_path / "data", free_port(), **named)
            demo.wait_for(lambda: somebody.execute("select from pg_locks where not granted").fetchone() is not None)
            demo.send(signal.SIGINT)
            time.sleep(0.5)  # two at once are one
            assert demo.stop(signal.SIGINT) == 130, demo.said
            assert "Traceback" not in demo.said
