"""The life of a letter; the database trigger knows the same moves by side. The city may ask once more."""

from src.platform.oversight.errors import LetterStateError

TRANSITIONS: dict[tuple[str, str], str] = {
    ("sent", "answer"): "answered",
    ("sent", "withdraw"): "withdrawn",
    ("answered", "ask"): "asked_again",
    ("answered", "close"): "closed",
    ("asked_again", "answer"): "answered_again",
    ("asked_again", "close"): "closed",
    ("answered_again", "close"): "closed",
}
WAITING = ("sent", "asked_again")
"""The school owes an answer."""
GROUPS = {"open": WAITING, "answered": ("answered", "answered_again"), "over": ("closed", "withdrawn")}
"""What a list is narrowed by."""


def advance(state: str, event: str) -> str:
    """The state after an event. Raises LetterStateError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise LetterStateError from None


def events_of(state: str) -> frozenset[str]:
    """What may happen next."""
    return frozenset(event for known, event in TRANSITIONS if known == state)
