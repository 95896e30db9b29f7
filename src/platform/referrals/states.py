"""The life of a referral (process (e)); the database trigger knows the same moves by side."""

from src.platform.referrals.errors import WrongStateError

TRANSITIONS: dict[tuple[str, str], str] = {
    ("sent", "accept"): "accepted",
    ("sent", "decline"): "declined",
    ("sent", "recall"): "recalled",
    ("accepted", "complete"): "completed",
    ("accepted", "discontinue"): "discontinued",
}


def advance(state: str, event: str) -> str:
    """The state after an event. Raises WrongStateError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise WrongStateError from None


def events_of(state: str) -> frozenset[str]:
    """What may happen next."""
    return frozenset(event for known, event in TRANSITIONS if known == state)
