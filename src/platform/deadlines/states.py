"""The state of an obligation is derived from its facts and the present moment."""

from datetime import datetime
from typing import Literal, Protocol

State = Literal["open", "amber", "overdue", "met_in_time", "met_late", "missed", "cancelled"]


class Timed(Protocol):
    """What stands in a clock, however it was read."""

    @property
    def target_at(self) -> datetime: ...  # noqa: D102
    @property
    def due_at(self) -> datetime: ...  # noqa: D102
    @property
    def met_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def cancelled_at(self) -> datetime | None: ...  # noqa: D102


def state_of(row: Timed, now: datetime) -> State:
    """What a page shows of an obligation."""
    if row.cancelled_at is not None:
        return "missed" if row.cancelled_at > row.due_at else "cancelled"
    if row.met_at is not None:
        return "met_in_time" if row.met_at <= row.due_at else "met_late"
    if now > row.due_at:
        return "overdue"
    return "amber" if now > row.target_at else "open"
