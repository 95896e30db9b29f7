"""The file of a backup: a tar, gzipped, sealed with age to public keys; a stream, never in clear on disk.

`age -d -i KEY FILE | tar xz` opens it without this program. Members: `format`, then every table as pieces of what COPY
says, then the manifest and its signature.
"""

import gzip
import io
import os
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyrage

from src.platform.cli.backup import problems

_LEVEL = 1  # sealed values do not shrink; the rest does at once
MOST_BYTES = 256 << 20
"""No member is larger: who makes a file by hand does not fill our memory."""


def new_key() -> tuple[str, str]:
    """(text of the file of the private key, public key)."""
    private = pyrage.x25519.Identity.generate()
    public = str(private.to_public())
    return f"# public key: {public}\n{private}\n", public


def recipients(named: list[str]) -> list[pyrage.x25519.Recipient]:
    """Whom to seal to. Raises LocalProblemError."""
    if not named:
        raise problems.no_recipient()
    found = []
    for one in named:
        try:
            found.append(pyrage.x25519.Recipient.from_str(one))
        except pyrage.RecipientError:
            raise problems.no_public_key(one) from None
    return found


def identities(file: Path) -> list[pyrage.x25519.Identity]:
    """The private keys of a file, one a line, beside comments. Raises LocalProblemError."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise problems.no_private_key(file) from None
    if not found:
        raise problems.no_private_key(file)
    return found


class Writer:
    """Puts members into the parcel, in order."""

    def __init__(self, clear: tarfile.TarFile) -> None:
        """Only `packed` makes one."""
        self._clear = clear

    def put(self, name: str, content: bytes) -> None:
        """One member. What stands in the tar beside its name and size says nothing."""
        about = tarfile.TarInfo(name)
        about.size = len(content)
        about.mode = 0o600
        self._clear.addfile(about, io.BytesIO(content))


class _Sink:
    """Where the sealed bytes go; remembers why they could not, which the sealing library tells as a text only."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.failed: OSError | None = None

    def write(self, some: bytes) -> int:
        try:
            return self._out.write(some)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        self._out.flush()


@contextmanager
def packed(out: IO[bytes], to: list[pyrage.x25519.Recipient]) -> Iterator[Writer]:
    """A parcel that is written into `out` as it grows. Raises what `out` raises."""
    sink = _Sink(out)
    try:
        with (
            _thread(lambda clear: pyrage.encrypt_io(clear, sink, to), "rb") as pipe,
            gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=_LEVEL, mtime=0) as small,
            tarfile.open(fileobj=small, mode="w|") as clear,
        ):
            yield Writer(clear)
    except pyrage.EncryptError:
        raise sink.failed or OSError from None


@contextmanager
def unpacked(file: Path, own: list[pyrage.x25519.Identity]) -> Iterator[Iterator[tuple[str, bytes]]]:
    """(name, content) of every member. Raises LocalProblemError: another key, or no whole file."""
    try:
        with file.open("rb") as source, _thread(lambda clear: pyrage.decrypt_io(source, clear, own), "wb") as pipe:
            yield _members(pipe)
            while pipe.read(1 << 20):  # what stands behind the last member must be whole as well
                pass
    except pyrage.DecryptError as error:
        raise (problems.wrong_key(file) if "matching keys" in str(error) else problems.damaged(file)) from None
    except (OSError, EOFError, tarfile.TarError, gzip.BadGzipFile, zlib.error):
        raise problems.damaged(file) from None


def _members(pipe: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    with gzip.GzipFile(fileobj=pipe, mode="rb") as small, tarfile.open(fileobj=small, mode="r|") as clear:
        for about in clear:
            content = clear.extractfile(about) if about.isfile() and about.size <= MOST_BYTES else None
            if content is None:
                raise tarfile.ReadError
            yield about.name, content.read()
        while small.read(1 << 20):
            pass


@contextmanager
def _thread(work: Callable[[IO[bytes]], None], its_end: str) -> Iterator[IO[bytes]]:
    """`work` at one end of a pipe, in a thread; the other end for the caller. Raises what the work raised."""
    reading, writing = os.pipe()
    theirs = os.fdopen(reading if its_end == "rb" else writing, its_end)
    ours = os.fdopen(writing if its_end == "rb" else reading, "wb" if its_end == "rb" else "rb")
    failed: list[Exception] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except Exception as error:  # noqa: BLE001  # raised again where somebody waits for it
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield ours
    except Exception:
        _close(ours)
        thread.join()
        if failed and not isinstance(failed[0], BrokenPipeError):
            raise failed[0] from None  # the reason; ours is its echo
        raise
    _close(ours)
    thread.join()
    if failed and not isinstance(failed[0], BrokenPipeError):
        raise failed[0]


def _close(end: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # nobody reads any more; why stands in the thread
        end.close()
