"""The life of a request. Its state is derived: an hour that passes ends it without anybody's doing (S-14, S-36)."""

from datetime import datetime, timedelta

from src.platform.grants.errors import NotNowError
from src.platform.grants.models import AccessGrant

WAITS = timedelta(hours=72)
"""How long a request may wait for its decision [D]: what was urgent then is another question later."""
TRANSITIONS: dict[tuple[str, str], str] = {
    ("asked", "agree"): "half",
    ("asked", "agree_last"): "open",
    ("half", "agree_last"): "open",
    ("asked", "refuse"): "refused",
    ("half", "refuse"): "refused",
    ("asked", "withdraw"): "withdrawn",
    ("half", "withdraw"): "withdrawn",
    ("open", "withdraw"): "withdrawn",
    ("ended", "review"): "reviewed",
    ("withdrawn", "review"): "reviewed",
}
WAITING = ("asked", "half")


def state_of(row: AccessGrant, now: datetime) -> str:
    """What stands at a moment: asked, half, refused, withdrawn, lapsed, open, ended."""
    if row.refused_at is not None:
        return "refused"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.starts_at is not None and row.ends_at is not None:
        return "open" if row.starts_at <= now < row.ends_at else "ended"
    if now >= row.asked_at + WAITS:
        return "lapsed"
    return "half" if row.first_by is not None else "asked"


def advance(state: str, event: str) -> str:
    """The state after an event. Raises NotNowError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotNowError from None
