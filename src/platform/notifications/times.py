"""When an e-mail may go: at once, in the digest of the day, after the quiet hours; hours are Kazakhstan's (R-245)."""

from datetime import datetime

from src.platform.kit import clock
from src.platform.notifications.schemas import Choice
from src.platform.workdays.calendar import next_hour

_HOURS = 24


def due(choice: Choice, moment: datetime, *, urgent: bool) -> datetime:
    """When a message of this moment is to be mailed; the moment itself means at once."""
    if urgent:
        return moment
    return awake(choice, moment if choice.mode == "at_once" else next_hour(moment, choice.digest_at))


def awake(choice: Choice, moment: datetime) -> datetime:
    """The moment, or the end of the quiet hours that it lies in."""
    since = (moment.astimezone(clock.LOCAL_ZONE).hour - choice.quiet_from) % _HOURS
    is_quiet = since < (choice.quiet_to - choice.quiet_from) % _HOURS
    return next_hour(moment, choice.quiet_to) if is_quiet else moment
