"""Domain time.

`now()` is the only source of domain time. On a database marked `test` it carries an offset that the unit of work
reads at transaction start, so that web, worker and relay agree (decisions 3). Sessions, second factors, leases and
signatures use `real_now()`.

While a unit of work of the anonymous channel is open, `now()` is the local hour: nothing finer can be stored (S-18).
"""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Almaty")

_offset: ContextVar[timedelta] = ContextVar("qorgan_clock_offset", default=timedelta())
_only_hours: ContextVar[bool] = ContextVar("qorgan_clock_only_hours", default=False)


def now() -> datetime:
    """The present moment of the domain, in UTC."""
    moment = real_now() + _offset.get()
    return local_hour(moment) if _only_hours.get() else moment


def real_now() -> datetime:
    """The moment of the machine, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day of a moment in Kazakhstan (R-245)."""
    return moment.astimezone(LOCAL_ZONE).date()


def local_hour(moment: datetime) -> datetime:
    """A moment cut down to its local hour: all that the anonymous channel may keep (S-18)."""
    return moment.astimezone(LOCAL_ZONE).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def tells_hours_only() -> bool:
    """Whether the current task works for somebody of whom not even the minute may be kept."""
    return _only_hours.get()


def tell_hours_only(*, on: bool) -> None:
    """Begin or end that for the current task. Called by the unit of work only."""
    _only_hours.set(on)


def set_offset(offset: timedelta) -> None:
    """Shift domain time for the current task. Called by the unit of work only."""
    _offset.set(offset)
