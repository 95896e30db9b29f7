"""A core of its own for the server that is measured, the others for whatever asks and answers it.

Where the database and the server share a core, the one throws the other off it in the middle of a request and empties
its caches: a cost of the machine and not of our code, and in a region the two stand on machines of their own (ADR 45).
A machine with one core, or one that cannot be told (macOS), measures without.
"""

import os


def _all() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []


_MEASURED, _OTHERS = _all()[:1], _all()[1:]


def leave_one() -> None:
    """This process, and whatever it starts from now on, leaves the first core to the server."""
    if _OTHERS:
        os.sched_setaffinity(0, _OTHERS)


def give_it_to(pid: int) -> None:
    """A server that has just been started has that core, alone."""
    if _OTHERS:
        os.sched_setaffinity(pid, _MEASURED)
