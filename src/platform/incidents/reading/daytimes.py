"""Times of the day and days of the week, as the list is narrowed by them and as others count them: one meaning."""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, or_

from src.platform.incidents.models import Incident, Participation

DAYTIMES: Mapping[str, time] = MappingProxyType(
    {
        "before_8": time(0),
        "from_8": time(8),
        "from_10": time(10),
        "from_12": time(12),
        "from_14": time(14),
        "from_16": time(16),
        "from_18": time(18),
    }
)
"""Each lasts until the next begins: two hours are about two lessons with the break between them [D]."""


def daytime() -> ColumnElement[str]:
    """The time of day of an incident; null where nobody said it."""
    latest_first = sorted(DAYTIMES.items(), key=lambda one: one[1], reverse=True)
    return case(*((Incident.happened_time >= begins, name) for name, begins in latest_first))


def weekday() -> ColumnElement[int]:
    """Monday is 1; null where the day is not known, or where it was more than one."""
    one_day = or_(Incident.happened_until.is_(None), Incident.happened_until == Incident.happened_on)
    return case((one_day, cast(func.extract("isodow", Incident.happened_on), Integer)))


_is_screened = Incident.state != "reported"
LACKS: Mapping[str, ColumnElement[bool]] = MappingProxyType(
    {
        "place": Incident.place.is_(None),
        "day": Incident.happened_on.is_(None),
        "time": Incident.happened_time.is_(None),
        "behaviour": func.cardinality(Incident.problem_behaviours) == 0,
        "people": and_(_is_screened, ~exists().where(Participation.incident_id == Incident.id)),
    }
)
"""What an incident does not say yet; that nobody is named in it is noted from the screening on."""
