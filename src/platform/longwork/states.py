"""The life of a piece of long work.

There is no state of being cancelled: who cancels waits for the step that runs, which is short, and no other begins.
"""

from src.platform.longwork.errors import NotNowError

TRANSITIONS: dict[tuple[str, str], str] = {
    ("waiting", "step"): "running",
    ("running", "step"): "running",
    ("waiting", "finish"): "done",
    ("running", "finish"): "done",
    ("waiting", "fail"): "failed",
    ("running", "fail"): "failed",
    ("waiting", "cancel"): "cancelled",
    ("running", "cancel"): "cancelled",
    ("cancelled", "go_on"): "waiting",
    ("failed", "go_on"): "waiting",
}
LIVING = ("waiting", "running")


def advance(state: str, event: str) -> str:
    """The state after an event. Raises NotNowError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotNowError from None
