"""Free ports of the loopback interface."""

import socket
from contextlib import closing


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def next_free_port(after: int) -> int:
    """The next port that could be named instead of a taken one."""
    return next((port for port in range(after + 1, min(after + 200, 65536)) if is_free(port)), free_port())


def is_free(port: int) -> bool:
    """Whether a program of ours could listen there."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
