"""What can stand in the way on a machine, as sentences with a way out."""

import errno
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.EEXIST, errno.ENOTDIR}
_ELSEWHERE = "QORGAN_DATA=/another/folder make demo"


class LocalProblemError(Exception):
    """Something on this machine stands in the way; the text tells what to do about it."""


def port_taken(port: int, free: int) -> LocalProblemError:
    """Another program listens there."""
    return LocalProblemError(
        f"Port {port} is taken by another program. Stop it, or choose another port: QORGAN_PORT={free} make demo"
    )


def no_port(value: str) -> LocalProblemError:
    """QORGAN_PORT is no number of a port that an ordinary user may take."""
    return LocalProblemError(f"“{value}” is not a port. Choose a number from 1024 to 65535: QORGAN_PORT=8000 make demo")


def already_running(folder: Path) -> LocalProblemError:
    """Another demo works on the same data."""
    return LocalProblemError(
        f"A demo is running already with the data in {folder}. Stop it with Ctrl-C in its window, "
        f"or start this one on other data and another port: QORGAN_PORT=8001 {_ELSEWHERE}"
    )


def no_space(folder: Path, needed_mb: int) -> LocalProblemError:
    """The disk is nearly full."""
    return LocalProblemError(
        f"Less than {needed_mb} MB are free where {folder} lies. Free some space, "
        f"or put the data elsewhere: {_ELSEWHERE}"
    )


def of_system(error: OSError, folder: Path, needed_mb: int) -> LocalProblemError | None:
    """The sentence for what the operating system refused, if it is about the place of the data."""
    if error.errno in _FULL:
        return no_space(folder, needed_mb)
    if error.errno in _FORBIDDEN:
        return LocalProblemError(
            f"{error.filename or folder} may not be read or written by you, perhaps because another user made it. "
            f"Run as that user, or put the data elsewhere: {_ELSEWHERE}"
        )
    if error.errno in _NO_FOLDER:
        return LocalProblemError(f"{error.filename or folder} is not a folder. Put the data elsewhere: {_ELSEWHERE}")
    return None


def unsupported_platform(part: str) -> LocalProblemError:
    """No wheel with a server for this platform, or one that cannot run on it."""
    return LocalProblemError(
        f"There is no built-in {part} for this platform. Start your own and name it: "
        "QORGAN_DATABASE_URL=postgresql://… QORGAN_REDIS_URL=redis://… make demo"
    )


def no_user_namespaces() -> LocalProblemError:
    """PostgreSQL refuses to run as root, and root may not become somebody else here."""
    return LocalProblemError(
        "PostgreSQL does not run as root, and this machine allows no user namespaces. Run the command as an ordinary "
        "user, or name a running server: QORGAN_DATABASE_URL=postgresql://… make demo"
    )


def unreachable(part: str, variable: str) -> LocalProblemError:
    """A server that the environment names does not answer, or does not let us in."""
    return LocalProblemError(
        f"The {part} named by {variable} does not answer or does not let us in. Check its address and password, "
        "or leave the variable out: a built-in server is started then."
    )


def history_needs_its_own() -> LocalProblemError:
    """The region with a history moves the clock of its database and empties one that was broken off."""
    return LocalProblemError(
        "The region with half a year of history needs a database of its own. Leave QORGAN_DATABASE_URL out: "
        "a built-in server is started then."
    )


def broken_secrets(folder: Path) -> LocalProblemError:
    """The passwords of the data are gone or unreadable, so that nobody can open the data any more."""
    return LocalProblemError(
        f"The secrets of the data in {folder} are gone or damaged. `make clean` throws the local data away; "
        "the demo region is made again."
    )


def would_not_start(part: str, log: Path) -> LocalProblemError:
    """The server ended again; its last words stand here, all of them in the log."""
    return LocalProblemError(
        f"{part} did not start.{_last_words(log)} More is in {log}. `make clean` throws the local data away."
    )


def ended(part: str, log: Path) -> LocalProblemError:
    """A process ended by itself while the demo was running."""
    return LocalProblemError(f"{part} has ended by itself.{_last_words(log)} More is in {log}. Start the demo again.")


def would_not_stop(part: str, pid: int) -> LocalProblemError:
    """Something left by a killed run goes on and does not listen."""
    return LocalProblemError(
        f"{part} of the last run still goes on and does not end. End it by hand and start again: kill -9 {pid}"
    )


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").split("\n")
    except OSError:
        return ""
    return next((f" It said: “{line.strip()[:200]}”." for line in reversed(lines) if line.strip()), "")
