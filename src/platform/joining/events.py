"""What is told of a second factor that was lost, to who owns it."""

from enum import Enum


class Told(Enum):
    """What happened; the message names nobody."""

    STARTED = "started"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
