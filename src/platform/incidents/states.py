"""The life of an incident. There is no way past screening and investigation (R-035)."""

from src.platform.incidents.errors import WrongStateError

TRANSITIONS: dict[tuple[str, str], str] = {
    ("reported", "screen"): "screened",
    ("screened", "screen"): "screened",  # the names of who investigates are amended until the talks begin
    ("screened", "start_investigation"): "under_investigation",
    ("under_investigation", "finish_investigation"): "investigated",
    ("investigated", "classify"): "classified",
    ("classified", "close"): "closed",
    ("classified", "reopen"): "under_investigation",
    ("closed", "reopen"): "under_investigation",
}
OPEN_FOR_PEOPLE = frozenset({"reported", "screened", "under_investigation"})
LINKED = "linked"
"""What is left of an incident whose reports are those of another one: it stays, and only points there (R-034)."""
LINKABLE = ("reported", "screened", "under_investigation")
"""In the order of the work: an incident is linked to one that has come as far, never the other way round."""


def advance(state: str, event: str) -> str:
    """The state after an event. Raises WrongStateError for a move that process (a) does not have."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise WrongStateError from None


def events_of(state: str) -> frozenset[str]:
    """What may happen next."""
    return frozenset(event for (known, event) in TRANSITIONS if known == state)
