"""Free ports of the loopback interface."""

import random
import socket
from contextlib import closing

# Below the range from which systems number outgoing connections: a port found here is still free when, seconds
# later, the program it was found for begins to listen.
_LOWEST, _HIGHEST = 10_000, 32_000


def free_port() -> int:
    """A port that nobody listens on now, drawn by lot so that two who ask at once hardly draw the same."""
    return next(port for port in iter(lambda: random.randint(_LOWEST, _HIGHEST), None) if is_free(port))  # noqa: S311


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
