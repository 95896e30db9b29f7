"""What can stand in the way on a machine, as sentences with a way out."""


class LocalProblemError(Exception):
    """Something on this machine stands in the way; the text tells what to do about it."""


def port_taken(port: int) -> LocalProblemError:
    """Another program listens there."""
    return LocalProblemError(
        f"Port {port} is taken by another program. Stop it, or choose another port: QORGAN_PORT={port + 1} make demo"
    )


def no_space(folder: str, needed_mb: int) -> LocalProblemError:
    """The disk is nearly full."""
    return LocalProblemError(
        f"Less than {needed_mb} MB are free where {folder} lies. Free some space, or put the data elsewhere: "
        "QORGAN_DATA=/another/folder make demo"
    )


def unsupported_platform(part: str) -> LocalProblemError:
    """No wheel with a server for this platform."""
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


def would_not_start(part: str, log: str) -> LocalProblemError:
    """The server ended again; its own words are in the log."""
    return LocalProblemError(
        f"{part} did not start. Its own words are in {log}. `make clean` throws the local data away."
    )
